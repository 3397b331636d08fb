"""Places to push to, a vault to push, and a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from lookervault_core.offsite import Store
from lookervault_core.vault import Vault
from tests.cli.conftest import cli, environment, looker, starter, vault_path
from tests.offsite import s3 as simple_storage
from tests.offsite.s3 import S3

__all__ = ["cli", "environment", "looker", "starter", "vault_path"]


@pytest.fixture(scope="session")
def storage() -> Iterator[S3]:
    with simple_storage.running() as server:
        yield server


@pytest.fixture
def s3(storage: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The server, for this process too."""
    for name, value in storage.environment.items():
        monkeypatch.setenv(name, value)
    return storage


@pytest.fixture
def bucket(tmp_path: Path) -> str:
    """The name of a bucket that no other test uses."""
    return f"b{abs(hash(tmp_path)):x}"


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"file://{tmp_path}/off site"
    return request.getfixturevalue("s3").new_bucket(request.getfixturevalue("bucket"))


class Key:
    """A key pair of age: `public`, and the file `path` with the secret one."""

    def __init__(self, path: Path) -> None:
        secret = pyrage.x25519.Identity.generate()
        self.path, self.public, self.secret = path, str(secret.to_public()), str(secret)
        path.write_text(f"# public key: {self.public}\n{secret}\n")


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return Key(tmp_path / "key.txt")


@pytest.fixture
def grown(vault_path: Path) -> Callable[[], None]:
    """Add a snapshot to the vault."""

    def grow() -> None:
        with Vault.open(vault_path) as vault:
            session = vault.begin_session(["users"])
            vault.close_snapshot(session.session_id)

    return grow


@pytest.fixture
def store(url: str) -> Store:
    return Store(url)
