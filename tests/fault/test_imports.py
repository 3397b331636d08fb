"""Whatever a directory says of itself, an import takes what an export wrote or refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.attacks import imports
from benchmarks.attacks.commands import Commands
from tests.fault.conftest import unharmed


@pytest.mark.parametrize("kind", ["an import with links", "an import that is a bomb"])
def test_a_directory_that_lies_does_no_harm(commands: Commands, tmp_path: Path, kind: str) -> None:
    for score in imports.attacks(commands, tmp_path, (kind,), most=2):
        unharmed(score)


@pytest.mark.parametrize("name", ["pipe as manifest", "device as manifest"])
def test_what_never_ends_is_not_read(commands: Commands, tmp_path: Path, name: str) -> None:
    for score in imports.attacks(commands, tmp_path, ("an import with pipes, sockets and devices",), only=name):
        unharmed(score)
