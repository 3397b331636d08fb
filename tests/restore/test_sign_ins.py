"""Who signs in through an identity provider only is no ghost after a restore: the next sign-in finds the user made anew."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, oracle
from looker_simulator.seed.people import PROVIDERS
from looker_simulator.signing_in import sign_in
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture

ADDRESS = "user4@example.com"


@pytest.fixture
def user(simulator):
    """Somebody who signs in through SAML only."""
    row = next(row for row in simulator.world["users"] if row["credentials_saml"])
    assert row["id"] not in simulator.world["credentials_email"]
    return row["id"]


def by_email(world, address=ADDRESS):
    return next((row["user_id"] for row in world["credentials_email"] if row["email"] == address), None)


def lost(report, user):
    return next((dict(one.lost) for one in report.proof.items if one.key == ContentKey("users", user)), {})


def restored(vault, looker, user, **options):
    return restore(RestoreRun(vault, looker, Selection.single("users", user), RestoreOptions(**options)))


@pytest.mark.parametrize(("kind", "shape"), PROVIDERS)
def test_the_next_sign_in_finds_the_user_that_was_made_anew(kind, shape, user, vault, looker, simulator):
    world = simulator.world
    login = dict(world["users"].get(user)["credentials_saml"]) | {"type": kind}
    world["users"].change(user, **{"credentials_saml": None, "email": None, f"credentials_{kind}": login})
    capture(vault, looker)
    looker.delete("wreck", f"/users/{user}")
    run = RestoreRun(vault, looker, Selection.single("users", user))
    step = next(step for step in run.plan().steps if step.key == ContentKey("users", user))
    assert ADDRESS in dict(step.lost)[f"credentials_{kind}"]
    report = restore(run)
    assert (report.status, lost(report, user).keys()) == ("completed", {f"credentials_{kind}"})
    assert sign_in(world, kind, ADDRESS) == by_email(world)
    again = restored(vault, looker, user)
    assert (again.status, again.writes) == ("completed", 0)


def test_a_user_without_a_login_that_an_earlier_restore_left_gets_one(user, vault, looker, simulator):
    world = simulator.world
    capture(vault, looker)
    world["users"].change(user, credentials_saml=None, email=None)
    report = restored(vault, looker, user)
    assert (report.status, by_email(world)) == ("completed", user)
    assert undo(vault, looker, report.session_id).status == "completed"
    assert by_email(world) is None


@pytest.mark.parametrize("exact", [False, True])
def test_who_has_the_provider_s_login_still_gets_none_by_e_mail(exact, user, vault, looker, simulator):
    capture(vault, looker)
    looker.patch("wreck", f"/users/{user}", b'{"first_name": "other"}')
    report = restored(vault, looker, user, exact=exact)
    assert (report.status, lost(report, user), by_email(simulator.world)) == ("completed", {}, None)


@pytest.mark.parametrize("exact", [False, True])
def test_exact_takes_the_login_by_e_mail_only_once_there_is_another(exact, user, vault, looker, simulator):
    world = simulator.world
    capture(vault, looker)
    looker.delete("wreck", f"/users/{user}")
    restored(vault, looker, user)
    new = by_email(world)
    assert restored(vault, looker, user, exact=exact).status == "completed"
    assert by_email(world) == new
    sign_in(world, "saml", ADDRESS)
    assert restored(vault, looker, user, exact=exact).status == "completed"
    assert (by_email(world) is None, bool(world["users"].get(new)["credentials_saml"])) == (exact, True)


def test_a_login_that_shows_no_address_is_named_as_one_that_nobody_is_found_by(user, vault, looker, simulator):
    world = simulator.world
    login = dict(world["users"].get(user)["credentials_saml"]) | {"email": None}
    world["users"].change(user, credentials_saml=login, email=None)
    capture(vault, looker)
    looker.delete("wreck", f"/users/{user}")
    report = restored(vault, looker, user)
    assert report.status == "completed"
    assert "shows no address" in lost(report, user)["credentials_saml"]
    assert {one.verdict for one in report.proof.items if one.key.content_type == "users"} == {"accepted_losses"}


def test_a_login_lost_by_a_user_who_is_there_is_named_and_one_gained_too(user, vault, looker, simulator):
    world = simulator.world
    other = next(row["user_id"] for row in world["credentials_email"] if row["email"] == "user3@example.com")
    capture(vault, looker)
    body = json.dumps({"email": ADDRESS}).encode()
    looker.post("wreck", f"/users/{user}/credentials_email", body)
    world["users"].change(user, credentials_saml=None)
    sign_in(world, "saml", "user3@example.com")
    report = restore(RestoreRun(vault, looker, Selection.bulk("users")))
    assert (report.status, report.writes) == ("completed", 0)
    assert "next sign-in" in lost(report, user)["credentials_saml"]
    assert "stays" in lost(report, other)["credentials_saml"]


def test_where_looker_takes_no_login_by_e_mail_that_is_named(user, vault, looker, simulator):
    capture(vault, looker)
    looker.delete("wreck", f"/users/{user}")
    simulator.faults.add("403", operation="create_user_credentials_email")
    report = restored(vault, looker, user)
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert "makes another user" in lost(report, user)["email"]


def test_on_another_instance_the_address_is_who_it_is(user, vault, looker, simulator, connect):
    capture(vault, looker)
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, connect(other) as there:
        before = len(other.world["users"])
        theirs = next(row["id"] for row in other.world["users"] if row["credentials_saml"])
        other.world["users"].change(theirs, credentials_saml=None)
        there.post("setup", f"/users/{theirs}/credentials_email", json.dumps({"email": ADDRESS}).encode())
        report = restored(vault, there, user, target="other")
        assert (report.status, len(other.world["users"])) == ("completed", before)
        assert "credentials_saml" in lost(report, user)


def test_the_logins_are_what_two_instances_can_be_told_apart_by(user, simulator):
    before = oracle.dump(simulator.world)
    simulator.world["users"].change(user, credentials_saml=None)
    assert oracle.differences(before, oracle.dump(simulator.world)) == [f'users › {ADDRESS} › logins: ["saml"] → []']
