"""Whatever happens to the file, nothing of it is taken for what it is not."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.attacks import vaults
from benchmarks.attacks.commands import Commands, looker_at
from looker_simulator import Simulator, SimulatorOptions
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


def test_a_text_that_is_no_utf8_is_damage(original: vaults.Original) -> None:
    where = original.scratch / "text"
    with closing(sqlite3.connect(original.put("vault", where))) as db:
        db.execute("UPDATE content_versions SET captured_at = CAST(x'323036ff' AS TEXT) WHERE version_id = 1")
        db.commit()
    for words in (
        ("verify",),
        ("export", "out"),
        ("list", "folders"),
        ("show", "folders", "1"),
        ("history", "folders", "1"),
    ):
        done = original.commands.run(*words, cwd=where)
        assert done.code in (0, 5), (words, done)
        assert "Traceback" not in done.err
    assert original.commands.run("verify", cwd=where).code == 5


def _rewritten(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"SELECT t.content_type, s.snapshot_id, row_number", b"SELECT t.content_typ\xe5, s.snapshot_id, row_number"),
        (b"JOIN extraction_sessions e USING", b"JOIN extraction_sessionz e USING"),
        (b'{"extract":', b'{"extract";'),
    ],
    ids=["text of a view", "name in a view", "JSON"],
)
def test_a_schema_or_a_setting_that_makes_no_sense_is_damage(original: vaults.Original, old: bytes, new: bytes) -> None:
    where = original.scratch / "schema"
    try:
        _rewritten(original.put("vault", where), old, new)
        for words in (("verify",), ("export", "out"), ("stats",)):
            done = original.commands.run(*words, cwd=where)
            assert done.code in (0, 5), (words, done)
            assert "Traceback" not in done.err
        assert original.commands.run("verify", cwd=where).code == 5
    finally:
        shutil.rmtree(where)


def test_a_disk_that_fills_loses_nothing(original: vaults.Original) -> None:
    unharmed(vaults.full_disk(original, 1))


def _misled(path: Path, content_type: str, *, quietly: bool) -> str:
    """Let one item of a type lead to the payload of another and return its id; *quietly* past the index, as a flipped bit does."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(
            "SELECT version_id, blob_id, id FROM content_versions JOIN content_items USING (item_id) WHERE content_type = ?",
            (content_type,),
        ).fetchall()
        version_id, blob_id, item_id = rows[0]
        other = next(blob for _, blob, _ in rows if blob != blob_id)
        index = db.execute("SELECT * FROM sqlite_master WHERE name = 'versions_of_blob'").fetchone()
        if quietly:
            db.execute("PRAGMA writable_schema = ON")
            db.execute("DELETE FROM sqlite_master WHERE name = 'versions_of_blob'")
            db.commit()
            db.execute("PRAGMA writable_schema = RESET")
        db.execute("UPDATE content_versions SET blob_id = ? WHERE version_id = ?", (other, version_id))
        if quietly:
            db.execute("PRAGMA writable_schema = ON")
            db.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", index)
        db.commit()
    return item_id


@pytest.mark.parametrize(
    ("content_type", "quietly"), [("folders", False), ("folders", True), ("user_attribute_values", True)]
)
def test_the_payload_of_another_object_is_damage(original: vaults.Original, content_type: str, quietly: bool) -> None:
    where = original.scratch / f"misled-{content_type}-{quietly}"
    item_id = _misled(original.put("vault", where), content_type, quietly=quietly)
    for words in (("show", content_type, item_id), ("export", "out"), ("verify", "--json")):
        done = original.commands.run(*words, cwd=where)
        assert done.code == 5, (words, done)
        assert re.search(rf"{content_type}\W+(id\W+)?{item_id}\b", done.out + done.err), (words, done)
        assert "Traceback" not in done.err
    kept = vaults.exported(where / "out")
    assert all(original.items["vault"][file] == payload for file, payload in kept.items())
    assert len(kept) == len(original.items["vault"]) - 1


def test_the_payload_of_another_object_is_never_restored(original: vaults.Original) -> None:
    where = original.scratch / "misled-restore"
    item_id = _misled(original.put("vault", where), "folders", quietly=False)
    with Simulator(SimulatorOptions(scale="tiny")) as looker:
        env = looker_at(looker.base_url)
        with closing(sqlite3.connect(where / "looker.db")) as db:
            db.execute("UPDATE vault_meta SET value = ? WHERE key = 'instance_url'", (looker.base_url,))
            db.commit()
        before = looker.oracle()
        done = original.commands.run(
            "restore", "single", "folder", item_id, "--yes", "--json", "--skip-validation", cwd=where, env=env
        )
        assert done.code in (3, 5), done
        assert "the vault leads to the payload of folders" in done.out + done.err, done
        assert looker.oracle() == before
