"""What is to be written, removed, left or blocked, and why."""
