"""Who may see folders and boards."""
