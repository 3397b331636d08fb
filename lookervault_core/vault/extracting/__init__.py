"""What an extraction writes about itself: its session, ranges, work lists, census, holes and notes."""
