"""The proof that a restore did what its plan says."""
