"""Who may see or edit what: read from a snapshot, worked out from nothing else."""
