"""What a run costs: its calls estimated, what of a month is left for it, and whether it is worth one."""
