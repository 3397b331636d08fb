"""Two instances behind one host, each below a path of its own, are two instances everywhere."""

from __future__ import annotations

import http.client
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.errors import UsageError, WrongInstance
from lookervault_core.looker.client import Looker
from lookervault_core.restore.request import RestoreOptions, RestoreRequest, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restoration, restore, resumed, undo
from lookervault_core.settings import Connection, load_settings
from tests.restore.test_taking_back import living
from tests.simulated import capture

_HOP = {"connection", "content-length", "transfer-encoding", "host", "date", "server"}


@contextmanager
def one_host(instances: dict[str, Simulator]) -> Generator[str]:
    """Serve each instance below its path on one host and port; yield that address."""

    class Forward(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            prefix = "/" + self.path.split("/")[1]
            to = http.client.HTTPConnection("127.0.0.1", instances[prefix].port, timeout=20)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            to.request(self.command, self.path.removeprefix(prefix), body, headers)
            answer = to.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            if answer.status != 204:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            to.close()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward  # noqa: N815 (http.server's names)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Forward)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sides(tmp_path) -> Iterator[tuple[str, dict[str, Simulator]]]:
    with (
        Simulator(SimulatorOptions(scale="tiny")) as emea,
        Simulator(SimulatorOptions(scale="tiny", id_offset=700)) as us,
    ):
        instances = {"/emea": emea, "/us": us}
        with one_host(instances) as host:
            yield host, instances


def client(url: str) -> Looker:
    return Looker(
        Connection(url, "simulator", SecretStr("simulator-secret")), workers=4, per_second=0, sleep=lambda _: None
    )


def test_a_vault_of_one_is_not_restored_onto_the_other_without_a_target(sides, vault):
    host, instances = sides
    with client(f"{host}/emea") as emea, client(f"{host}/us") as us:
        capture(vault, emea)
        with pytest.raises(WrongInstance, match="--target"):
            RestoreRun(vault, us, Selection.everything()).plan()
        with pytest.raises(WrongInstance, match="it belongs to"):
            capture(vault, us)
        gone = living(instances["/emea"], "boards")[0]["id"]
        mutate(instances["/emea"].world, "delete", "boards", gone)
        session = restore(RestoreRun(vault, emea, Selection.single("boards", gone))).session_id
        for act in (lambda: resumed(vault, us, session), lambda: undo(vault, us, session)):
            with pytest.raises(WrongInstance, match="it restored onto"):
                act()
        assert undo(vault, emea, session).status == "completed"


def test_the_name_of_a_target_is_for_the_other_one_only(sides, vault):
    host, _ = sides
    with client(f"{host}/emea") as emea:
        capture(vault, emea)
    known = {"client_id": "simulator", "client_secret": "simulator-secret", "db_path": str(vault.path)}
    request = RestoreRequest(Selection.bulk("boards"), RestoreOptions(target="staging"))
    with (
        pytest.raises(UsageError, match="the vault's own"),
        restoration(load_settings(None, base_url=f"{host}/emea/api/4.0/", **known), request),
    ):
        pass
    settings = load_settings(None, base_url=f"{host}/us/", **known)
    with restoration(settings, request, dry_run=True) as run:
        assert not run.planner.sides.same_instance


def test_another_spelling_of_the_address_goes_on_with_what_is_known(sides, vault):
    host, instances = sides
    world = instances["/emea"].world
    gone = living(instances["/emea"], "alerts")[0]["id"]
    older = host.replace("127.0.0.1", "LOCALHOST")  # as settings were once handed on
    with client(f"{older}/emea") as emea:
        capture(vault, emea)
        count = len(world["alerts"])
        mutate(world, "delete", "alerts", gone)
        restore(RestoreRun(vault, emea, Selection.single("alerts", gone)))
    with client(f"{older.lower()}/emea") as plain:
        plan = RestoreRun(vault, plain, Selection.single("alerts", gone)).plan()
        assert [step.action for step in plan.steps if step.content_type == "alerts"] == ["skip"]
        assert restore(RestoreRun(vault, plain, Selection.bulk("alerts"))).status == "completed"
    assert len(world["alerts"]) == count


def test_links_to_the_other_instance_are_left_alone(sides, vault):
    host, instances = sides
    world = instances["/emea"].world
    linked, linking = [row["id"] for row in living(instances["/emea"], "dashboards")][:2]
    ours, theirs = f"{host}/emea/dashboards/{linked}", f"{host}/us/dashboards/{linked}"
    world["dashboards"].change(linking, description=f"see {ours}, {theirs} and /emea/dashboards/{linked}")
    with client(f"{host}/emea") as emea:
        capture(vault, emea)
        mutate(world, "delete", "dashboards", linked)
        assert restore(RestoreRun(vault, emea, Selection.bulk("dashboards"))).status == "completed"
    new = max((row["id"] for row in living(instances["/emea"], "dashboards")), key=int)
    text = world["dashboards"].rows[linking]["description"]
    assert text == f"see {host}/emea/dashboards/{new}, {theirs} and /emea/dashboards/{new}"
