"""One run at a time is at work on a vault; the next one waits, and tells the server what became of those before it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import yaml

from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.lock import RunLock
from tests.flows.conftest import Prefect
from tests.flows.site import ROOT, Site, keep, until
from tests.flows.test_cancelled import start

pytestmark = pytest.mark.prefect


def test_no_deployment_has_a_limit_that_a_restarted_server_forgets() -> None:
    found: Any = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    assert [one["name"] for one in found["deployments"] if "concurrency_limit" in one] == []


def test_a_deployed_run_waits_while_another_is_at_work_on_the_vault(
    site: Site, prefect: Prefect, tmp_path: Path
) -> None:
    path = tmp_path / "looker.db"
    keep("us", site.lookers["us"])
    given: dict[str, Any] = {"credentials_block": "us", "db_path": str(path), "types": ["themes"]}
    with Vault.create_or_open(path) as vault, vault.run_lock():
        start(prefect, "extract/watch", **given)
        until(lambda: prefect.state().is_final())
        assert (prefect.state().name, "another run holds it" in prefect.state().message) == ("Skipped", True)
        log = site.vaults / "worker.log"
        told = len(log.read_text())
        start(prefect, "extract/nightly", **given)
        until(lambda: prefect.state().is_running() and "waiting for another run" in log.read_text()[told:])
    assert until(lambda: prefect.state().is_final() and prefect.state().name) == "Completed"


def test_pruning_waits_for_its_turn_too(prefect: Prefect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nights may overlap, and the first one prunes while the second is at work."""
    from flows.retention import retention

    with Vault.create_or_open(prefect.path) as vault:
        other = RunLock(prefect.path, "", vault.now())

    class Ends(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "waiting for another run" in record.getMessage():
                other.release()

    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", "a deployment")
    log, ends = logging.getLogger("prefect.flow_runs"), Ends()
    log.addHandler(ends)
    try:
        pruned: Any = retention
        assert pruned(keep_last=1, db_path=str(prefect.path), return_state=True).name == "Completed"
    finally:
        log.removeHandler(ends)


def test_the_next_run_tells_the_server_of_one_whose_process_is_gone(prefect: Prefect) -> None:
    from prefect.states import Running

    prefect.run(types=["themes"])
    killed, whole = (
        prefect.flow_run_id,
        prefect._client(lambda client: client.create_flow_run(_flow(), state=Running())),
    )
    with Vault.open(prefect.path) as vault:
        session = vault.begin_session(["themes"], (), {"label": str(whole.id)})
    prefect.run(types=["themes"])
    state = prefect._client(lambda client: client.read_flow_run(whole.id)).state
    assert (state.name, session.session_id in state.message) == ("Crashed", True)
    assert prefect._client(lambda client: client.read_flow_run(killed)).state.name == "Completed", "it was told already"


def _flow() -> Any:
    from flows.extract import extract

    return extract
