"""A secret is in nothing that a command shows, writes, or hands to another process, in whatever coding."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from benchmarks.attacks import secrets
from benchmarks.attacks.commands import Commands
from tests.fault.conftest import unharmed


def test_what_is_looked_for_is_found_in_any_coding() -> None:
    secret = secrets.SECRETS["coded"]
    for text in (
        f"the secret is {secret}!".encode(),
        quote(f"client_secret={secret}").encode(),
        base64.b64encode(f"simulator:{secret}".encode()),
        base64.b64encode(f"a:{secret}".encode()),
        base64.b64encode(f"ab:{secret}".encode()),
        secret.encode().hex().encode(),
    ):
        assert any(needle in text for needle in secrets.codings(secret)), text


@pytest.mark.parametrize("name", ["HTML"])
def test_no_command_shows_or_keeps_it(commands: Commands, tmp_path: Path, name: str) -> None:
    unharmed(secrets.on_core(commands, tmp_path, (name,)))


@pytest.mark.prefect
@pytest.mark.slow
def test_prefect_does_not_know_it(tmp_path: Path) -> None:
    for score in secrets.with_prefect(tmp_path):
        unharmed(score)
