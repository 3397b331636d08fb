"""A service account is a user with calls of its own."""

from __future__ import annotations

import pytest

from looker_simulator import oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore


@pytest.fixture
def account(simulator):
    return next(row for row in simulator.world["users"] if row["service_account_name"])


def test_a_service_account_that_was_deleted_is_made_anew(run_of, simulator, looker, account):
    before = oracle.dump(simulator.world)["users"]
    looker.delete("delete_service_account", f"/users/service_accounts/{account['id']}")
    report = restore(run_of(), 4)
    verdict = next(one for one in report.proof.items if one.key.content_type == "users" and one.key.id == account["id"])
    assert (report.status, verdict.verdict) == ("completed", "accepted_losses")
    lost = dict(verdict.lost)
    assert "API keys" in lost["credentials_api3"]
    assert "its name only" in lost["first_name, last_name, locale"]
    assert oracle.dump(simulator.world)["users"].keys() == before.keys()
    assert [step.id for step in run_of().plan().steps if step.writes] == []


def test_a_renamed_and_disabled_service_account_is_put_back_by_its_own_call(run_of, simulator, looker, account):
    name = account["service_account_name"]
    path = f"/users/service_accounts/{account['id']}"
    looker.patch("update_service_account", path, b'{"service_account_name": "wrecked", "is_disabled": true}')
    simulator.calls.reset()
    report = restore(run_of(Selection.single("users", account["id"])))
    now = simulator.world["users"].get(account["id"])
    assert (report.status, now["service_account_name"], now["is_disabled"]) == ("completed", name, False)
    assert report.writes == 1


def test_what_no_call_writes_of_a_service_account_is_named(backed_up, run_of, simulator):
    account = next(row["id"] for row in simulator.world["users"] if row["is_service_account"])
    simulator.world["users"].change(account, first_name="Somebody")
    report = restore(run_of(Selection.bulk("users")))
    lost = {one.key.id: dict(one.lost) for one in report.proof.items}
    assert (report.status, report.writes) == ("completed", 0)
    assert "no call" in lost[account]["first_name"]
