"""Folders: what lies in them."""
