"""Match each item of the backup with a live object, or with none."""
