"""People are told in one plain message what came otherwise than they would want, and nothing else leaves with it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.wreck import wreck
from lookervault_core.errors import LoginRefused
from lookervault_core.notifying import of_extraction, of_failure, of_proof
from tests.watching.commands import run_in

EVERYTHING = ("partial", "failed", "unusual", "stale")
ODD = "odd-secret\u202e<b>&'\"%2F"


class Receiver:
    """A real web hook; `bodies` is what was posted to it."""

    def __init__(self, status: int = 200) -> None:
        self.bodies: list[dict[str, Any]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.bodies.append(json.loads(body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"json://somebody:{'receiver-password'}@127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def looker() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny", seed=2)) as simulator:
        yield simulator


@pytest.fixture
def command(looker: Simulator, tmp_path: Path, receiver: Receiver) -> Callable[..., Any]:
    return run_in(looker, tmp_path, LOOKERVAULT_NOTIFY=receiver.address)


def test_a_night_that_wrecks_an_instance_is_told_once_without_a_word_of_what_users_wrote(
    looker: Simulator, command: Callable[..., Any], receiver: Receiver, tmp_path: Path
) -> None:
    for row in looker.world["dashboards"]:
        row["title"] = row["description"] = ODD
    assert command("extract", "--no-prefect").returncode == 0
    assert receiver.bodies == []
    wreck(looker.world, 1)
    looker.faults.add("403", operation="all_boards")
    looker.faults.add("403", operation="board")
    told = command("extract", "--no-prefect", "--json")
    assert told.returncode == 3, told.stderr
    (sent,) = receiver.bodies
    assert sent["title"] == "LookerVault, 127.0.0.1: partial and an unusual night"
    assert "lookervault extract --resume" in sent["message"]
    assert "Look: lookervault log" in sent["message"]
    assert json.loads(told.stdout)["told"] == {"occasions": ["partial", "unusual"], "addresses": 1, "undelivered": 0}
    said = json.dumps(sent, ensure_ascii=False)
    users = [row["email"] for row in looker.world["credentials_email"]]
    titles = [row["title"] for table in ("looks", "boards") for row in looker.world[table]]
    secrets = ["odd-secret", "receiver-password", looker.options.client_secret, "@example", *users, *titles]
    assert [one for one in secrets if one in said] == []
    shown = told.stdout + told.stderr + "".join(path.read_text("latin-1") for path in tmp_path.glob("looker.db*"))
    assert "receiver-password" not in shown


def test_a_failed_run_is_told_by_the_kind_of_its_error(
    looker: Simulator, command: Callable[..., Any], receiver: Receiver, tmp_path: Path
) -> None:
    refused = run_in(looker, tmp_path, LOOKERVAULT_NOTIFY=receiver.address, LOOKERSDK_CLIENT_SECRET="odd-secret")
    assert refused("extract", "--no-prefect").returncode == 4
    assert receiver.bodies.pop()["message"].startswith("`lookervault extract` ended by an error: login refused.")
    message = of_failure("https://user.example", "extract", LoginRefused(f"refused {ODD} a@b.example"), EVERYTHING)
    assert message
    assert message.lines[0] == "`lookervault extract` ended by an error: login refused."
    assert command("notify").stdout == "address 1 (json): taken\n"
    assert receiver.bodies[0]["title"] == "LookerVault: a test"


def test_an_address_that_takes_nothing_is_named_by_its_number_and_fails_no_run(
    looker: Simulator, tmp_path: Path
) -> None:
    refusing = Receiver(status=500)
    command = run_in(looker, tmp_path, LOOKERVAULT_NOTIFY=refusing.address)
    assert command("extract", "--no-prefect", "themes").returncode == 0
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    told = command("extract", "--no-prefect", "boards")
    assert told.returncode == 3
    assert "note: 1 of 1 addresses of LOOKERVAULT_NOTIFY did not take the message (partial)" in told.stderr
    tried = command("notify")
    assert (tried.returncode, tried.stdout) == (1, "address 1 (json): NOT taken\n")
    refusing.server.shutdown()


def test_an_address_that_is_none_is_refused_before_anything_is_read(looker: Simulator, tmp_path: Path) -> None:
    told = run_in(looker, tmp_path, LOOKERVAULT_NOTIFY="slack://x nonsense:secret-token")("extract", "--no-prefect")
    assert told.returncode == 2
    assert "address 1, 2 of 2 is no URL that apprise knows" in told.stderr
    assert "secret-token" not in told.stderr
    assert looker.calls.total == 0


def test_only_what_is_wanted_is_told() -> None:
    odd = [{"text": "1 tab was deleted; usually none", "look": "lookervault log", "revert": "lookervault revert x"}]
    hole = [{"content_type": "boards", "id": "x@y.example", "reason": ODD}]
    given = ("https://a.example", 7, "partial", hole, odd)
    assert of_extraction(*given, wanted=()) is None
    partial = of_extraction(*given, wanted=("partial",))
    assert partial
    assert partial.lines == ("Snapshot 7 is partial: 1 hole (boards 1).", "Go on: lookervault extract --resume")
    assert of_extraction("https://a.example", 7, "complete", [], [], EVERYTHING) is None
    old = of_proof("https://a.example", 0, ["looks"], 48.0, EVERYTHING)
    assert old
    assert old.title == "LookerVault, a.example: no recent backup"
    assert old.lines[0] == "No complete snapshot in the last 48 hours of looks."
