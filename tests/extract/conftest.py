"""Extractions against a simulated Looker on a real port, into a real vault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions
from tests.extract.backup import Backup


@pytest.fixture
def looker() -> Iterator[Callable[..., Simulator]]:
    """Start an instance of one's own: ``simulator = looker(page_cap=3)``."""
    running: list[Simulator] = []

    def start(**options: Any) -> Simulator:
        running.append(Simulator(_options(options)).__enter__())
        return running[-1]

    yield start
    for simulator in running:
        simulator.__exit__(None, None, None)


@pytest.fixture
def backup(looker: Callable[..., Simulator], tmp_path: Path) -> Callable[..., Backup]:
    """Start an instance and return what backs it up: ``backup(page_cap=3).run("dashboards")``."""

    def start(simulator: Simulator | None = None, **options: Any) -> Backup:
        return Backup(simulator or looker(**options), tmp_path / "looker.db")

    return start


def _options(given: dict[str, Any]) -> SimulatorOptions:
    everything: dict[str, Any] = {"scale": "tiny", **given}
    return SimulatorOptions(**everything)
