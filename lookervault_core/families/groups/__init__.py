"""Groups: who is in them, groups in groups, and what names them."""
