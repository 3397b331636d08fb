"""Copies in Azure's blob storage, as its emulator Azurite has it over HTTP; `npm install --no-save azurite` brings it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
import urllib3

from lookervault_core.errors import NotTheNewest, OffsiteRefused
from lookervault_core.offsite import Store, chosen, identities, listing, prove, pull, push, recipients
from lookervault_core.roots import roots
from lookervault_core.vault import Vault
from tests.conftest import until
from tests.offsite.conftest import Key

ROOT = Path(__file__).parents[2]
AZURITE = shutil.which("azurite-blob", path=f"{ROOT / 'node_modules' / '.bin'}") or shutil.which("azurite-blob")
ACCOUNT = "devstoreaccount1"  # the account and the key of every emulator, as its manual has them
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

pytestmark = pytest.mark.skipif(AZURITE is None, reason="there is no Azurite")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port on which an emulator listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(AZURITE), "--blobPort", str(port), "--location", str(tmp_path_factory.mktemp("azurite")), "--silent"]
    process = subprocess.Popen(
        [*command, "--skipApiVersionCheck"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, process)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def address(emulator: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a container that is there."""
    variables = {"USE_EMULATOR": "true", "ACCOUNT_NAME": ACCOUNT, "ACCOUNT_KEY": KEY}
    for name, value in variables.items():
        monkeypatch.setenv(f"AZURE_STORAGE_{name}", value)
    monkeypatch.setenv("AZURITE_BLOB_STORAGE_URL", f"http://127.0.0.1:{emulator}")
    _make_container(emulator, "vaults")
    return "az://vaults/looker"


def _make_container(port: int, name: str) -> None:
    told = f"x-ms-date:{format_datetime(datetime.now(UTC), usegmt=True)}\nx-ms-version:2021-08-06"
    signed = "PUT" + "\n" * 12 + f"{told}\n/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    mac = base64.b64encode(hmac.digest(base64.b64decode(KEY), signed.encode(), hashlib.sha256)).decode()
    headers = dict(line.split(":", 1) for line in told.split("\n")) | {"Authorization": f"SharedKey {ACCOUNT}:{mac}"}
    answer = urllib3.request("PUT", f"http://127.0.0.1:{port}/{ACCOUNT}/{name}?restype=container", headers=headers)
    assert answer.status in (201, 409), answer.data


def test_a_copy_is_pushed_proven_pulled_and_pruned_there(
    address: str, key: Key, vault_path: Path, tmp_path: Path, grown: Callable[[], None]
) -> None:
    store = Store(address)
    assert push(vault_path, store, recipients([key.public])).number == 1
    grown()
    assert push(vault_path, store, recipients([key.public]), after=1).number == 2
    with pytest.raises(NotTheNewest):
        push(vault_path, store, recipients([key.public]), after=1)
    found = listing(store)
    keys = identities(key.path)
    assert [(prove(store, one, keys).problem, one.number) for one in found.copies] == [("", 1), ("", 2)]
    pull(store, chosen(store, found, None, datetime.now(UTC)), tmp_path / "again.db", keys)
    with Vault.open(vault_path, read_only=True) as here, Vault.open(tmp_path / "again.db", read_only=True) as there:
        assert roots(here) == roots(there) != {}
    assert not store.create("manifests/00000002.json", b"another"), "the number is taken (If-None-Match)"
    store.delete(found.copies[0].path)
    assert "gone from the store" in prove(store, found.copies[0], keys).problem


def test_a_container_that_is_not_there_is_told_in_one_line(address: str, vault_path: Path) -> None:
    with pytest.raises(OffsiteRefused, match="there is no such bucket, container or object"):
        push(vault_path, Store(address.replace("vaults", "nowhere")), {})
