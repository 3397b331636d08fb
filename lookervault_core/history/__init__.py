"""History that a person can read: when and what as people say it, and what changed between snapshots.

Everything is read from the vault, without a call.
"""

from lookervault_core.history.holders import Holders
from lookervault_core.history.naming import Ambiguous, Choice, find_object
from lookervault_core.history.when import since, snapshot_at, span, until

__all__ = ("Ambiguous", "Choice", "Holders", "find_object", "since", "snapshot_at", "span", "until")
