"""Roles: who has them, and which make the API user an admin."""
