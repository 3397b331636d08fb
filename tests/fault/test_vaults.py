"""Whatever happens to the file, nothing of it is taken for what it is not."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from benchmarks.attacks import vaults
from benchmarks.attacks.commands import Commands
from tests.fault.conftest import unharmed


@pytest.fixture(scope="module")
def original(commands: Commands, tmp_path_factory: pytest.TempPathFactory) -> vaults.Original:
    return vaults.Original(commands, tmp_path_factory.mktemp("vaults"))


@pytest.mark.parametrize("name", ["vault", "WAL"])
def test_a_flipped_bit_is_harmless_or_named(original: vaults.Original, name: str) -> None:
    unharmed(vaults.bit_flips(original, name, 4))


def test_a_file_cut_short_is_named(original: vaults.Original) -> None:
    unharmed(vaults.truncated(original, 2))


def test_a_key_that_the_index_does_not_find_is_damage_and_the_rest_is_read(original: vaults.Original) -> None:
    where = original.scratch / "index"
    path = original.put("vault", where)
    with closing(sqlite3.connect(path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        pages = db.execute("SELECT pageno FROM dbstat WHERE name LIKE '%content_items%'").fetchall()
    content = bytearray(path.read_bytes())
    places = [content.find(b"user_attribute_group_values", (page - 1) * size, page * size) for (page,) in pages]
    content[next(at for at in places if at > 0)] ^= 1
    path.write_bytes(content)
    proven = original.commands.run("verify", cwd=where)
    told = original.commands.run("export", "out", cwd=where)
    assert (proven.code, told.code) == (5, 5), (proven, told)
    assert [len(done.err.splitlines()) for done in (proven, told)] == [1, 1], (proven, told)
    kept = vaults.exported(where / "out")
    assert len(kept) >= len(original.items["vault"]) - 2
    assert all(original.items["vault"][file] == payload for file, payload in kept.items())


def test_a_time_that_is_none_is_damage(original: vaults.Original) -> None:
    where = original.scratch / "time"
    with closing(sqlite3.connect(original.put("vault", where))) as db:
        db.execute("UPDATE content_versions SET captured_at = captured_at || 'z' WHERE version_id = 1")
        db.commit()
    for words in (("verify",), ("export", "out"), ("list", "dashboards")):
        done = original.commands.run(*words, cwd=where)
        assert done.code in (0, 5), done
        assert "Traceback" not in done.err
    assert original.commands.run("verify", cwd=where).code == 5


def test_a_disk_that_fills_loses_nothing(original: vaults.Original) -> None:
    unharmed(vaults.full_disk(original, 1))
