"""The flow `restore` on a real Prefect server: a subflow per type, the plan to look at, approval, and a retry that goes on."""

from __future__ import annotations

import contextvars
import json
import re
import threading
from base64 import b64decode
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import restorations
from tests.flows.conftest import Prefect
from tests.simulated import capture, client

pytestmark = pytest.mark.prefect


class Restores(Prefect):
    """Runs `restore` instead."""

    def run(self, flow_run_id: UUID | None = None, **parameters: Any) -> Any:
        """Run `restore` and return its final state; it makes a flow run of its own."""
        del flow_run_id
        from prefect.states import Scheduled

        from flows.restore import restore

        given = {"workers": 2, "db_path": str(self.path)} | parameters
        flow_run = self._client(lambda client: client.create_flow_run(restore, parameters=given, state=Scheduled()))
        self.flow_run_id = flow_run.id
        return self._go(given)

    def _go(self, parameters: dict[str, Any]) -> Any:
        from prefect.flow_engine import run_flow

        from flows.restore import restore

        flow_run = self._client(lambda client: client.read_flow_run(self.flow_run_id))
        return run_flow(restore, flow_run=flow_run, parameters=parameters, return_type="state")

    def subflows(self) -> list[Any]:
        """Return the subflow runs in the order in which they began."""
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId

        mine = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[self._id]))
        found = self._client(lambda client: client.read_flow_runs(flow_run_filter=mine))
        return sorted(found, key=lambda one: one.start_time)

    @contextmanager
    def answering(self, approve: bool) -> Generator[list[str]]:
        """Answer the pause of the run, as a person does in the UI; the list has what there was to look at."""
        shown: list[str] = []
        context = contextvars.copy_context()
        ended = threading.Event()
        thread = threading.Thread(target=lambda: context.run(self._answer, approve, shown, ended))
        self.flow_run_id = None
        thread.start()
        try:
            yield shown
        finally:
            ended.set()
            thread.join()

    def _answer(self, approve: bool, shown: list[str], ended: threading.Event) -> None:
        from prefect.flow_runs import resume_flow_run

        while not ended.wait(0.1):
            if self.flow_run_id and self.state().is_paused():
                shown += [*self.artifacts(), self._question()]
                resume_flow_run(self.flow_run_id, run_input={"approve": approve})
                return

    def _question(self) -> str:
        """Return the text of the dialog that asks for the answer."""
        key = self.state().state_details.run_input_keyset["description"]
        return str(self._client(lambda client: client.read_flow_run_input(self._id, key)))


@pytest.fixture
def restores(prefect: Prefect, looker: Simulator, monkeypatch: pytest.MonkeyPatch) -> Restores:
    """The flow, with a backup of *looker* to go by."""
    with Vault.create_or_open(prefect.path) as vault, client(looker) as one:
        capture(vault, one)
    monkeypatch.setattr("flows.approval.POLL_S", 0.2)
    return Restores(looker, prefect.path)


def wreck(looker: Simulator, table: str) -> str:
    """Rename one object; return its id."""
    one = next(row["id"] for row in looker.world[table] if not row.get("deleted"))
    return mutate(looker.world, "update", table, one, {"title": f"Wrecked {one}"})


def is_wrecked(looker: Simulator, table: str, item_id: str) -> bool:
    return looker.world[table].rows[item_id]["title"].startswith("Wrecked")


def test_each_type_is_a_named_subflow_in_the_order_of_the_catalog(restores: Restores, looker: Simulator) -> None:
    wrecked = [(table, wreck(looker, table)) for table in ("boards", "dashboards", "looks")]
    state = restores.run()
    assert state.name == "Completed", state.message
    assert "3 written" in state.message
    assert [one.name for one in restores.subflows()] == ["restore looks", "restore dashboards", "restore boards"]
    assert not any(is_wrecked(looker, *one) for one in wrecked)
    artifacts = restores.artifacts()
    assert {"restore-plan", "restore-progress", "restore-results"} <= artifacts.keys()
    rows = json.loads(artifacts["restore-plan"].data)
    assert all('"Wrecked' in row["changes"] for row in rows if row["action"] == "update"), "as the plan on a terminal"
    before, after = re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", artifacts["restore-plan-drawn"].data)
    assert b"Wrecked" in b64decode(before)
    assert b"Wrecked" not in b64decode(after)


def test_a_run_that_names_no_workers_has_those_of_the_settings(
    restores: Restores, looker: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKERVAULT_WORKERS", "3")
    wreck(looker, "looks")
    assert restores.run(types=["looks"], workers=None).name == "Completed"
    with Vault.open(restores.path, read_only=True) as vault:
        assert [one.options["workers"] for one in restorations.newest_first(vault)] == [3]


def test_a_partial_restore_names_what_failed_and_its_retry_goes_on_with_the_session(
    restores: Restores, looker: Simulator
) -> None:
    look, dashboard = wreck(looker, "looks"), wreck(looker, "dashboards")
    looker.faults.add("422", operation="update_look")
    state = restores.run(types=["looks", "dashboards"])
    assert (state.name, state.type.value) == ("Partial", "FAILED")
    assert f"looks {look}" in state.message
    assert "restore-dead-letters" in restores.artifacts()
    ended = {one.name: (one.state.name, one.state.message) for one in restores.subflows()}
    assert ended == {
        "restore looks": ("Partial", "0 written, 1 failed"),
        "restore dashboards": ("Completed", "1 written"),
    }
    assert not is_wrecked(looker, "dashboards", dashboard)
    looker.faults.clear()
    again = restores.again(types=["looks", "dashboards"])
    assert again.name == "Completed", again.message
    assert not is_wrecked(looker, "looks", look)
    with Vault.open(restores.path, read_only=True) as vault:
        assert [one.status for one in restorations.newest_first(vault)] == ["completed"]


def test_an_approved_plan_is_carried_out(restores: Restores, looker: Simulator) -> None:
    title = next(row["title"] for row in looker.world["looks"] if not row.get("deleted"))
    look = wreck(looker, "looks")
    with restores.answering(approve=True) as shown:
        state = restores.run(types=["looks"], approve="ask")
    assert "restore-plan" in shown
    assert f"plan onto {looker.base_url}, from snapshot 1 (" in shown[-1]
    assert f"- update look **{title} ({look})**: title: " in shown[-1]
    assert state.name == "Completed", state.message
    assert not is_wrecked(looker, "looks", look)


def test_a_plan_that_is_not_approved_writes_nothing(restores: Restores, looker: Simulator) -> None:
    look = wreck(looker, "looks")
    with restores.answering(approve=False):
        state = restores.run(types=["looks"], approve="ask")
    assert state.name == "Declined", state
    assert is_wrecked(looker, "looks", look)
    assert looker.calls.by_operation["update_look"] == 0


def test_a_dry_run_ends_planned_and_writes_nothing(restores: Restores, looker: Simulator) -> None:
    wreck(looker, "looks")
    state = restores.run(types=["looks"], dry_run=True)
    assert (state.name, state.type.value) == ("Planned", "COMPLETED")
    assert "1 update" in state.message
    assert "restore-plan" in restores.artifacts()
    assert looker.calls.by_operation["update_look"] == 0


@pytest.mark.parametrize(
    "settled", [{"exact": True}, {"types": ["looks"]}, {"snapshot": 1}], ids=lambda one: next(iter(one))
)
def test_a_resume_takes_nothing_that_its_session_has_settled(restores: Restores, settled: dict[str, Any]) -> None:
    state = restores.run(resume="newest", **settled)
    assert state.is_failed()
    assert f"{next(iter(settled))}: a restore that is resumed does as it was told to" in state.message
