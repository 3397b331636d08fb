"""What snapshots hold: pages kept, items read, blobs checked, snapshots shown and removed."""
