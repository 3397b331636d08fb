"""A night is one run: extract, verify, push, prune, each with what came of it; its settings can come from blocks."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from looker_simulator import Simulator
from lookervault_core.vault import Vault
from tests.flows.conftest import Prefect
from tests.flows.site import Site, until

pytestmark = pytest.mark.prefect


def credentials(looker: Simulator) -> Any:
    from tasks.blocks import LookerCredentials

    return LookerCredentials(
        base_url=looker.base_url, client_id=SecretStr("simulator"), client_secret=SecretStr("simulator-secret")
    )


def test_the_deployment_of_a_night_backs_up_proves_pushes_and_prunes(
    site: Site, prefect: Prefect, tmp_path: Path
) -> None:
    from prefect.deployments import run_deployment

    from tasks.blocks import LookerVault

    looker = site.lookers["us"]
    connection = credentials(looker)
    connection.save("night-us", overwrite=True)
    (tmp_path / "copies").mkdir()
    path, copies = tmp_path / "looker.db", (tmp_path / "copies").as_uri()
    with Vault.create_or_open(path) as vault:
        for _ in range(3):
            session = vault.begin_session(["themes"], options={})
            vault.fail_snapshot(session.session_id, "an old one")
    LookerVault(db_path=str(path), offsite_url=copies, keep_last=1, keep_daily=0, credentials=connection).save(
        "night-us", overwrite=True
    )
    given = {"vault_block": "night-us", "keep_daily": 1, "keep_weekly": None, "keep_monthly": None}
    run: Any = run_deployment("night/nightly", parameters=given, timeout=0)
    prefect.flow_run_id = run.id
    until(lambda: prefect.state() and prefect.state().is_final())
    assert prefect.state().name == "Completed", prefect.state().message
    assert prefect.state().message == "extract completed → verify completed → push completed → prune completed"
    rows = str(prefect.artifacts()["night"].data)
    assert "is complete" in rows
    assert "is proven" in rows
    with Vault.open(path, read_only=True) as vault:
        assert [one.status for one in vault.snapshots()] == ["complete"]
    assert len(list((tmp_path / "copies").iterdir())) > 0
    logs = prefect._client(
        lambda client: client._client.post("/logs/filter", json={"limit": 200, "logs": {"level": {"ge_": 20}}})
    ).json()
    assert any("dashboards: " in one["message"] and "captured" in one["message"] for one in logs)


def test_a_night_without_a_disk_prunes_what_it_pulled_pushes_it_and_says_who_was_not_told(
    prefect: Prefect, looker: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.nightly import night
    from lookervault_core.offsite import listing
    from lookervault_core.offsite.store import Store

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("LOOKERVAULT_NOTIFY", "json://127.0.0.1:9/")
    monkeypatch.setenv("LOOKERVAULT_FROM_OFFSITE", "true")  # as the template of a pool of pods has it
    given: dict[str, Any] = {"offsite_url": (tmp_path / "copies").as_uri(), "keep_last": 1, "return_state": True}
    first = night(**given)
    assert first.message == "extract completed → verify completed → prune completed → push completed"
    for operation in ("all_boards", "board"):
        looker.faults.add("403", operation=operation)
    second = night(**given)
    assert (second.name, "tell missed" in str(second.message)) == ("Partial", True), second.message
    prefect.flow_run_id = second.state_details.flow_run_id
    assert "1 of 1 addresses of LOOKERVAULT_NOTIFY" in str(prefect.artifacts()["night"].data)
    copies = listing(Store(given["offsite_url"])).copies
    assert [[kept.snapshot_id for kept in one.snapshots] for one in copies] == [[1], [1, 2]]
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("lookervault-")] == []


def test_the_credentials_give_a_client_of_the_official_sdk(looker: Simulator) -> None:
    assert credentials(looker).get_client().me().id == looker.world.admin_user_id


def test_forms_offer_the_types_to_choose_from() -> None:
    from prefect.utilities.callables import parameter_schema

    from flows.extract import extract
    from flows.restore import restore
    from lookervault_core.catalog import CATALOG

    for flow in (extract, restore):
        assert str(sorted(CATALOG)) in str(parameter_schema(flow).model_dump()["properties"]["types"])
