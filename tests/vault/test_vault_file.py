"""What may happen to a file: killed writers, two writers, damage, old and new versions, full disks, wrong files."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from lookervault_core.errors import (
    BlobDamaged,
    DiskFull,
    NotAVault,
    NotFound,
    VaultCorrupt,
    VaultError,
    VaultLocked,
    VaultReadOnly,
    VaultTooNew,
)
from lookervault_core.model import ContentKey, Item, Range
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite import schema
from tests.conftest import PATIENCE_S
from tests.vault.conftest import Instance, count, python

SALES = ContentKey("dashboards", "1")

KEEPS_PAGES = """
import sys
from lookervault_core.model import Item, Range
from lookervault_core.vault import Vault
path, session_id, snapshot_id, start = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Vault.create_or_open(path) as vault:
    span = Range("dashboards", start, start + 100_000)
    for offset in range(start, start + 100_000, 20):
        numbers = range(offset, offset + 20)
        items = [Item("dashboards", str(n), b'{"id":"%d","pad":"%s"}' % (n, b"x%d" % n * 400)) for n in numbers]
        vault.keep_page(session_id, snapshot_id, span, items, [], offset + 20, False, frozenset())
        print(offset, flush=True)
        if len(sys.argv) > 5 and offset - start >= int(sys.argv[5]):
            break
"""

# Dies at the nth statement that it writes, n being 1, 2, 3, …; each child goes on where the ledger says the one before got.
DIES_AT_EVERY_STATEMENT = """
import itertools, os, signal, sys
from lookervault_core.model import Item, Range
from lookervault_core.vault import Vault

def child(path, session_id, snapshot_id, fatal):
    statements = itertools.count(1)
    def trace(statement):
        if next(statements) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
    with Vault.create_or_open(path) as vault:
        with vault.read() as db:
            held = [db.execute("SELECT count(*) FROM " + t).fetchone()[0] for t in ("snapshot_items", "blobs")]
        at = vault.ranges(session_id)[0].next_offset
        if held != [at, at]:
            os._exit(7)
        with vault.write() as db:
            db.set_trace_callback(trace)
        for offset in (at, at + 2):
            items = [Item("dashboards", str(n), b'{"id":"%d"}' % n) for n in (offset, offset + 1)]
            span = Range("dashboards", 0, 100_000)
            vault.keep_page(session_id, snapshot_id, span, items, [], offset + 2, False, frozenset())
        os._exit(0)

killed = 0
for fatal in range(2, 200):
    pid = os.fork()
    if not pid:
        child(sys.argv[1], sys.argv[2], int(sys.argv[3]), fatal)
    status = os.waitpid(pid, 0)[1]
    if not os.WIFSIGNALED(status):
        break
    killed += 1
print(killed, os.waitstatus_to_exitcode(status))
"""

HOLDS_THE_LOCK = """
import sys
from lookervault_core.vault import Vault
with Vault.create_or_open(sys.argv[1]) as vault, vault.run_lock():
    print(vault.begin_session(["looks"]).session_id, flush=True)
    sys.stdin.read()
"""


def killed_after(lines: int, command: list[str]) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
        for _ in range(lines):
            assert victim.stdout
            assert victim.stdout.readline()
        time.sleep(0.002)
        victim.send_signal(signal.SIGKILL)


def test_killed_at_any_statement_the_ledger_and_the_items_agree(vault, instance, path):
    session = instance.begin()
    vault.plan_ranges(session.session_id, [Range("dashboards", 0, 100_000)])
    command = python(DIES_AT_EVERY_STATEMENT, path, session.session_id, session.snapshot_id)
    killed, last = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert last == 0
    assert killed > 30


@pytest.mark.parametrize("lines", [1, 9])
def test_killed_at_any_moment_a_resumed_run_goes_on_and_loses_nothing(vault, instance, path, lines):
    session = instance.begin()
    killed_after(lines, python(KEEPS_PAGES, path, session.session_id, session.snapshot_id, 0))
    (span,) = vault.ranges(session.session_id)
    assert span.next_offset >= lines * 20
    assert count(path, "snapshot_items") == count(path, "content_versions") == count(path, "blobs") == span.next_offset
    assert all(check.damage is None for check in vault.check_blobs())
    resumed = vault.resume_session()
    instance.keep(resumed, [Item("dashboards", str(span.next_offset), b"{}")], start=span.next_offset)
    assert len(vault.items("dashboards", session.snapshot_id)) == span.next_offset + 1


def test_two_processes_that_write_at_once_both_finish(vault, instance, path):
    session = instance.begin()
    starts = (0, 200_000)
    commands = [python(KEEPS_PAGES, path, session.session_id, session.snapshot_id, start, 600) for start in starts]
    writers = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    assert [writer.wait(timeout=PATIENCE_S) for writer in writers] == [0, 0]
    assert count(path, "snapshot_items") == 2 * 620


def test_a_second_run_is_refused_and_told_who_runs_until_the_owner_is_killed(path):
    pipe = subprocess.PIPE
    with subprocess.Popen(python(HOLDS_THE_LOCK, path), stdin=pipe, stdout=pipe, text=True) as owner:
        session_id = owner.stdout.readline().strip() if owner.stdout else ""
        with Vault.open(path) as vault:
            with pytest.raises(VaultLocked, match=rf"process {owner.pid} on .*, session {session_id}, since 20"):
                vault.run_lock().__enter__()
            assert vault.session(session_id).status == "running"
            owner.kill()
            owner.wait()
            with vault.run_lock():
                assert vault.resume_session().session_id == session_id


def test_a_second_run_in_the_same_process_is_refused_too(path):
    with Vault.create_or_open(path) as one, Vault.open(path) as two:
        with one.run_lock(), pytest.raises(VaultLocked, match="another run holds it"):
            two.run_lock().__enter__()
        with two.run_lock():
            pass


def test_a_writer_that_waits_too_long_says_that_the_vault_is_locked(vault, path):
    with closing(sqlite3.connect(path)) as other, Vault.open(path, lock_timeout_s=0.1) as impatient:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(VaultLocked):
            impatient.begin_session(["looks"])
        other.rollback()
        impatient.begin_session(["looks"])


def test_a_nested_write_is_refused_instead_of_waiting_for_ever(vault):
    with pytest.raises(sqlite3.OperationalError, match="inside a transaction"), vault.write(), vault.write():
        pass


def test_a_vault_and_all_that_stands_beside_it_is_for_its_owner_only(path):
    with Vault.create_or_open(path) as vault, vault.run_lock():
        vault.begin_session(["looks"])
        beside = sorted(path.parent.iterdir())
        assert [file.name for file in beside] == ["looker.db", "looker.db-shm", "looker.db-wal", "looker.db.lock"]
        assert {stat.S_IMODE(file.stat().st_mode) for file in beside} == {0o600}


def test_an_empty_file_becomes_a_vault(path):
    path.touch(0o644)
    with Vault.create_or_open(path) as vault:
        assert vault.meta()["schema_version"] == str(len(schema.STEPS))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_vault_keeps_its_id_when_it_is_opened_again(path):
    with Vault.create_or_open(path) as vault:
        first = vault.vault_id
    with Vault.create_or_open(path) as vault, Vault.open(path, read_only=True) as reader:
        assert vault.vault_id == reader.vault_id == first


def test_eight_threads_that_create_one_vault_make_one(path):
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: _id_of(path), range(8)))
    assert len(set(ids)) == 1


def _id_of(path: Path) -> str:
    with Vault.create_or_open(path) as vault:
        return vault.vault_id


def test_a_flipped_byte_on_disk_is_named_and_never_returned(vault, instance):
    items = [instance.item("1"), instance.item("2", title="Orders")]
    snapshot = instance.capture(items)
    with vault.write() as db:
        data = bytearray(db.execute("SELECT data FROM blobs WHERE blob_id = 1").fetchone()[0])
        data[len(data) // 2] ^= 1
        db.execute("UPDATE blobs SET data = ? WHERE blob_id = 1", (bytes(data),))
    with pytest.raises(BlobDamaged, match=r"dashboards 1: blob [0-9a-f]{64} is damaged"):
        vault.payload(SALES)
    with pytest.raises(BlobDamaged, match="dashboards 1"):
        list(vault.iter_payloads("dashboards"))
    assert vault.payload(ContentKey("dashboards", "2")) == items[1].payload
    for checks in (list(vault.check_blobs()), list(vault.check_blobs(snapshot.snapshot_id))):
        assert [check.damage is None for check in checks] == [False, True]


def test_another_applications_file_is_refused_and_left_alone(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (x)")
        db.commit()
    before = path.read_bytes()
    for attempt in (Vault.create_or_open, Vault.open, lambda p: Vault.open(p, read_only=True)):
        with pytest.raises(NotAVault):
            attempt(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"hello, I am a text file\n" * 100, b"PK\x03\x04" + bytes(5000)])
def test_what_is_no_database_is_no_vault(path, content):
    path.write_bytes(content)
    with pytest.raises(NotAVault):
        Vault.create_or_open(path)
    assert path.read_bytes() == content


def test_a_file_with_its_middle_gone_is_corrupt(path):
    with Vault.create_or_open(path) as vault:
        Instance(vault).capture([Instance(vault).item(str(n), title=f"{n}" * 2000) for n in range(100)])
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size * 2 // 3)
        file.write(b"\xa5" * (size // 3 - 4096))
    with pytest.raises(VaultCorrupt), Vault.open(path) as vault:
        vault.items("dashboards")
    with Vault.open(path) as vault:
        assert vault.check_structure()


def test_a_newer_version_is_refused(path):
    with Vault.create_or_open(path) as vault, vault.write() as db:
        db.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
    for read_only in (False, True):
        with pytest.raises(VaultTooNew, match="upgrade LookerVault"):
            Vault.open(path, read_only=read_only)


def test_a_vault_of_the_first_release_takes_a_snapshot_like_any_other(path, monkeypatch):
    with monkeypatch.context() as first:
        first.setattr(schema, "STEPS", schema.STEPS[:1])
        Vault.create_or_open(path).close()
    with Vault.open(path) as vault:
        closed = Instance(vault).capture([Instance(vault).item("1")])
        assert (closed.status, vault.counts(closed.snapshot_id)["dashboards"].carried) == ("complete", 0)


@pytest.mark.parametrize("read_only", [False, True], ids=["to write", "to read"])
def test_an_older_vault_is_migrated_after_a_copy(path, monkeypatch, read_only):
    with Vault.create_or_open(path) as vault:
        Instance(vault).capture([Instance(vault).item("1")])
        vault_id = vault.vault_id
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, ("CREATE TABLE news (x)",)))
    with Vault.open(path, read_only=read_only) as vault:
        assert vault.payload(SALES) == Instance(vault).item("1").payload
        assert (vault.vault_id, vault.meta()["schema_version"]) == (vault_id, str(len(schema.STEPS)))
    kept = path.with_name(f"looker.db.before-v{len(schema.STEPS)}")
    assert count(path, "news") == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    monkeypatch.undo()
    with Vault.open(kept) as old:
        assert old.payload(SALES) == Instance(old).item("1").payload


def test_a_migration_that_fails_changes_nothing(path, monkeypatch):
    with Vault.create_or_open(path):
        pass
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, ("CREATE TABLE news (x)", "CREATE TABLE news (x)")))
    with pytest.raises(sqlite3.OperationalError):
        Vault.open(path)
    monkeypatch.undo()
    with Vault.open(path) as vault, vault.read() as db:
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'news'").fetchone() == (0,)


def test_a_full_disk_is_said_to_be_full_and_loses_only_the_page_in_flight(vault, instance):
    session = instance.begin()
    instance.keep(session, [instance.item("1")])
    with vault.write() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 1}")
    noise = os.urandom(200_000)
    with pytest.raises(DiskFull, match="then resume"):
        instance.keep(session, [Item("dashboards", "2", noise)], start=1)
    assert [row.id for row in vault.items("dashboards", session.snapshot_id)] == ["1"]
    with vault.write() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    instance.keep(session, [Item("dashboards", "2", noise)], start=1)
    assert vault.payload(ContentKey("dashboards", "2"), session.snapshot_id) == noise


def test_a_directory_that_is_not_there_or_is_the_path_itself_is_said_plainly(tmp_path):
    with pytest.raises(VaultError, match="directory does not exist"):
        Vault.create_or_open(tmp_path / "none" / "looker.db")
    with pytest.raises(VaultError):
        Vault.create_or_open(tmp_path)
    with pytest.raises(NotAVault):
        Vault.open(tmp_path)
    with pytest.raises(NotFound, match="lookervault extract"):
        Vault.open(tmp_path / "looker.db")


def test_a_read_only_directory_can_be_read_and_not_written(path, nobody_reads):
    with pytest.raises(VaultReadOnly):
        Vault.create_or_open(path.with_name("other.db"))
    with pytest.raises(VaultReadOnly):
        Vault.open(path)
    with Vault.open(path, read_only=True) as vault:
        assert vault.payload(SALES)
        with pytest.raises(VaultReadOnly):
            vault.begin_session(["looks"])


def test_an_older_vault_that_takes_no_write_says_what_to_do(path, nobody_reads, monkeypatch):
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, ("CREATE TABLE news (x)",)))
    with pytest.raises(VaultReadOnly, match=r"older release made it.*writable"):
        Vault.open(path, read_only=True)


@pytest.fixture
def nobody_reads(path, request):
    with Vault.create_or_open(path) as vault:
        Instance(vault).capture([Instance(vault).item("1")])
    path.chmod(0o444)
    request.getfixturevalue("nobody")
    return path


def test_a_closed_vault_says_so(vault):
    vault.close()
    vault.close()
    with pytest.raises(VaultError, match="closed"):
        vault.snapshots()


def test_closing_leaves_one_file(path):
    with Vault.create_or_open(path) as vault:
        Instance(vault).capture([Instance(vault).item("1")])
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_ranges_and_sessions_survive_the_process(path):
    with Vault.create_or_open(path) as vault:
        session = vault.begin_session(["looks"], ["5"], {"label": "nightly"})
        vault.plan_ranges(session.session_id, [Range("looks", 0, 10)])
    with Vault.open(path) as vault:
        assert vault.session(session.session_id) == session
        assert vault.snapshot(session.snapshot_id).folders == ("5",)
        assert len(vault.ranges(session.session_id)) == 1
