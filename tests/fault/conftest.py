"""The attacks of benchmarks/attacks, a few of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.attacks.commands import Commands
from benchmarks.attacks.scores import Score


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    with Commands() as running:
        yield running


def unharmed(score: Score) -> None:
    """The test fails if any try of an attack did harm."""
    assert score.tried
    assert not score.faults, "\n".join(score.notes)
