"""Short ways to restore a backup of a simulated Looker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lookervault_core.looker.client import Looker
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.vault import Vault
from tests.simulated import backed_up, capture, client, looker, new_vault, simulator, vault

__all__ = ("backed_up", "looker", "new_vault", "simulator", "vault")  # fixtures


@pytest.fixture
def run_of(backed_up: Vault, looker: Looker) -> Callable[..., RestoreRun]:
    def make(selection: Selection | None = None, **options) -> RestoreRun:
        return RestoreRun(
            backed_up, looker, selection or Selection.everything(), RestoreOptions(**options), sleep=lambda _: None
        )

    return make


@pytest.fixture
def connect() -> Callable[..., Looker]:
    return client


@pytest.fixture
def back_up() -> Callable[[Vault, Looker], int]:
    return capture
