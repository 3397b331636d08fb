"""What a restore asked for is read from vaults of earlier releases."""

from __future__ import annotations

import msgspec

from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection


def test_a_vault_goes_on_calling_deletions_by_their_old_name() -> None:
    asked = Selection(deletions=(ContentKey("looks", "7"),))
    kept = msgspec.to_builtins(asked)
    assert "surplus" in kept
    assert "deletions" not in kept
    assert msgspec.convert(kept, Selection) == asked
