"""The flow `rehearse` on a real Prefect server."""

from __future__ import annotations

from typing import Any

import pytest

from lookervault_core.vault import Vault
from tests.flows.conftest import Prefect
from tests.simulated import capture_all, client

pytestmark = pytest.mark.prefect


def test_the_flow_says_in_its_state_what_a_restore_would_take(prefect: Prefect) -> None:
    with client(prefect.looker) as one, Vault.create_or_open(prefect.path) as vault:
        capture_all(vault, one, prefect.looker)
    from flows.rehearse import rehearse

    given: dict[str, Any] = {"types": ["looks"], "fraction": 1.0, "db_path": str(prefect.path), "return_state": True}
    state: Any = rehearse(**given)
    assert state.is_completed(), state.message
    assert "a real restore would take" in state.message
