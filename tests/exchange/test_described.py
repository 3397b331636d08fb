"""An export has what the instance says of its own API, so that an import elsewhere still knows what fields are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookervault_core.errors import ExportChanged
from lookervault_core.exchange import export_directory, import_directory
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import descriptions
from tests.exchange.conftest import capture, contents, item

RAW = b'{"definitions": {"Dashboard": {"properties": {"title": {"type": "string"}}}}}'
FILE = "api_description.json"


@pytest.fixture
def exported(vault: Vault, there: Path) -> Path:
    descriptions.keep(vault, capture(vault, item("1")).snapshot_id, RAW)
    export_directory(vault, there)
    return there


def described(path: Path) -> bytes | None:
    with Vault.open(path, read_only=True) as vault:
        return descriptions.newest(vault, [one.snapshot_id for one in vault.snapshots()])


def test_the_description_goes_along(exported: Path, tmp_path: Path) -> None:
    assert (exported / FILE).read_bytes() == RAW
    import_directory(exported, tmp_path / "new.db")
    assert described(tmp_path / "new.db") == RAW


def test_a_second_export_writes_nothing_and_one_without_it_takes_it_away(
    exported: Path, vault: Vault, make_vault: Callable[[str], Vault], tmp_path: Path
) -> None:
    before = contents(exported)
    assert (export_directory(vault, exported).written, contents(exported)) == (0, before)
    other = make_vault("other.db")
    capture(other, item("1"))
    export_directory(other, exported)
    assert not (exported / FILE).exists()
    import_directory(exported, tmp_path / "new.db")
    assert described(tmp_path / "new.db") is None


@pytest.mark.parametrize("how", ["edited", "gone"])
def test_one_that_was_touched_is_named_and_left_out_where_edits_are_accepted(
    how: str, exported: Path, tmp_path: Path
) -> None:
    (exported / FILE).write_bytes(b"{}") if how == "edited" else (exported / FILE).unlink()
    with pytest.raises(ExportChanged) as refused:
        import_directory(exported, tmp_path / "new.db")
    assert [file for file, _ in refused.value.problems] == [FILE]
    import_directory(exported, tmp_path / "new.db", accept_edits=True)
    assert described(tmp_path / "new.db") is None
