"""Find nights that are unlike those before them: the changes in a snapshot, compared with the vault's own history."""

from lookervault_core.watching.unusual import Unusual, lately, newest, to_json, unusual

__all__ = ("Unusual", "lately", "newest", "to_json", "unusual")
