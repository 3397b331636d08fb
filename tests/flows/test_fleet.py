"""The flow `fleet` with real workers: what came of each instance, what Retry does again, and what a cancelled run leaves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator
from lookervault_core.vault import Vault
from tests.flows.conftest import Prefect
from tests.flows.site import Site, keep, until

pytestmark = pytest.mark.prefect

INSTANCES = ("emea", "us")


class Fleet(Prefect):
    """Runs `fleet` instead, in this process; the extractions run where their worker is."""

    def run(self, flow_run_id: Any = None, **parameters: Any) -> Any:
        """Run `fleet` and return its final state."""
        from prefect.states import Scheduled

        from flows.fleet import fleet

        self.given = parameters
        flow_run = self._client(lambda client: client.create_flow_run(fleet, parameters=parameters, state=Scheduled()))
        self.flow_run_id = flow_run.id
        return self._go(parameters)

    def again(self, **parameters: Any) -> Any:
        """Do what the UI's Retry does."""
        from prefect.states import Scheduled

        retried = Scheduled(name="AwaitingRetry")
        self._client(lambda client: client.set_flow_run_state(self.flow_run_id, retried, force=True))
        return self._go(self.given | parameters)

    def _go(self, parameters: dict[str, Any]) -> Any:
        from prefect.flow_engine import run_flow

        from flows.fleet import fleet

        flow_run = self._client(lambda client: client.read_flow_run(self.flow_run_id))
        return run_flow(fleet, flow_run=flow_run, parameters=parameters, return_type="state")

    def children(self) -> list[Any]:
        from tasks.fleet import children

        return self._client(lambda client: children(client, self._id))

    def rows(self) -> dict[str, Any]:
        """Return the rows of the newest table of results, by deployment."""
        from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey

        mine = ArtifactFilter(
            flow_run_id=ArtifactFilterFlowRunId(any_=[self._id]), key=ArtifactFilterKey(any_=["fleet-results"])
        )
        found = self._client(lambda client: client.read_artifacts(artifact_filter=mine))
        newest = max(found, key=lambda one: one.created)
        return {row["deployment"]: row for row in json.loads(newest.data)}

    def deploy(self, name: str, tag: str, pool: str = "unattended", **parameters: Any) -> Any:
        """Make a deployment of `extract` on a pool that no worker polls; return its id."""
        from prefect.client.schemas.actions import WorkPoolCreate

        from flows.extract import extract

        def make(client: Any) -> Any:
            client.create_work_pool(WorkPoolCreate(name=pool, type="process"), overwrite=True)
            return client.create_deployment(
                client.create_flow(extract), name, tags=[tag], work_pool_name=pool, parameters=parameters
            )

        return self._client(make)


@pytest.fixture
def fleet(looker: Simulator, prefect: Prefect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setattr("flows.fleet.LOOK_EVERY_S", 0.3)
    return Fleet(looker, tmp_path)


def test_retry_of_a_fleet_runs_only_the_instance_that_failed(site: Site, fleet: Fleet) -> None:
    keep("emea", site.lookers["emea"])
    keep("us", site.lookers["us"], secret="wrong")
    state = fleet.run()
    assert (state.name, state.type.value) == ("Partial", "FAILED"), state.message
    assert "1 of 2 instances are backed up" in state.message
    assert re.search("nightly-us: failed .*client_secret", state.message)
    assert "wrong" not in state.message
    assert {one.name for one in fleet.children()} == {"extract all, emea", "extract all, us"}
    rows = fleet.rows()
    assert list(rows) == ["nightly-us", "nightly-emea"]
    assert (rows["nightly-emea"]["state"], rows["nightly-emea"]["holes"]) == ("completed", 0)
    assert rows["nightly-emea"]["instance"] == site.lookers["emea"].base_url
    assert "/runs/flow-run/" in rows["nightly-us"]["run"]
    with Vault.open(site.vault("emea"), read_only=True) as vault:
        assert [one.status for one in vault.snapshots()] == ["complete"]
        assert rows["nightly-emea"]["items"] == sum(one.captured for one in vault.counts(1).values())
    assert not site.vault("us").exists()

    keep("us", site.lookers["us"])
    site.lookers["emea"].calls.reset()
    again = fleet.again()
    assert again.name == "Completed", again.message
    assert "2 of 2 instances are backed up" in again.message
    assert site.lookers["emea"].calls.total == 0, "what had completed is left alone"
    assert sorted(child.run_count for child in fleet.children()) == [1, 2], "the run that failed went on itself"
    assert fleet.rows()["nightly-us"]["instance"] == site.lookers["us"].base_url
    with Vault.open(site.vault("us"), read_only=True) as vault:
        assert [one.status for one in vault.snapshots()] == ["complete"]


def test_a_fleet_of_whole_backups_is_completed_and_passes_on_what_it_was_given(site: Site, fleet: Fleet) -> None:
    for name in INSTANCES:
        keep(name, site.lookers[name])
    state = fleet.run(types=["themes"], incremental=False)
    assert state.name == "Completed", state.message
    assert {row["state"] for row in fleet.rows().values()} == {"completed"}
    assert all(child.parameters["types"] == ["themes"] for child in fleet.children())
    assert {child.parameters["db_path"] for child in fleet.children()} == {str(site.vault(one)) for one in INSTANCES}


def test_a_run_that_no_worker_takes_is_named_cancelled_and_goes_on_when_retried(fleet: Fleet) -> None:
    fleet.deploy("nightly-apac", "unattended", db_path="apac.db")
    state = fleet.run(tag="unattended", start_timeout_s=1)
    assert (state.name, state.type.value) == ("Failed", "FAILED")
    assert "nightly-apac: never started (no worker polls work pool unattended" in state.message
    assert "prefect worker start --pool unattended" in state.message
    assert [child.state.name for child in fleet.children()] == ["Cancelled"]
    fleet.again()
    assert len(fleet.children()) == 1, "the same run waits again"
    fleet.deploy("nightly-apac", "unattended", db_path="elsewhere.db")
    fleet.again()
    found = [child.parameters["db_path"] for child in fleet.children()]
    assert found == ["apac.db", "elsewhere.db"], "a deployment that was mended is started anew"


def test_at_once_holds_the_next_instance_back_until_one_is_over(fleet: Fleet) -> None:
    fleet.deploy("nightly-one", "pair", db_path="one.db")
    fleet.deploy("nightly-two", "pair", db_path="two.db")
    fleet.run(tag="pair", at_once=1, start_timeout_s=1)
    first, second = fleet.children()
    assert first.end_time <= second.created
    assert set(fleet.rows()) == {"nightly-one", "nightly-two"}


def test_two_instances_with_one_vault_are_refused_before_anything_starts(fleet: Fleet) -> None:
    fleet.deploy("nightly-one", "shared", db_path="/srv/vault/looker.db")
    fleet.deploy("nightly-two", "shared", db_path="/srv/vault/../vault/looker.db")
    state = fleet.run(tag="shared")
    assert state.name == "Failed"
    assert "nightly-one and nightly-two (/srv/vault/looker.db)" in state.message
    assert fleet.children() == []


def test_a_tag_or_a_name_that_no_deployment_has_is_one_clear_error(fleet: Fleet) -> None:
    state = fleet.run(tag="nothing")
    assert "no deployment of the flow extract has the tag nothing" in state.message
    fleet.deploy("nightly-one", "named", db_path="one.db")
    state = fleet.run(tag="named", only=["nightly-wrong"])
    assert "no deployment nightly-wrong has the tag named; there are nightly-one" in state.message


def test_a_deployment_that_a_person_paused_is_named_and_left_alone(fleet: Fleet) -> None:
    one = fleet.deploy("nightly-paused", "paused", db_path="one.db")
    fleet._client(lambda client: client.pause_deployment(one))
    state = fleet.run(tag="paused")
    assert state.name == "Failed", "nothing was backed up"
    assert "paused: nightly-paused" in state.message
    assert fleet.children() == []


def test_a_cancelled_fleet_cancels_what_it_has_started(site: Site, fleet: Fleet) -> None:
    """By a worker, whose hooks are called by name and in another process than the flow."""
    from prefect.deployments import run_deployment
    from prefect.states import Cancelling

    fleet.deploy("nightly-one", "cancelled", db_path="one.db")
    run: Any = run_deployment("fleet/nightly", parameters={"tag": "cancelled"}, timeout=0)
    fleet.flow_run_id = run.id
    until(fleet.children)
    fleet._client(lambda client: client.set_flow_run_state(run.id, Cancelling()))
    assert until(lambda: fleet.state().is_cancelled())
    assert [child.state.name for child in fleet.children()] == ["Cancelled"]
