"""What a restore writes about itself: its session, journal, id map, dead letters, refused values."""
