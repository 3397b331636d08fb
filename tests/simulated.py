"""A simulated Looker and a backup of it: fixtures, and what makes them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.run import ExtractRun
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.looker.client import Looker
from lookervault_core.settings import Connection
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.connect import create_file
from tests import prepared


def client(simulator: Simulator, **options) -> Looker:
    options.setdefault("per_second", 0)
    return Looker(
        Connection(simulator.base_url, simulator.options.client_id, SecretStr(simulator.options.client_secret)),
        workers=4,
        sleep=lambda _: None,
        **options,
    )


def capture(vault: Vault, looker: Looker, options: ExtractOptions | None = None) -> int:
    vault.claim_instance(looker.connection.base_url)
    return _captured(vault, looker, options or ExtractOptions(workers=4))


def capture_all(vault: Vault, looker: Looker, simulator: Simulator) -> None:
    """Fill an empty *vault* with a backup of *simulator*; what was captured before in the same state is copied."""
    assert looker.connection.base_url == simulator.base_url
    state = prepared.state(simulator)
    if not prepared.copied(vault, state):
        _captured(vault, looker, ExtractOptions(workers=4))
        prepared.keep(vault, state if state == prepared.state(simulator) else None)
    vault.claim_instance(simulator.base_url)
    simulator.calls.reset()


def _captured(vault: Vault, looker: Looker, options: ExtractOptions) -> int:
    session = vault.begin_session(options.scope(), options={})
    return capture_on_threads(ExtractRun(vault, looker, session, options, stop=threading.Event()), 4).snapshot_id


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny")) as running:
        yield running


@pytest.fixture
def looker(simulator: Simulator) -> Iterator[Looker]:
    with client(simulator) as one:
        yield one


@pytest.fixture(scope="session")
def new_vault(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A vault that nothing was put into: a copy of it is there sooner than another one."""
    path = tmp_path_factory.mktemp("new") / "looker.db"
    Vault.create_or_open(path).close()
    return path.read_bytes()


@pytest.fixture
def vault(tmp_path: Path, new_vault: bytes) -> Iterator[Vault]:
    create_file(tmp_path / "looker.db")
    (tmp_path / "looker.db").write_bytes(new_vault)
    with Vault.create_or_open(tmp_path / "looker.db") as one:
        yield one


@pytest.fixture
def backed_up(vault: Vault, looker: Looker, simulator: Simulator) -> Vault:
    capture_all(vault, looker, simulator)
    return vault
