"""Copies off-site, as users make them: over HTTP to an S3, and into a directory."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from lookervault_core.errors import CopyDamaged, LookerVaultError, NotTheNewest
from lookervault_core.offsite import Store, chosen, identities, listing, prove, push, recipients
from lookervault_core.offsite.manifest import COPIES, Manifest, encode, name_of
from lookervault_core.retention import Policy
from lookervault_core.roots import roots
from lookervault_core.vault import Vault
from tests.cli.conftest import Run, program
from tests.conftest import PATIENCE_S
from tests.offsite import s3 as simple_storage
from tests.offsite.conftest import Key
from tests.offsite.s3 import S3, Wire


def told(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a command said on stderr."""
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def held(path: Path) -> dict[int, str]:
    with Vault.open(path, read_only=True) as vault:
        return roots(vault)


def test_what_is_pulled_is_what_was_pushed(
    cli: Run, url: str, key: Key, vault_path: Path, tmp_path: Path, storage: S3
) -> None:
    chosen_by = {"LOOKERVAULT_OFFSITE_URL": url, "LOOKERVAULT_OFFSITE_RECIPIENTS": key.public} | storage.environment
    pushed = cli("push", **chosen_by)
    assert (pushed.returncode, "encrypted, read back and equal" in pushed.stdout) == (0, True), pushed.stderr
    pulled = cli("pull", "--to", "again.db", "--identity", str(key.path), **chosen_by)
    assert pulled.returncode == 0, pulled.stderr
    assert held(tmp_path / "again.db") == held(vault_path) != {}
    shown = [cli("show", "user", "1", "--db-path", name).stdout for name in ("looker.db", "again.db")]
    assert shown[0] == shown[1] != ""
    (copy,) = json.loads(cli("offsite", "list", "--json", **chosen_by).stdout)
    assert {one["root"] for one in copy["snapshots"]} == set(held(vault_path).values())
    assert cli("offsite", "verify", "--identity", str(key.path), **chosen_by).returncode == 0
    left = sorted(one.name for one in tmp_path.iterdir() if "looker.db" in one.name or "again.db" in one.name)
    assert [one for one in left if not one.endswith(("-wal", "-shm"))] == ["again.db", "looker.db"]


def test_a_copy_of_a_damaged_vault_is_named_as_such(store: Store, vault_path: Path) -> None:
    """Its root hashes are made of what the vault says its payloads are; only reading these shows it."""
    with Vault.open(vault_path) as vault, vault.write() as db:
        db.execute("UPDATE blobs SET data = x'00' WHERE blob_id = 1")
    push(vault_path, store, {})
    (copy,) = listing(store).copies
    assert "it is as it was pushed, but the vault was damaged by then" in prove(store, copy, ()).problem


def test_an_encrypted_copy_is_one_of_age_and_zstd_and_no_key_is_in_the_vault(
    store: Store, key: Key, vault_path: Path
) -> None:
    import pyrage
    import zstandard

    made = push(vault_path, store, recipients([key.public]))
    sealed = store.get(made.path)
    assert sealed.startswith(b"age-encryption.org/v1\n")
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(pyrage.decrypt(sealed, list(identities(key.path))))
    assert (plain[:15], len(plain)) == (b"SQLite format 3", made.vault_bytes)
    assert all(word.encode() not in vault_path.read_bytes() + plain for word in (key.public, key.secret))


def test_a_wrong_key_is_one_line(cli: Run, url: str, key: Key, tmp_path: Path, vault_path: Path, storage: S3) -> None:
    stranger = Key(tmp_path / "other.txt")
    cli("push", url, "--recipient", key.public, **storage.environment)
    for how in (["--identity", str(stranger.path)], []):
        for command in (["pull", url, "--to", "again.db"], ["offsite", "verify", url]):
            refused = cli(*command, *how, **storage.environment)
            if how or command[0] == "pull":
                assert (refused.returncode, key.public in told(refused)) == (2, True)
    assert not (tmp_path / "again.db").exists()
    unopened = cli("offsite", "verify", url, **storage.environment)
    assert (unopened.returncode, "were not compared" in unopened.stdout) == (0, True)


def test_one_altered_byte_of_any_object_is_found(url: str, store: Store, key: Key, vault_path: Path) -> None:
    push(vault_path, store, recipients([key.public]))
    made = push(vault_path, store, {})
    keys, drawn = identities(key.path), random.Random(7)
    paths = [one.path for prefix in (COPIES, "manifests") for one in store.entries(prefix)]
    assert len(paths) == 4
    for path in paths:
        before = store.get(path)
        places = {0, len(before) - 1, *(drawn.randrange(len(before)) for _ in range(3))}
        for place in places:
            store.delete(path)
            store.create(path, before[:place] + bytes([before[place] ^ 1 << drawn.randrange(8)]) + before[place + 1 :])
            found = listing(store)
            proofs = [prove(store, one, keys).problem for one in found.copies] + list(found.damaged.values())
            assert len([one for one in proofs if one]) == 1, (path, place)
        for other in (before[:-1], before + b"x", b""):
            store.delete(path)
            store.create(path, other)
            found = listing(store)
            assert found.damaged or any(prove(store, one, keys).problem for one in found.copies)
        store.delete(path)
        store.create(path, before)
    assert [prove(store, one, keys).problem for one in listing(store).copies] == ["", ""]
    store.delete(made.path)
    assert "gone" in prove(store, listing(store).copies[-1], keys).problem


def test_a_push_that_is_killed_anywhere_leaves_no_copy_and_the_last_one(
    cli: Run, s3: S3, bucket: str, environment: dict[str, str], vault_path: Path, tmp_path: Path
) -> None:
    url = s3.new_bucket(bucket)
    whole = Wire(s3.port)
    variables = {"LOOKERVAULT_OFFSITE_URL": url, "LOOKERVAULT_MAX_ATTEMPTS": "1"}
    assert cli("push", **variables, **simple_storage.environment(whole.port)).returncode == 0
    manifest = len(s3.objects(bucket)["vaults/looker/manifests/00000001.json"])
    cuts = [random.Random(11).randrange(whole.sent), whole.sent - manifest // 2, whole.sent - 1]
    with ThreadPoolExecutor(len(cuts)) as pool:
        codes = list(pool.map(lambda at: killed_at(at, s3.port, environment | variables, tmp_path), cuts))
    assert codes == [-9] * len(cuts)
    store = Store(url)
    assert [prove(store, one, ()).problem for one in listing(store).copies] == [""]
    assert cli("push", **variables, **s3.environment).returncode == 0
    assert [one.number for one in listing(store).copies] == [1, 2]


def killed_at(at: int, port: int, environment: dict[str, str], cwd: Path) -> int:
    """Kill a push when so many bytes have gone up, and return its exit code."""
    started: list[subprocess.Popen[bytes]] = []
    wire = Wire(port, at, lambda: started[0].kill())
    variables = environment | simple_storage.environment(wire.port)
    started.append(
        subprocess.Popen(
            [*program(), "push"], env=variables, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    )
    try:
        return started[0].wait(PATIENCE_S)
    finally:
        wire.close()


def test_of_two_who_push_after_the_same_copy_one_comes_first(
    store: Store, vault_path: Path, grown: Callable[[], None]
) -> None:
    for after in range(3):
        grown()
        ready = threading.Barrier(2)

        def push_at_once(_: int, after: int = after, ready: threading.Barrier = ready) -> str:
            ready.wait()
            try:
                return f"copy {push(vault_path, store, {}, after=after).number}"
            except NotTheNewest as exc:
                return str(exc)

        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(push_at_once, range(2)))
        assert said[0] == f"copy {after + 1}"
        assert f"copy {after + 1} was pushed after this run pulled" in said[1]
    assert [len(one.snapshots) for one in listing(store).copies] == [2, 3, 4]


def test_pushes_at_once_that_build_on_no_copy_all_become_copies(store: Store, vault_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        numbers = sorted(one.number for one in pool.map(lambda _: push(vault_path, store, {}), range(3)))
    assert numbers == [1, 2, 3]


def test_a_rewritten_vault_is_noticed_by_push_and_by_verify(
    cli: Run, url: str, vault_path: Path, grown: Callable[[], None], storage: S3
) -> None:
    grown()
    cli("push", url, **storage.environment)
    with Vault.open(vault_path) as vault, vault.write() as db:
        db.execute("DELETE FROM item_spans WHERE item_id = (SELECT max(item_id) FROM item_spans)")
    refused = cli("push", url, **storage.environment)
    assert (refused.returncode, "snapshot 1 is not what copy 1 has of it" in told(refused)) == (1, True)
    noticed = cli("offsite", "verify", url, **storage.environment)
    assert (noticed.returncode, "snapshot 1 is another one" in noticed.stdout) == (5, True)
    assert cli("push", url, "--accept-rewritten", **storage.environment).returncode == 0


def test_who_was_forgotten_since_the_last_copy_is_no_rewriting(cli: Run, vault_path: Path, tmp_path: Path) -> None:
    url = f"file://{tmp_path}/store"
    assert cli("push", url).returncode == 0
    assert cli("forget", "3", "--yes").returncode == 0
    assert cli("offsite", "verify", url).returncode == 0
    assert cli("push", url).returncode == 0
    assert len({one.snapshots[0].root for one in listing(Store(url)).copies}) == 2


def test_a_vault_that_is_older_than_the_newest_copy_or_another_one_is_not_pushed(
    cli: Run, url: str, vault_path: Path, grown: Callable[[], None], tmp_path: Path, storage: S3
) -> None:
    old = tmp_path / "old.db"
    old.write_bytes(vault_path.read_bytes())
    grown()
    cli("push", url, **storage.environment)
    older = cli("push", url, "--db-path", str(old), **storage.environment)
    assert (older.returncode, "holds snapshot 2, which this vault does not have" in told(older)) == (1, True)
    Vault.create_or_open(tmp_path / "other.db").close()
    other = cli("push", url, "--db-path", "other.db", **storage.environment)
    assert (other.returncode, "copies are of another vault" in told(other)) == (5, True)


def aged(store: Store, number: int, days: float) -> None:
    """Let a copy have been made so many days ago."""
    path = name_of(number)
    found = next(one for one in listing(store).copies if one.number == number)
    store.delete(path)
    store.create(path, encode(msgspec.structs.replace(found, created_at=datetime.now(UTC) - timedelta(days=days))))


def test_prune_keeps_what_the_rules_say_and_at_takes_the_copy_of_that_time(
    cli: Run, url: str, store: Store, vault_path: Path, storage: S3
) -> None:
    for _ in range(5):
        push(vault_path, store, {})
    for number, days in ((1, 40), (2, 9), (3, 2), (4, 1)):
        aged(store, number, days)
    yesterday = cli("pull", url, "--at", "yesterday", "--to", "then.db", "--json", **storage.environment)
    assert json.loads(yesterday.stdout)["number"] == 4
    asked = ["offsite", "prune", url, "--keep-daily", "2", "--keep-monthly", "1"]
    assert json.loads(cli(*asked, "--dry-run", "--json", **storage.environment).stdout)["would_delete"] == [1, 2, 3]
    assert "look at it with --dry-run" in told(cli(*asked, **storage.environment))
    assert cli(*asked, "--yes", **storage.environment).returncode == 0
    assert [one.number for one in listing(store).copies] == [4, 5]
    assert len(store.entries(COPIES)) == 2
    none = cli("offsite", "prune", url, "--yes", **storage.environment)
    assert (none.returncode, "say what to keep" in told(none)) == (2, True)


def test_prune_removes_what_pushes_that_were_cut_off_have_left_but_not_of_one_that_goes_on(
    store: Store, vault_path: Path
) -> None:
    from lookervault_core.offsite.prune import carry_out, planned

    push(vault_path, store, {})
    store.write(f"{COPIES}/20260101T000000Z-cut.db.zst", iter([b"half"]))
    now = datetime.now(UTC)
    assert planned(store, listing(store), Policy(last=1), now).left == ()
    plan = planned(store, listing(store), Policy(last=1), now + timedelta(days=2))
    carry_out(store, plan)
    assert plan.left == (f"{COPIES}/20260101T000000Z-cut.db.zst",)
    assert prove(store, listing(store).copies[0], ()).problem == ""


def test_what_a_bucket_locks_stays_and_is_named(cli: Run, s3: S3, bucket: str, vault_path: Path) -> None:
    url = s3.new_bucket(bucket, locked_days=30)
    store = Store(url)
    for _ in range(2):
        push(vault_path, store, {})
    pruned = cli("offsite", "prune", url, "--keep-last", "1", "--yes", **s3.environment)
    assert (pruned.returncode, "copy 1 stays, for the bucket locks it until 20" in pruned.stdout) == (0, True)
    assert [prove(store, one, ()).problem for one in listing(store).copies] == ["", ""]


def test_a_large_copy_goes_up_in_parts(s3: S3, bucket: str) -> None:
    store = Store(s3.new_bucket(bucket))
    drawn = random.Random(3)
    pieces = [drawn.randbytes(4 << 20) for _ in range(5)]
    store.write("copies/large", iter(pieces))
    tag = s3.client.head_object(Bucket=bucket, Key="vaults/looker/copies/large")["ETag"]
    assert tag.strip('"').endswith("-3")
    assert b"".join(store.read("copies/large", 20 << 20)) == b"".join(pieces)


def test_what_the_store_gives_back_otherwise_is_no_copy(store: Store, vault_path: Path) -> None:
    class Forgetful(Store):
        def write(self, path, parts):
            super().write(path, (bytes(len(one)) for one in parts))

    with pytest.raises(CopyDamaged, match="gives back other bytes"):
        push(vault_path, Forgetful(store.url), {})
    assert listing(store).copies == ()


MISTAKES = [
    (["push", "ftp://x/y"], 2, "is no s3://, gs://, az:// or file:// address"),
    (["push", "s3://key:secret@bucket/x"], 2, "it holds a login"),
    (["push", "file://x"], 2, "names no directory"),
    (["push"], 2, "set LOOKERVAULT_OFFSITE_URL"),
    (["push", "s3://no-such-bucket/x"], 1, "NoSuchBucket"),
    (["push", "file:///proc/nowhere"], 1, "the store"),
    (["push", "file:///tmp", "--recipient", "age1nonsense"], 2, "none of age or SSH"),
    (["push", "file:///tmp", "--recipient", "nobody.txt"], 2, "neither a recipient"),
    (["push", "{file}", "--db-path", "none.db"], 2, "there is no vault at none.db"),
    (["pull", "{file}", "--to", "x.db"], 2, "there is no copy"),
    (["pull", "{file}", "--to", "x.db", "--identity", "no.txt"], 2, "no file that can be read"),
    (["offsite", "list", "s3://no-such-bucket/x"], 1, "NoSuchBucket"),
    (["offsite", "verify", "{file}", "--all", "--at", "yesterday"], 2, "leave one of them out"),
]


@pytest.mark.parametrize(("command", "code", "text"), MISTAKES)
def test_a_mistake_is_one_line(
    cli: Run, command: list[str], code: int, text: str, vault_path: Path, tmp_path: Path, storage: S3
) -> None:
    words = [word.format(file=f"file://{tmp_path}/store") for word in command]
    done = cli(*words, LOOKERVAULT_MAX_ATTEMPTS="1", **storage.environment)
    assert (done.returncode, text in told(done)) == (code, True), done.stderr


def test_a_store_that_is_not_reached_is_one_line(cli: Run, vault_path: Path) -> None:
    done = cli("push", "s3://bucket/x", LOOKERVAULT_MAX_ATTEMPTS="1", **simple_storage.environment(9))
    assert (done.returncode, "the store failed" in told(done)) == (1, True)


def test_nothing_is_written_over(cli: Run, url: str, vault_path: Path, storage: S3) -> None:
    cli("push", url, **storage.environment)
    before = vault_path.read_bytes()
    refused = cli("pull", url, "--to", "looker.db", **storage.environment)
    assert (refused.returncode, "nothing is written over" in told(refused)) == (2, True)
    assert vault_path.read_bytes() == before


def test_a_secret_given_for_a_recipient_is_not_shown(cli: Run, key: Key, vault_path: Path) -> None:
    refused = cli("push", "file:///tmp", "--recipient", key.secret)
    assert (refused.returncode, key.secret[:24] in refused.stderr + refused.stdout) == (2, False)


def test_at_before_the_first_copy_says_when_that_is(store: Store, vault_path: Path) -> None:
    push(vault_path, store, {})
    with pytest.raises(LookerVaultError, match="the oldest copy is of"):
        chosen(store, listing(store), "2001-01-01", datetime.now(UTC))


def test_an_older_copy_is_not_given_for_the_newest_where_that_is_damaged(
    cli: Run, tmp_path: Path, vault_path: Path, grown: Callable[[], None]
) -> None:
    store = Store(f"file://{tmp_path}/copies")
    push(vault_path, store, {})
    grown()
    push(vault_path, store, {})
    path = tmp_path / "copies" / name_of(2)
    path.write_bytes(path.read_bytes().replace(b"snapshot", b"snapshut", 1))
    with pytest.raises(CopyDamaged, match="copy 1 is older: --at"):
        chosen(store, listing(store), None, datetime.now(UTC))
    assert chosen(store, listing(store), "today", datetime.now(UTC)).number == 1
    refused = cli("pull", store.url, "--to", "old.db")
    assert (refused.returncode, (tmp_path / "old.db").exists()) == (5, False), refused.stderr


def test_a_manifest_of_a_newer_release_is_told_as_that(store: Store, vault_path: Path) -> None:
    push(vault_path, store, {})
    found: Manifest = listing(store).copies[0]
    store.delete(name_of(1))
    store.create(name_of(1), encode(msgspec.structs.replace(found, format=2)))
    assert "newer LookerVault" in listing(store).damaged[1]
