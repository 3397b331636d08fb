"""History that a person can read: when and what as people say it, and what changed between snapshots.

Everything is read from the vault, without a call.
"""

from lookervault_core.history.blame import Blame, blame
from lookervault_core.history.documents import Documents
from lookervault_core.history.holders import Holders
from lookervault_core.history.index import catch_up, surely_changed
from lookervault_core.history.log import (
    Change,
    LogRequest,
    Teller,
    Who,
    change,
    changes_of,
    log,
    person_called,
    to_json,
)
from lookervault_core.history.naming import Ambiguous, Choice, find_object
from lookervault_core.history.versions import Compared, compare_object, compare_with
from lookervault_core.history.when import since, snapshot_at, span, until
from lookervault_core.history.where_used import Used, where_used
from lookervault_core.history.wording import FieldEdit, plain

__all__ = (
    "Ambiguous",
    "Blame",
    "Change",
    "Choice",
    "Compared",
    "Documents",
    "FieldEdit",
    "Holders",
    "LogRequest",
    "Teller",
    "Used",
    "Who",
    "blame",
    "catch_up",
    "change",
    "changes_of",
    "compare_object",
    "compare_with",
    "find_object",
    "log",
    "person_called",
    "plain",
    "since",
    "snapshot_at",
    "span",
    "surely_changed",
    "to_json",
    "until",
    "where_used",
)
