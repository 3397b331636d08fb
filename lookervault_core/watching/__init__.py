"""Nights that are unlike those before them: what a snapshot brought, beside what the vault's own history says is usual."""

from lookervault_core.watching.unusual import Unusual, lately, newest, to_json, unusual

__all__ = ("Unusual", "lately", "newest", "to_json", "unusual")
