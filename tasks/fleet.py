"""The Prefect server's side of a fleet: its deployments, their runs, and the counts that these published."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    DeploymentFilter,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import DeploymentSort, FlowRunSort
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry, Cancelled, Cancelling

from lookervault_core.fleet import Member, vault_of, why_not_started

FLOW = "extract"
PAGE = 200

T = TypeVar("T")


def deployments(client: SyncPrefectClient, tag: str) -> list[DeploymentResponse]:
    """Return every deployment of the flow `extract` that has *tag*, by name."""
    ours = FlowFilter(name=FlowFilterName(any_=[FLOW]))
    tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=[tag]))
    return _all(
        lambda offset: client.read_deployments(
            flow_filter=ours, deployment_filter=tagged, sort=DeploymentSort.NAME_ASC, limit=PAGE, offset=offset
        )
    )


def member(deployment: DeploymentResponse) -> Member:
    """Return *deployment* as a member of the fleet: its name, its work pool, its vault."""
    environment = deployment.job_variables.get("env") or {}
    vault = vault_of(deployment.parameters, environment, _directory(deployment))
    return Member(deployment.name, deployment.work_pool_name or "", vault)


def children(client: SyncPrefectClient, fleet_run_id: UUID) -> list[FlowRun]:
    """Return the runs that the fleet run has started, of all its attempts, oldest first."""
    ours = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[fleet_run_id]))
    found = _all(
        lambda offset: client.read_flow_runs(flow_run_filter=ours, sort=FlowRunSort.ID_DESC, limit=PAGE, offset=offset)
    )
    return sorted(found, key=lambda run: str(run.created))


def start(deployment: DeploymentResponse, parameters: dict[str, Any], key: str) -> FlowRun:
    """Start *deployment* as a child of the flow run that asks; the same *key* never starts it twice."""
    run: Any = run_deployment(deployment.id, parameters=parameters, timeout=0, idempotency_key=key)
    return run


def go_on(client: SyncPrefectClient, run: FlowRun) -> None:
    """Schedule a run that is over once more, as Retry in the UI does: it goes on with its session and reads only what is
    missing."""
    client.set_flow_run_state(run.id, AwaitingRetry(message="its fleet run goes on"))


def cancel(client: SyncPrefectClient, run: FlowRun, why: str) -> None:
    """Cancel *run*: at once if no worker has it yet, else its worker ends it first; *why* is the message of its state."""
    waits = run.state is not None and run.state.is_scheduled()
    client.set_flow_run_state(run.id, Cancelled(message=why) if waits else Cancelling(message=why))


def counted(client: SyncPrefectClient, run: FlowRun) -> dict[str, Any]:
    """Return `instance`, `items` and `holes` of *run* from the artifacts that it published; keys are missing if it ended
    before."""
    mine = ArtifactFilter(
        flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]),
        key=ArtifactFilterKey(any_=["extract-instance", "extract-results"]),
    )
    found: dict[str, Any] = {}
    for one in sorted(client.read_artifacts(artifact_filter=mine), key=lambda one: str(one.created)):
        if one.key == "extract-instance":
            found["instance"] = str(one.data).partition("](")[0].removeprefix("[")
        else:
            table = _table(one.data)
            found["items"] = sum(row["captured"] for row in table)
            found["holes"] = sum(row["holes"] for row in table)
    return found


def why_waiting(client: SyncPrefectClient, deployment: DeploymentResponse, run: FlowRun, waited_s: float) -> str:
    """Return one line: why no worker has begun *run*, and what to do."""
    pool, name = deployment.work_pool_name, run.state_name or ""
    try:
        is_paused = bool(pool) and client.read_work_pool(pool).is_paused
    except ObjectNotFound:
        pool = None
    if not pool:
        return why_not_started(None, name, is_paused=False, workers=0, waited_s=waited_s)
    online = [one for one in client.read_workers_for_work_pool(pool) if one.status.value == "ONLINE"]
    return why_not_started(pool, name, is_paused=is_paused, workers=len(online), waited_s=waited_s)


def _directory(deployment: DeploymentResponse) -> str:
    """Return the directory in which the worker runs *deployment*; empty if only the worker knows."""
    found = deployment.path or ""
    for step in deployment.pull_steps or []:
        for name, inputs in step.items():
            if name.endswith(".set_working_directory"):
                found = inputs["directory"]
    return found


def _table(data: Any) -> list[dict[str, Any]]:
    return json.loads(data) if isinstance(data, str) else data


def _all(page: Callable[[int], list[T]]) -> list[T]:
    found: list[T] = []
    while True:
        some = page(len(found))
        found += some
        if len(some) < PAGE:
            return found
