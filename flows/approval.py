"""Ask a person in the Prefect UI whether to carry out a plan; the answer may take hours."""

from __future__ import annotations

from collections.abc import Callable

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.flow_runs import pause_flow_run, suspend_flow_run
from prefect.input import RunInput, create_flow_run_input, read_flow_run_input
from prefect.runtime import deployment, flow_run
from pydantic import Field

TIMEOUT_S = 24 * 3600
POLL_S = 5
_PAUSE, _SHOWN = "plan", "plan-shown"


class Approval(RunInput):
    """The form with which a person approves or declines a plan."""

    approve: bool = Field(
        default=False,
        title="Write what the plan says",
        description="Left off, nothing is written and the run ends.",
    )


def approved(show: Callable[[], tuple[str, str]]) -> str | None:
    """Return the digest of the plan that somebody approved, or None if it was declined.

    *show* publishes the plan and returns the dialog's question and the plan's digest. The run of a deployment is suspended, which
    ends its process; a worker starts it again when there is an answer, and then *show* is not called. A run without a deployment
    waits in its process, for no worker would start it again."""
    if _is_answered():
        digest, question = str(read_flow_run_input(_SHOWN)), ""
    else:
        question, digest = show()
        _note(digest)
    asked = Approval.with_initial_data(description=question)
    if deployment.id:
        get_run_logger().info("suspended until the plan is approved in the UI; a worker goes on with it then")
        answer = suspend_flow_run(wait_for_input=asked, timeout=TIMEOUT_S, key=_PAUSE)
    else:
        get_run_logger().info("waiting until the plan is approved in the UI")
        answer = pause_flow_run(wait_for_input=asked, timeout=TIMEOUT_S, poll_interval=POLL_S, key=_PAUSE)
    return digest if answer.approve else None


def _is_answered() -> bool:
    """Return whether this attempt of the run was asked for already; Retry forgets the answer, for it makes a new plan."""
    with get_client(sync_client=True) as client:
        return _PAUSE in (client.read_flow_run(flow_run.id).empirical_policy.pause_keys or ())


def _note(digest: str) -> None:
    with get_client(sync_client=True) as client:
        for earlier in client.filter_flow_run_input(flow_run.id, _SHOWN, limit=1, exclude_keys=set()):
            client.delete_flow_run_input(flow_run.id, earlier.key)  # of an attempt before this one
    create_flow_run_input(_SHOWN, digest)
