"""A disk that fills, and a vault that may not be written: one line, and the vault as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest

from lookervault_core.errors import DiskFull, VaultReadOnly
from lookervault_core.vault import Vault
from tests.conftest import PATIENCE_S
from tests.extract.backup import Backup
from tests.extract.test_killed import EXTRACTS

LIMITED = """import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))
"""


def test_a_disk_that_fills_ends_the_run_and_leaves_the_vault_sound(backup: Callable[..., Backup]) -> None:
    """A limit on the file's size does without root; SQLite tells it from a full disk by name only."""
    one = backup(scale="small")
    one.run("themes")
    room = one.path.stat().st_size + 300_000
    command = [
        sys.executable,
        "-c",
        LIMITED.format(room) + EXTRACTS + "extract(None)",
        one.looker.base_url,
        str(one.path),
        "2",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode != 0
    assert f"vault {one.path}" in done.stderr
    with one.vault() as vault:
        assert vault.check_structure() == []
        assert not [each for each in vault.check_blobs() if each.damage]
        assert len(vault.items("themes")) == one.counts()["themes"]
    assert one.run(resume="newest").status == "complete"


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="needs root to mount a small disk")
def test_a_full_disk_is_named(backup: Callable[..., Backup], tmp_path_factory: pytest.TempPathFactory) -> None:
    disk = tmp_path_factory.mktemp("disk")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", str(disk)], capture_output=True, check=False
    ).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        one = backup(scale="small")
        one.path = disk / "looker.db"
        one.run("themes")
        with pytest.raises(DiskFull) as full:
            one.run()
        assert len(str(full.value).splitlines()) == 1
        with one.vault() as vault:
            assert vault.check_structure() == []
            assert len(vault.items("themes")) == one.counts()["themes"]
            with suppress(OSError), (disk / "rest").open("wb", buffering=0) as rest:
                while rest.write(bytes(512)):
                    pass
            with pytest.raises(DiskFull), vault.run_lock():  # also where it is only to be told whose turn it is
                pass
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_a_vault_that_may_not_be_written_is_refused(backup: Callable[..., Backup]) -> None:
    one = backup()
    Vault.create_or_open(one.path).close()
    before = one.path.read_bytes()
    os.chmod(one.path.parent, 0o755)
    for directory in (one.path.parent, *one.path.parent.parents[:2]):
        directory.chmod(0o755)
    one.path.chmod(0o444)
    if os.geteuid() == 0:
        os.chown(one.path, 65534, 65534)
        os.seteuid(65534)
    try:
        with pytest.raises(VaultReadOnly):
            one.run("themes")
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
    assert one.path.read_bytes() == before
