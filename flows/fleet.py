"""The flow `fleet`: run the deployment of `extract` of every instance, and report the result of each and of the whole."""

from __future__ import annotations

if __name__ == "__main__":  # Prefect must be told to be quiet before it is imported
    from flows.cli import run_fleet_as_module

    run_fleet_as_module()

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from uuid import UUID

import httpx
import msgspec
from prefect import Flow, flow, get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run as this_run
from prefect.states import Completed
from prefect.utilities.urls import url_for
from pydantic import Field

from flows.outliving import outliving
from flows.watch import stoppable, watching
from lookervault_core.errors import Interrupted, NotFound
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.fleet import Backup, FleetReport, Outcome, check_vaults, one_line, outcome_of, report, rows
from lookervault_core.inert import for_line
from tasks.artifacts import Progress, show_table
from tasks.fleet import cancel, children, counted, deployments, go_on, member, start, why_waiting

TAG = "lookervault-fleet"
LOOK_EVERY_S = 5.0


def _run_name() -> str:
    """Return what the run is about: `fleet all`, `fleet nightly-us`."""
    only = this_run.parameters.get("only")
    return f"fleet {', '.join(only) if only else 'all'}"


def cancel_children(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001 (Prefect's names)
    """Cancel the runs that the fleet run has started, when it is cancelled: their sessions stay, and Retry goes on with them."""
    with get_client(sync_client=True) as client:
        _cancel_all(client, children(client, flow_run.id))


@flow(
    name="fleet",
    flow_run_name=_run_name,
    description="Back up several Looker instances: run the deployment of `extract` of each, and wait for all of them.",
    on_cancellation=[cancel_children],
)
@outliving
def fleet(
    tag: str = TAG,
    only: list[str] | None = None,
    at_once: Annotated[int, Field(ge=1)] | None = None,
    incremental: bool | None = None,
    types: list[str] | None = None,
    start_timeout_s: Annotated[float, Field(gt=0)] = 600.0,
    wait_hours: Annotated[float, Field(gt=0)] = 20.0,
) -> State[Any]:
    """Run every deployment of `extract` that has *tag*, or those that *only* names; all at once, or `at_once` at a time.

    `incremental` and `types` override those of the deployments; all other parameters are each deployment's own. A run that no
    worker has begun after `start_timeout_s` is cancelled and named; one that is not over after `wait_hours` is named and goes on.
    """
    given: dict[str, Any] = {"incremental": incremental, "types": types}
    given = {name: value for name, value in given.items() if value is not None}
    ExtractOptions(
        types=tuple(types) if types else None
    ).scope()  # a type that is none shows before anything is started
    with stoppable() as stop, get_client(sync_client=True) as client:
        wanted = _chosen(deployments(client, tag), tag, only)
        check_vaults(member(one) for one in wanted if not one.paused)
        runs = _Runs(client, UUID(str(this_run.id)), given, start_timeout_s, wait_hours * 3600)
        found = report(_run(runs, wanted, at_once or len(wanted), stop))
    show_table("fleet-results", rows(found), found.message)
    if watch := watching.get():
        watch(found)
    return _state(found)


def _chosen(found: Sequence[DeploymentResponse], tag: str, only: list[str] | None) -> list[DeploymentResponse]:
    """Return the deployments to run, by name; NotFound if there is none, or none of a name that *only* has."""
    if not found:
        raise NotFound(
            f"no deployment of the flow extract has the tag {tag}: give each instance one in prefect.yaml, with this tag, "
            "and run `prefect deploy --all`"
        )
    by_name = {one.name: one for one in found}
    asked = [name.removeprefix("extract/") for name in only or by_name]
    unknown = [name for name in asked if name not in by_name]
    if unknown:
        raise NotFound(f"only: no deployment {', '.join(unknown)} has the tag {tag}; there are {', '.join(by_name)}")
    return [by_name[name] for name in dict.fromkeys(asked)]


def _run(runs: _Runs, wanted: Iterable[DeploymentResponse], at_once: int, stop: threading.Event) -> list[Backup]:
    """Start *wanted* in their order, `at_once` at a time, and wait until nothing is left to wait for."""
    waiting = deque(wanted)
    total = len(waiting)
    progress = Progress("fleet-progress", f"{total} instances")
    while waiting or runs.active:
        while waiting and len(runs.active) < at_once:
            runs.begin(waiting.popleft())
        progress.show(len(runs.backups), lambda: total)
        if runs.active and stop.wait(LOOK_EVERY_S):
            _cancel_all(runs.client, [one.run for one in runs.active])
            raise Interrupted("interrupted; the extractions that were started are being cancelled, their sessions stay")
        runs.look()
    progress.show(1, lambda: 1, now=True)
    return runs.backups


class _Watched(msgspec.Struct, eq=False):
    """A run that is waited for, since when it is waiting for a worker, and whether it must go on once it is over."""

    deployment: DeploymentResponse
    run: FlowRun
    since_s: float
    goes_on: bool = False

    @property
    def place(self) -> str:
        return self.deployment.work_pool_name or str(self.deployment.id)


class _Runs:
    """The runs that one fleet run has started: those that are waited for, and what came of the others."""

    def __init__(
        self,
        client: SyncPrefectClient,
        fleet_run_id: UUID,
        given: dict[str, Any],
        start_timeout_s: float,
        wait_s: float,
    ) -> None:
        self.client = client
        self.active: list[_Watched] = []
        self.backups: list[Backup] = []
        self._id = fleet_run_id
        self._given = given
        self._start_timeout_s = start_timeout_s
        self._ends_s = time.monotonic() + wait_s
        self._wait_s = wait_s
        self._log = get_run_logger()
        self._earlier: defaultdict[UUID | None, list[FlowRun]] = defaultdict(list)
        for run in children(client, fleet_run_id):
            self._earlier[run.deployment_id].append(run)

    def begin(self, deployment: DeploymentResponse) -> None:
        """Start *deployment*, or go on with what an earlier attempt of this fleet run has started of it."""
        earlier = self._earlier[deployment.id]
        done = next((run for run in earlier if run.state and run.state.is_completed()), None)
        if done:
            self._end(_Watched(deployment, done, 0))
        elif deployment.paused:
            self._note(Backup(deployment.name, "paused"))
        elif time.monotonic() > self._ends_s:
            self._note(Backup(deployment.name, "never started", f"{self._wait_s / 3600:g} h were over before its turn"))
        else:
            try:
                self.active.append(self._begun(deployment, earlier))
            except (httpx.HTTPError, PrefectException) as exc:  # of one instance; the others are none the worse for it
                reason = one_line(f"it could not be started: {' '.join(str(exc).split())}")
                self._note(Backup(deployment.name, "failed", reason))

    def _begun(self, deployment: DeploymentResponse, earlier: list[FlowRun]) -> _Watched:
        now = time.monotonic()
        last = earlier[-1] if earlier else None
        if last and last.state and not last.state.is_final():
            return _Watched(deployment, last, now, goes_on=last.state.is_cancelling())
        if last and last.parameters == deployment.parameters | self._given:
            go_on(self.client, last)
            self._log.info("%s: goes on", deployment.name)
            return _Watched(deployment, self.client.read_flow_run(last.id), now)
        self._log.info("%s: started", deployment.name)
        return _Watched(deployment, start(deployment, self._given, f"{self._id}:{deployment.id}:{len(earlier)}"), now)

    def look(self) -> None:
        """See how the runs are doing, and let go of those that are over, or that waiting does not help."""
        try:
            self._look()
        except httpx.TransportError as exc:
            self._log.warning("the Prefect server does not answer (%s); the runs go on, and are looked at again", exc)

    def _look(self) -> None:
        found = {run.id: run for run in children(self.client, self._id)}
        for one in self.active:
            one.run = found.get(one.run.id, one.run)
        now = time.monotonic()
        busy = {one.place for one in self.active if one.run.state and one.run.state.is_running()}
        for one in list(self.active):
            if one.run.id not in found:
                self._end(one, "failed", "somebody deleted its run")
            else:
                self._look_at(one, now, is_busy=one.place in busy)

    def _look_at(self, one: _Watched, now: float, *, is_busy: bool) -> None:
        state = one.run.state
        if state is None or state.is_final():
            self._over(one, now)
        elif state.is_running() and now > self._ends_s:
            self._end(one, "still running", f"not over after {self._wait_s / 3600:g} h; it goes on")
        elif state.is_running():
            return
        elif is_busy and now <= self._ends_s:  # a worker of its pool has other instances of the fleet to do first
            one.since_s = now
        elif now - one.since_s <= self._start_timeout_s and now <= self._ends_s:
            return
        elif state.is_cancelling():
            self._end(
                one, "cancelled", "no worker says that it has ended; see to its process, and set its state in the UI"
            )
        else:
            reason = why_waiting(self.client, one.deployment, one.run, now - one.since_s)
            cancel(self.client, one.run, reason)
            self._end(one, "never started", reason)

    def _over(self, one: _Watched, now: float) -> None:
        if one.goes_on and one.run.state and not one.run.state.is_completed():
            one.goes_on, one.since_s = False, now
            go_on(self.client, one.run)
        else:
            self._end(one)

    def _end(self, one: _Watched, outcome: Outcome | None = None, reason: str = "") -> None:
        """Let go of *one*, which came to *outcome*, or to what its state says."""
        state = one.run.state
        if outcome is None:
            outcome = outcome_of(state.type.value, state.name or "") if state else "failed"
            reason = one_line(state.message) if state and outcome != "completed" else ""
        spent = (one.run.total_run_time or one.run.estimated_run_time).total_seconds()
        url = url_for(one.run) or ""
        self._note(
            Backup(one.deployment.name, outcome, reason, duration_s=spent, url=url, **counted(self.client, one.run))
        )
        self.active = [other for other in self.active if other is not one]

    def _note(self, backup: Backup) -> None:
        self.backups.append(backup)
        self._log.info("%s: %s %s", backup.name, backup.outcome, for_line(backup.reason))


def _cancel_all(client: SyncPrefectClient, runs: Iterable[FlowRun]) -> None:
    for run in runs:
        if run.state and not run.state.is_final():
            cancel(client, run, "its fleet run was cancelled")


def _state(found: FleetReport) -> State[Any]:
    """Return the run's final state. A partial one counts as failed, so that it alerts and the UI offers Retry."""
    if found.status == "completed":
        return Completed(message=found.message)
    return State(type=StateType.FAILED, name=found.status.capitalize(), message=found.message)
