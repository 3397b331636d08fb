"""User attributes, and the values that users and groups have of them."""
