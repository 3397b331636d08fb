"""A person is taken out of every version: nothing tells of them, all else is there, and that it was done can be proven."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from looker_simulator.cascades import remove_user
from lookervault_core import tombstones
from lookervault_core.forgetting import forget
from lookervault_core.restore.request import RestoreRequest, Selection
from lookervault_core.restore.runs import restoration
from lookervault_core.signing import signer_at
from lookervault_core.vault import Vault
from lookervault_core.verify import chosen, verify
from tests.extract.backup import Backup


@pytest.fixture
def left(tmp_path: Any) -> Iterator[tuple[Backup, str, dict[str, Any]]]:
    """An instance backed up twice, between which somebody changed their name; a schedule goes to them, a title names them."""
    with Simulator(SimulatorOptions(scale="tiny", release="26.22")) as looker:
        backup, world = Backup(looker, tmp_path / "looker.db"), looker.world
        user = world["users"].rows["3"]
        person = {"email": world["credentials_email"].rows["3"]["email"], "last": user["last_name"]}
        plan = next(iter(world["scheduled_plans"]))
        sent = plan["scheduled_plan_destination"][0] | {"type": "email", "address": person["email"].upper()}
        world["scheduled_plans"].change(plan["id"], scheduled_plan_destination=[sent])
        board = next(row for row in world["dashboards"] if not row["deleted"])
        world["dashboards"].change(board["id"], user_id="3", description=f"Ask {person['email']}")
        backup.run()
        mutate(world, "update", "users", "3", {"first_name": "Newly", "last_name": "Namedperson"})
        backup.run()
        yield backup, "3", person | {"plan": plan["id"], "dashboard": board["id"]}


def everything(backup: Backup) -> str:
    """Return all that the vault holds in any version and in any other table, as one text."""
    with backup.vault() as vault, vault.read() as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
        told = [str(row) for (name,) in tables.fetchall() for row in db.execute(f'SELECT * FROM "{name}"')]
        payloads = [payload for one in vault.snapshots() for payload in _payloads(vault, one.snapshot_id)]
    return "\n".join([*told, *payloads]).casefold()


def _payloads(vault: Vault, snapshot_id: int) -> list[str]:
    names = vault.snapshot(snapshot_id).types
    return [item.payload.decode(errors="replace") for name in names for item in vault.iter_payloads(name, snapshot_id)]


def test_nothing_in_any_version_tells_of_them_and_all_else_is_there(left: tuple[Backup, str, dict[str, Any]]) -> None:
    backup, user, person = left
    assert person["email"] in everything(backup)
    before = {one: len(_ids(backup, one)) for one in (1, 2)}
    with Vault.open(backup.path) as vault:
        asked = forget(vault, user, dry_run=True)
        assert person["email"] in everything(backup), "a dry run takes nothing"
        found = forget(vault, user)
    assert found.types == asked.types
    text = everything(backup)
    assert person["email"] not in text
    assert "namedperson" not in text
    assert "newly" not in text
    raw = backup.path.read_bytes()
    assert person["email"].encode() not in raw
    assert b"Namedperson" not in raw
    assert {one: len(_ids(backup, one)) for one in (1, 2)} == before
    kept = json.loads(backup.payload("users", user))
    assert kept["group_ids"]
    assert kept["email"] is None
    others = json.loads(backup.payload("users", "4"))
    assert others["email"] == "user4@example.com"


def _ids(backup: Backup, snapshot_id: int) -> list[Any]:
    with backup.vault() as vault:
        return [row.key for name in vault.snapshot(snapshot_id).types for row in vault.items(name, snapshot_id)]


def test_verify_knows_the_tombstone_and_finds_one_that_was_altered(left: tuple[Backup, str, dict[str, Any]]) -> None:
    backup, user, _ = left
    signer, other = (signer_at(backup.path.with_name(name)) for name in ("a.pem", "b.pem"))
    assert (backup.path.with_name("a.pem").stat().st_mode & 0o777) == 0o600
    with Vault.open(backup.path) as vault:
        forget(vault, user, signer=signer)
        forget(vault, "4", signer=signer_at(backup.path.with_name("a.pem")))
        found = verify(vault, chosen(vault, None))
        assert found.whole
        assert [line.split(" was ")[0] for line in found.forgotten] == ["user 3", "user 4"]
        assert {line.split("; ")[1] for line in found.forgotten} == {f"signed by key {signer.name[:16]}"}
        first, second = tombstones.every(vault)
        stripped = tombstones.sealed(msgspec.structs.replace(second, signer="", signature=""))
        forged = tombstones.sealed(msgspec.structs.replace(second, user_id="5"), other)
        posing = msgspec.structs.replace(second, signature=forged.signature)
        for bad in (stripped, posing):
            assert list(tombstones.faults_of([first, bad])) == [
                "tombstone 2 (user 4) is not signed by the key that it names"
            ]
        assert other.name[:16] in str(forged), "one that another key signed is told by that"
        with closing(sqlite3.connect(backup.path)) as db:
            kept = db.execute("SELECT key, value FROM vault_meta WHERE key GLOB 'tombstone:*'").fetchall()
            for gone in ("tombstone:*2", "tombstone:*"):
                db.execute("DELETE FROM vault_meta WHERE key GLOB ?", (gone,))
                db.commit()
                assert any("the vault had 2" in one.detail for one in verify(vault, chosen(vault, None)).findings), gone
            db.executemany("INSERT INTO vault_meta VALUES (?, ?)", kept)
            db.execute('UPDATE vault_meta SET value = replace(value, \'"user_id":"3"\', \'"user_id":"5"\')')
            db.commit()
        assert any("tombstone 1" in one.detail for one in verify(vault, chosen(vault, None)).findings)
        with closing(sqlite3.connect(backup.path)) as db:
            db.execute("DELETE FROM vault_meta WHERE key GLOB 'tombstone:*1'")
            db.commit()
        assert not verify(vault, chosen(vault, None)).whole


def test_a_restore_writes_nothing_of_what_was_taken_out(left: tuple[Backup, str, dict[str, Any]]) -> None:
    backup, user, person = left
    with Vault.open(backup.path) as vault:
        found = forget(vault, user)
    told = {(one.content_type, one.id) for one in found.lost}
    assert {("users", user), ("scheduled_plans", person["plan"]), ("dashboards", person["dashboard"])} <= told
    assert found.there
    request = RestoreRequest(Selection.everything())
    with restoration(backup.settings(), request, dry_run=True) as run:
        plan = run.plan()
    assert not [step.key for step in plan.steps if step.writes]
    blocked = {(step.content_type, step.id) for step in plan.steps if step.action == "blocked"}
    assert {("users", user), ("scheduled_plans", person["plan"])} <= blocked
    assert any("forgotten" in step.reason for step in plan.steps if step.action == "blocked")
    with restoration(backup.settings(), RestoreRequest(Selection.single("users", user)), dry_run=True) as run:
        run.plan()
        assert not [line for line in run.planner.warnings if "that it did not have" in line]


def test_the_command_asks_first_and_says_what_is_lost(
    left: tuple[Backup, str, dict[str, Any]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.cli.app import app
    from flows.cli.boundary import run

    backup, _, person = left
    monkeypatch.setenv("LOOKERVAULT_SIGNING_KEY", str(backup.path.with_name("own.pem")))
    remove_user(backup.looker.world, "3")  # in Looker first, as the page says
    backup.run()
    at = ["--db-path", str(backup.path)]
    assert run(app, ["forget", person["email"], *at]) == 2, "without a terminal it takes --yes"
    assert run(app, ["forget", person["email"], "--dry-run", *at]) == 0
    assert "no longer to be restored: users 3" in capsys.readouterr().out
    assert person["email"] in everything(backup)
    assert run(app, ["forget", person["email"], "--yes", "--json", *at]) == 0
    told = json.loads(capsys.readouterr().out)
    assert not told["there"]
    assert told["status"] == "forgotten"
    assert told["tombstone"]["signer"] == signer_at(backup.path.with_name("own.pem")).name
    assert run(app, ["forget", person["email"], "--yes", *at]) == 2, "nobody has that address any more"
    assert run(app, ["verify", *at]) == 0
    assert "user 3 was forgotten" in capsys.readouterr().out
    assert run(app, ["log", *at]) == 0
    assert backup.run().status == "complete"
