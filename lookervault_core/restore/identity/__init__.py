"""Which live object each item of the backup is."""
