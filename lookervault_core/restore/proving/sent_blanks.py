"""What the proof of a restore tells of the blanks that it sent: which ones the instance does not keep."""

from __future__ import annotations

import re

from lookervault_core.model import ContentKey, Unkept
from lookervault_core.restore.outcome import Proof
from lookervault_core.restore.undoing.changed import written_by
from lookervault_core.restore.undoing.created import is_create
from lookervault_core.vault import Vault, journal


def sent_blanks(vault: Vault, session_id: str, proof: Proof) -> set[Unkept]:
    """Return the blanks that a session has sent and that came back as others. One that somebody else made so tells nothing."""
    found = [pair for item in proof.items for pair in item.unkept]
    if not found:
        return set()
    entries = [one for one in journal.entries(vault, session_id) if not one.was_refused]
    made = {ContentKey(one.key.content_type, one.destination_id or "") for one in entries if is_create(one)}
    sent = written_by(entries, {})
    return {
        blank for key, blank in found if key in made or key in sent.rows or _field(blank) in sent.fields.get(key, ())
    }


def _field(blank: Unkept) -> str:
    return re.split(r"[.\[]", blank.path)[0]
