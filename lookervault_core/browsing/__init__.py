"""Look at a vault as a whole: its nights, what is in it by folder and name, what a night brought."""
