"""Whom an application that embeds Looker signs in is found again by the id that this knows, or the loss is named."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture

ADDRESS = {"email": "both@example.com"}


@pytest.fixture
def user(simulator, looker) -> dict:
    """An embed user who also has a login by e-mail."""
    row = next(row for row in simulator.world["users"] if row["credentials_embed"])
    looker.post("login", f"/users/{row['id']}/credentials_email", json.dumps(ADDRESS).encode())
    return dict(row)


@pytest.fixture
def run_of(vault, looker, user):
    capture(vault, looker)
    return lambda: RestoreRun(vault, looker, Selection.single("users", user["id"]), sleep=lambda _: None)


def external(row) -> str | None:
    return next((one["external_user_id"] for one in row["credentials_embed"]), None)


def lost(report, user) -> dict[str, str]:
    return next((dict(one.lost) for one in report.proof.items if one.key == ContentKey("users", user["id"])), {})


def test_one_with_a_login_by_email_too_is_made_anew_with_both(run_of, simulator, looker, user):
    looker.delete("wreck", f"/users/{user['id']}")
    report = restore(run_of())
    made = next(row for row in simulator.world["users"] if external(row) == external(user))
    assert (report.status, lost(report, user).keys()) == ("completed", {"password"})
    assert simulator.world["credentials_email"].get(made["id"])["email"] == ADDRESS["email"]
    assert restore(run_of()).writes == 0


def test_where_nothing_is_embedded_the_login_by_email_comes_back_and_the_loss_is_named(run_of, simulator, looker, user):
    looker.delete("wreck", f"/users/{user['id']}")
    simulator.world.bends.on("features_off", "create_embed_user:403")
    report = restore(run_of())
    assert lost(report, user).keys() == {"password", "external_user_id"}
    assert ADDRESS["email"] in {row["email"] for row in simulator.world["credentials_email"]}


def test_an_embed_login_that_is_gone_is_named(run_of, simulator, user):
    mutate(simulator.world, "update", "users", user["id"], {"credentials_embed": []})
    report = restore(run_of())
    assert (report.status, report.writes) == ("completed", 0)
    assert "its next sign-in makes another user" in lost(report, user)["external_user_id"]
