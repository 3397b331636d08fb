"""Which reads of this Looker's release are missing in the account of what a backup holds."""

from __future__ import annotations

from lookervault_core.errors import BudgetSpent, LookerError
from lookervault_core.extract.account import reads, unknown
from lookervault_core.looker.client import Looker
from lookervault_core.model import Note
from lookervault_core.vault import Vault

API = "api"
SHOWN = 10


def note_unknown_reads(vault: Vault, looker: Looker, snapshot_id: int) -> None:
    """Note the read operations in this Looker's API description that the account lacks; none if it does not describe itself."""
    try:
        found = unknown(reads(looker.described()))
    except (LookerError, BudgetSpent):
        return
    if found:
        vault.add_notes(snapshot_id, [Note(API, "", "unknown", _told(found))])


def unknown_operations(notes: list[Note]) -> int:
    """Return how many operations of the release are unknown, according to the notes of the snapshot."""
    return sum(int(note.detail.split(" ", 1)[0]) for note in notes if note.kind == "unknown")


def _told(operations: list[str]) -> str:
    shown = ", ".join(operations[:SHOWN]) + (f" and {len(operations) - SHOWN} more" if len(operations) > SHOWN else "")
    what = "operation" if len(operations) == 1 else "operations"
    return f"{len(operations)} {what} of this release unknown to this LookerVault, so that no backup has what is read by: {shown}"
