"""Keep with a snapshot what the instance says of its own API: a restore onto another release needs to know both."""

from __future__ import annotations

from lookervault_core.diff.api import description
from lookervault_core.errors import BudgetSpent, CodecError, LookerError
from lookervault_core.looker.client import Looker
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import descriptions


def keep_description(vault: Vault, looker: Looker, snapshot_id: int, *, anew: bool) -> None:
    """Keep the description; unless it is asked for *anew*, that of the same release if the vault has it, which costs no call. An
    instance that does not describe itself, or talks nonsense, has none."""
    if not anew and descriptions.keep_known(vault, snapshot_id):
        return
    try:
        raw = looker.described()
        if not description.read(raw).is_empty:
            descriptions.keep(vault, snapshot_id, raw)
    except (LookerError, BudgetSpent, CodecError):
        return
