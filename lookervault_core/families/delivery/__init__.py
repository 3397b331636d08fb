"""What sends: scheduled plans and alerts."""
