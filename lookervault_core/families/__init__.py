"""The code that only one family of content types needs, because a row in the catalog cannot say it."""
