"""Keep the instance's API description with a snapshot: a restore onto another release needs that of both."""

from __future__ import annotations

from lookervault_core.diff.api import description
from lookervault_core.errors import BudgetSpent, CodecError, LookerError
from lookervault_core.looker.client import Looker
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import descriptions


def keep_description(vault: Vault, looker: Looker, snapshot_id: int, *, anew: bool) -> None:
    """Keep the instance's API description with a snapshot: without *anew* the vault's one of the same release, if it has that,
    which costs no call. None is kept if the instance does not describe itself, or not in a known format."""
    if not anew and descriptions.keep_known(vault, snapshot_id):
        return
    try:
        raw = looker.described()
        if not description.read(raw).is_empty:
            descriptions.keep(vault, snapshot_id, raw)
    except (LookerError, BudgetSpent, CodecError):
        return
