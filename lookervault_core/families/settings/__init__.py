"""Settings of the instance: what of each document is compared, what is left alone, and how the rest is written."""
