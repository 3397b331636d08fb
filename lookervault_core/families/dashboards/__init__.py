"""Dashboards: tiles, filters, tabs, places, and the merge queries behind tiles."""
