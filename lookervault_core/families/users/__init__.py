"""Users: what of theirs lies in other objects, and how they log in."""
