"""What only one family of content types knows, and its row in the catalog cannot say."""
