"""A mistake costs a second, one line and the right exit code."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from looker_simulator import Simulator
from lookervault_core.model import Item, Range
from lookervault_core.vault import Vault
from tests.cli.conftest import SECRET, Run, program, scripted


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr + done.stdout
    return lines[0]


def test_a_host_that_runs_no_looker_now_is_one_line_that_names_both_causes(cli: Run, looker: Simulator) -> None:
    looker.bends.on("html_404")
    done = cli("extract", LOOKERVAULT_MAX_ATTEMPTS="2")
    line = one_line(done)
    assert done.returncode == 1
    assert "no Looker instance runs at this address" in line
    assert "client_id and client_secret" in line


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        ({"LOOKERSDK_BASE_URL": "http://no-such-host.invalid"}, 1, ["no-such-host.invalid"]),
        ({"LOOKERSDK_BASE_URL": "http://127.0.0.1:9", "LOOKERVAULT_MAX_ATTEMPTS": "1"}, 1, ["127.0.0.1:9"]),
        ({"LOOKERSDK_BASE_URL": "ftp://x"}, 2, ["base_url", "ftp://x"]),
        ({"LOOKERSDK_CLIENT_SECRET": "wrong"}, 4, ["client_secret", "client_id"]),
        ({"LOOKERSDK_CLIENT_ID": "viewer", "LOOKERSDK_CLIENT_SECRET": "viewer-secret"}, 4, ["admin"]),
        ({"LOOKERSDK_CLIENT_SECRET": None}, 2, ["LOOKERSDK_CLIENT_SECRET"]),
        ({"LOOKERVAULT_WORKERS": "99"}, 2, ["LOOKERVAULT_WORKERS", "99"]),
        ({"LOOKERVAULT_DB_PATH": "/nowhere/at/all.db"}, 2, ["/nowhere/at/all.db", "directory"]),
    ],
    ids=[
        "wrong host",
        "wrong port",
        "not a URL",
        "wrong secret",
        "not an admin",
        "no secret",
        "bad setting",
        "no directory",
    ],
)
def test_a_wrong_setting_is_one_line_and_leaves_no_vault(
    cli: Run, tmp_path: Path, variables: dict[str, str | None], code: int, words: list[str]
) -> None:
    done = cli("extract", **variables)
    line = one_line(done)
    assert done.returncode == code, line
    assert line.startswith("error: ")
    assert all(word in line for word in words), line
    assert not list(tmp_path.glob("*.db*"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["extract", "dashbords"], 2, ["dashbords", "dashboards"]),
        (["extract", "themes", "--exclude", "themes"], 2, ["excluded"]),
        (["extract", "--resume"], 2, ["resume"]),
        (["extract", "--folder", "999999"], 2, ["999999"]),
        (["list", "dashboards"], 2, ["looker.db"]),
        (["show", "nonsense", "1"], 2, ["looker.db"]),
        (["verify"], 2, ["looker.db"]),
        (["extract", "dashbords"], 2, ["'dashbords'; did you mean dashboards?"]),
        (["simulate", "--scale", "enormous"], 2, ["enormous", "huge"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_said_in_one_line(cli: Run, arguments: list[str], code: int, words: list[str]) -> None:
    done = cli(*arguments)
    line = one_line(done)
    assert done.returncode == code
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract", "--workers", "0"],
        ["extract", "--no-such-option"],
        ["nonsense"],
        ["show"],
        ["restore", "resume", "--exact"],
    ],
)
def test_a_mistake_in_the_options_exits_with_2(cli: Run, arguments: list[str]) -> None:
    done = cli(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_error_under_json_is_one_json_document(cli: Run) -> None:
    done = cli("extract", "--json", LOOKERSDK_CLIENT_SECRET="wrong")
    assert json.loads(done.stdout)["error_type"] == "LoginRefused"
    assert done.returncode == 4


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database at all " * 100)


def other_application(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE mine (x)")


def newer(path: Path) -> None:
    Vault.create_or_open(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")


def corrupt(path: Path) -> None:
    Vault.create_or_open(path).close()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 3000)


def directory(path: Path) -> None:
    path.mkdir()


def read_only(path: Path) -> None:
    Vault.create_or_open(path).close()
    path.chmod(0o400)


@pytest.mark.parametrize(
    "make", [garbage, other_application, newer, corrupt, directory], ids=lambda make: make.__name__
)
@pytest.mark.parametrize("command", ["extract", "snapshots"])
def test_a_vault_that_cannot_be_used_is_left_as_it_was(
    cli: Run, tmp_path: Path, make: Callable[[Path], None], command: str
) -> None:
    path = tmp_path / "looker.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    done = cli(command)
    line = one_line(done)
    assert done.returncode == 5, line
    assert "looker.db" in line
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to everything")
def test_a_read_only_vault_is_refused(cli: Run, tmp_path: Path) -> None:
    read_only(tmp_path / "looker.db")
    done = cli("extract")
    assert done.returncode == 5
    assert "permission" in one_line(done)


def test_help_and_what_reads_the_vault_import_neither_prefect_nor_what_talks_to_looker(
    environment: dict[str, str], tmp_path: Path
) -> None:
    Vault.create_or_open(tmp_path / "looker.db").close()
    script = """
import sys
from flows.cli.app import app
from flows.cli.boundary import run
for arguments in (["--help"], ["extract", "--help"], ["list", "dashboards"], ["snapshots"], ["stats"], ["log"], ["search", "x"]):
    run(app, arguments)
talking = {name.split(".")[0] for name in sys.modules} & {"urllib3", "tenacity"}
run(app, ["info"])
heavy = talking
heavy |= {name.split(".")[0] for name in sys.modules} & {"prefect", "fastapi", "sqlalchemy", "uvicorn", "starlette", "looker_sdk"}
print(sorted(heavy), file=sys.stderr)
"""
    done = scripted(script, environment, tmp_path)
    assert done.stderr.splitlines()[-1] == "[]", done.stderr


def test_check_says_what_would_go_wrong(cli: Run) -> None:
    assert cli("check").returncode == 0
    refused = cli("check", LOOKERSDK_CLIENT_SECRET="wrong")
    assert refused.returncode == 4
    assert "client_secret" in refused.stdout
    assert SECRET not in cli("info").stdout


@pytest.mark.parametrize(
    "arguments",
    [["list", "dashboards", "--offset", "9"], ["search", "zzz"], ["restore", "dlq", "list"]],
)
def test_what_finds_nothing_says_so_and_prints_nothing(cli: Run, tmp_path: Path, arguments: list[str]) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        filled(vault, [Item("dashboards", "1", b'{"id":"1"}')], "dashboards")
    done = cli(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "nothing found\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["search", "x" * 100_000], "say at most 1,000"),
        (["where-used", "a.b.c.d", "--snapshot", "99"], "this vault has none of that id"),
    ],
    ids=["a long text", "an unknown snapshot"],
)
def test_what_cannot_be_looked_for_is_one_line(cli: Run, tmp_path: Path, arguments: list[str], words: str) -> None:
    Vault.create_or_open(tmp_path / "looker.db").close()
    done = cli(*arguments)
    assert (done.returncode, words in one_line(done)) == (2, True), done.stderr


def test_a_diff_without_a_difference_says_what_it_compared(cli: Run, tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        filled(vault, [Item("dashboards", "1", b'{"id":"1"}')], "dashboards")
    done = cli("diff", "1", "1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "compared: all types of both\n", "nothing found\n")


def test_a_diff_shows_the_first_objects_and_says_how_many_there_are(cli: Run, tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        for title in ("A", "B", "C"):
            bodies = [(str(n), f'{{"id":"{n}","title":"{title}"}}'.encode()) for n in range(5)]
            filled(vault, [Item("dashboards", one, body, f"{title} {one}") for one, body in bodies], "dashboards")
    done = cli("diff", "1", "3", "--limit", "2")
    assert len(done.stdout.splitlines()) == 4, done.stdout  # what is compared, the headings, two rows
    assert done.stderr.splitlines() == [
        "5 dashboards changed",
        "these are the first 2; 3 of the others changed more than once, and may be as they were; --limit 0 shows all",
    ]
    assert len(cli("diff", "1", "3", "--limit", "0").stdout.splitlines()) == 7


def test_a_proof_of_another_instance_says_that_it_compares_two(cli: Run, looker: Simulator, tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        vault.claim_instance("https://another.example")
        filled(vault, [Item("dashboards", "999999", b'{"id":"999999"}')], "dashboards")
    done = cli("verify", "--against-live")
    assert (
        f"two instances: the vault is a backup of https://another.example, and Looker is {looker.base_url}"
        in done.stderr
    )
    last = done.stdout.splitlines()[-1]
    assert (done.returncode, last.startswith("proven: "), "Looker holds now differs" in last) == (0, True, True), last


def test_a_folder_that_narrows_nothing_of_a_type_is_said(cli: Run, looker: Simulator) -> None:
    folder = next(row["id"] for row in looker.world["folders"])
    done = cli("extract", "users", "looks", "--folder", str(folder), PREFECT_API_URL="http://127.0.0.1:9/api")
    assert "note: --folder does not narrow users: all of them are taken" in done.stderr


def test_check_fails_for_the_vault_of_another_instance(cli: Run, looker: Simulator, tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        vault.claim_instance("https://another.example")
    done = cli("check")
    row = next(line for line in done.stdout.splitlines() if line.startswith("instance"))
    assert (done.returncode, "failed" in row) == (5, True), done.stdout
    assert all(word in row for word in ("https://another.example", looker.base_url, "--db-path", "--target")), row


def test_a_reader_that_has_read_enough_is_no_error(environment: dict[str, str], tmp_path: Path) -> None:
    """`lookervault list dashboards | head -1` ends well, whichever way the rows are printed."""
    row = Item("dashboards", "1", b'{"id":"1"}', name="x" * 200)
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        filled(vault, [msgspec.structs.replace(row, id=str(n)) for n in range(3000)], "dashboards")
    for arguments in (["list", "dashboards"], ["list", "dashboards", "--json"]):
        with subprocess.Popen(
            [*program(), *arguments], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.read(10)
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0, arguments


def filled(vault: Vault, items: list[Item], *types: str, folders: tuple[str, ...] = ()) -> None:
    """Add a complete snapshot of *items* to *vault*."""
    session = vault.begin_session(types, folders)
    for name in types:
        ours = [item for item in items if item.content_type == name]
        span = Range(name, 0, max(1, len(ours)))
        vault.plan_ranges(session.session_id, [span])
        vault.set_census(session.snapshot_id, name, [item.id for item in ours])
        vault.keep_page(session.session_id, session.snapshot_id, span, ours, [], span.stop, True, frozenset())
    assert vault.close_snapshot(session.session_id).status == "complete"


def test_what_is_narrowed_says_so_and_is_not_what_verify_proves(cli: Run, tmp_path: Path) -> None:
    item = Item("dashboards", "1", b'{"id":"1"}')
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        filled(vault, [item], "dashboards", "looks", "boards", "themes")
        filled(vault, [item], "dashboards", folders=("7", "8"))
        filled(vault, [item], "dashboards", folders=("state before a restore",))
    scopes = [one["scope"] for one in json.loads(cli("snapshots", "--json").stdout)]
    assert scopes == ["state before a restore", "folder 7, 8", "dashboards, looks, boards and 1 more"]
    assert json.loads(cli("verify", "--json").stdout)["snapshot_id"] == 1


def test_the_vault_of_another_instance_is_refused_before_anything_starts(cli: Run, tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        vault.claim_instance("https://another.example")
    done = cli("extract", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert done.returncode == 5
    assert "https://another.example" in one_line(done)


def test_a_handover_to_the_same_person_is_refused_before_anything_is_read(
    cli: Run, looker: Simulator, vault_path: Path
) -> None:
    user = next(row for row in looker.world["users"] if row["email"])
    looker.calls.reset()
    for words in (("0", "0"), (user["id"], user["id"]), (user["id"], user["email"].upper())):
        done = cli("offboard", words[0], "--to", words[1], "--yes")
        assert (done.returncode, one_line(done)) == (2, "error: USER and --to are the same person")
    assert looker.calls.total == 0
    with Vault.open(vault_path, read_only=True) as vault:
        assert len(vault.snapshots()) == 1


def test_a_port_in_use_is_said_in_one_line(cli: Run, looker: Simulator) -> None:
    done = cli("simulate", "--scale", "tiny", "--port", str(looker.port))
    assert done.returncode == 2
    assert str(looker.port) in one_line(done)
