"""`lookervault export` and `lookervault import` as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.vault import Vault
from tests.cli.conftest import Run, scripted
from tests.exchange.conftest import capture, item
from tests.simulated import capture as back_up
from tests.simulated import client

STOPS_AT_FILE_40 = """
import os, sys
def stop(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("/40.json"):
        os.write(1, b"at file 40\\n")
        os.read(0, 1)
sys.addaudithook(stop)
from flows.cli import main
main(sys.argv[1:])
"""
EXPORTED = {"status", "directory", "instance_url", "snapshots", "types", "items", "written", "unchanged", "removed"}
IMPORTED = {"session_id", "snapshot_id", "status", "types", "holes", "edited", "added", "missing", "older_than"}


def document(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    assert done.returncode == code, done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A vault of two dashboards where the command looks for it."""
    with Vault.create_or_open(tmp_path / "looker.db") as one:
        one.claim_instance("https://acme.looker.com")
        capture(one, item("1"), item("model::2"))
    return tmp_path / "looker.db"


# From a Looker and back -----------------------------------------------------------------------------------------------


def test_a_backup_goes_through_files_into_a_new_vault_and_restores_from_there(
    cli: Run, looker: Simulator, tmp_path: Path
) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as one, client(looker) as api:
        back_up(one, api)
    looker.calls.reset()
    exported = document(cli("export", "backup", "--json"))
    assert exported.keys() >= EXPORTED
    done = document(cli("import", "backup", "--db-path", "new.db", "--json"))
    assert done.keys() >= IMPORTED
    assert (exported["status"], done["status"], done["holes"]) == ("complete", "complete", [])
    for name in ("dashboards", "explores"):
        listed = [json.loads(cli("list", name, "--json", "--db-path", db).stdout) for db in ("looker.db", "new.db")]
        facts = [[(o["id"], o["name"], o["sha256"], o["folder_id"], o["updated_at"]) for o in rows] for rows in listed]
        assert facts[0] == facts[1] != []
        shown = [cli("show", name, listed[0][0]["id"], "--db-path", db).stdout for db in ("looker.db", "new.db")]
        assert shown[0] == shown[1] != ""
    proof = document(cli("verify", "--db-path", "new.db", "--json"))
    assert (proof["whole"], proof["items"]) == (True, exported["items"])
    assert looker.calls.total == 0, "neither reaches Looker"
    key = ("dashboard", json.loads(cli("list", "dashboards", "--json").stdout)[0]["id"])
    plan = document(cli("restore", "single", *key, "--dry-run", "--db-path", "new.db", "--json"))["plan"]
    assert {step["action"] for step in plan} <= {"skip"}
    whole = document(cli("restore", "all", "--dry-run", "--db-path", "new.db", "--json"))["plan"]
    assert {step["action"] for step in whole} <= {"skip"}


def test_an_edit_by_hand_is_what_a_restore_then_writes(cli: Run, looker: Simulator, tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as one, client(looker) as api:
        back_up(one, api)
        look = one.items("looks")[0].id
    cli("export", "backup")
    file = tmp_path / "backup/looks" / f"{look}.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"title": "By hand"}))
    assert cli("import", "backup").returncode == 1
    done = document(cli("import", "backup", "--accept-edits", "--json"))
    assert (done["status"], done["edited"]) == ("complete", [f"looks/{look}.json"])
    assert "By hand" in cli("show", "look", look).stdout
    step = document(cli("restore", "single", "look", look, "--dry-run", "--json"))["plan"][-1]
    assert (step["action"], [field["path"] for field in step["fields"]]) == ("update", ["title"])


def test_an_older_export_is_verified_against_looker_like_any_snapshot(
    cli: Run, looker: Simulator, tmp_path: Path
) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as one, client(looker) as api:
        back_up(one, api)
        cli("export", "backup")
        look = one.items("looks")[0].id
        mutate(looker.world, "update", "looks", look, {"title": "Later"})
        back_up(one, api)
    told = cli("import", "backup")
    assert told.returncode == 0, told.stderr
    assert "snapshot 2 is of a later time" in told.stdout
    assert json.loads(cli("snapshots", "--json").stdout)[0]["scope"] == "older state, imported"
    assert json.loads(cli("diff", "1", "3", "--json").stdout) == []
    proof = document(cli("verify", "--snapshot", "3", "--against-live", "--json"))
    found = {(o["kind"], o["content_type"], o["id"]) for o in proof["findings"] if o["kind"] != "dangling"}
    assert (proof["whole"], proof["differs"]) == (True, len(found))
    assert ("changed", "looks", look) in found
    assert {kind for kind, *_ in found} == {"changed"}


# What is said, and how it ends ----------------------------------------------------------------------------------------


def test_a_person_reads_a_table_and_one_closing_line(cli: Run, vault: Path) -> None:
    told = cli("export", "backup", "dashboards")
    assert (told.returncode, told.stderr) == (0, "")
    assert "backup is snapshot 1 (complete): 2 objects" in told.stdout
    told = cli("import", "backup", "--db-path", "new.db")
    assert (told.returncode, told.stderr) == (0, "")
    assert "snapshot 1 is complete: 2 objects" in told.stdout


def test_each_file_that_differs_has_its_line_and_json_lists_them(cli: Run, vault: Path, tmp_path: Path) -> None:
    cli("export", "backup")
    (tmp_path / "backup/dashboards/1.json").write_text("{}")
    (tmp_path / "backup/dashboards/model%3a%3a2.json").unlink()
    done = cli("import", "backup", "--db-path", "new.db")
    assert done.returncode == 1
    error, *lines = done.stderr.splitlines()
    assert error.startswith("error: backup: 2 files are not as the export left them, so nothing is imported")
    assert [line.partition(":")[0] for line in lines] == ["dashboards/1.json", "dashboards/model%3a%3a2.json"]
    told = document(cli("import", "backup", "--db-path", "new.db", "--json"), 1)
    assert told["error_type"] == "ExportChanged"
    assert [one["file"] for one in told["problems"]] == ["dashboards/1.json", "dashboards/model%3a%3a2.json"]
    assert not (tmp_path / "new.db").exists()


def test_holes_make_it_3_on_both_sides(cli: Run, tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as one:
        capture(one, item("1"), missing=("7",))
    for command in (["export", "backup"], ["import", "backup", "--db-path", "new.db"]):
        assert cli(*command).returncode == 3
        assert cli(*command, "--allow-partial").returncode == 0
        assert document(cli(*command, "--json"), 3)["status"] == "partial"


def test_a_damaged_payload_makes_it_5_and_is_named(cli: Run, vault: Path) -> None:
    with Vault.open(vault) as one, one.write() as db:
        db.execute("UPDATE blobs SET data = zeroblob(9) WHERE blob_id = 1")
    done = cli("export", "backup")
    assert done.returncode == 5
    assert "dashboards 1" in done.stdout
    assert [one["id"] for one in document(cli("export", "backup", "--json"), 5)["damaged"]] == ["1"]


INTERRUPTED = b"interrupted; `lookervault export backup` again finishes it\n"
MISTAKES = [
    (["export", "backup", "dashbords"], 2, "dashbords"),
    (["export", "backup", "looks"], 2, "looks"),
    (["export", "backup", "--snapshot", "9"], 2, "snapshot 9"),
    (["export", "backup", "--db-path", "none.db"], 2, "none.db"),
    (["export", "."], 2, "neither empty nor an export"),
    (["export", "looker.db"], 1, "looker.db"),
    (["import", "."], 2, "no export here"),
    (["import", "nowhere"], 2, "nowhere"),
    (["import", "good", "--db-path", "no/such.db"], 5, "no/such.db"),
    (["import", "good", "--db-path", "good/manifest.json"], 5, "manifest.json"),
]


def test_a_mistake_is_one_line(cli: Run, vault: Path) -> None:
    cli("export", "good")
    before = vault.read_bytes()
    for arguments, code, words in MISTAKES:
        assert words in one_line(cli(*arguments), code)
    assert vault.read_bytes() == before
    assert not vault.with_name("backup").exists()


def test_the_vault_of_another_instance_is_refused(cli: Run, vault: Path, tmp_path: Path) -> None:
    cli("export", "backup")
    with Vault.create_or_open(tmp_path / "other.db") as other:
        other.claim_instance("https://other.looker.com")
    assert "https://other.looker.com" in one_line(cli("import", "backup", "--db-path", "other.db"), 5)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_export_is_noticed_and_finished(
    cli: Run, environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as one:
        capture(one, *(item(str(n)) for n in range(1, 101)))
    with subprocess.Popen(
        [sys.executable, "-c", STOPS_AT_FILE_40, "export", "backup"],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"at file 40\n"
        os.kill(process.pid, number)
        assert process.stderr
        told = process.stderr.read()
    assert told == {signal.SIGKILL: b"", signal.SIGINT: b"error: " + INTERRUPTED}[number]
    assert process.returncode == {signal.SIGKILL: -9, signal.SIGINT: 130}[number]
    assert not (tmp_path / "backup/manifest.json").exists()
    assert cli("import", "backup", "--db-path", "new.db").returncode == 2
    again = document(cli("export", "backup", "--json"))
    assert again["items"] == 100
    assert again["unchanged"] == 39
    assert cli("import", "backup", "--db-path", "new.db").returncode == 0


def test_neither_imports_prefect(environment: dict[str, str], vault: Path, tmp_path: Path) -> None:
    script = """
import sys
from flows.cli.app import app
from flows.cli.boundary import run
for arguments in (["export", "backup"], ["import", "backup", "--db-path", "new.db"]):
    assert run(app, arguments) == 0
heavy = {name.split(".")[0] for name in sys.modules} & {"prefect", "fastapi", "sqlalchemy", "uvicorn", "starlette", "looker_sdk"}
print(sorted(heavy), file=sys.stderr)
"""
    done = scripted(script, environment, tmp_path)
    assert done.stderr.splitlines()[-1] == "[]", done.stderr
