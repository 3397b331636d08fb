"""What every write needs, whatever it writes."""
