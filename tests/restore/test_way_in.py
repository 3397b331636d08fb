"""An attack: whatever the backup says of how people sign in, a restore with login settings leaves the API user a way in."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from looker_simulator import Simulator
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.vault import Vault
from tests.simulated import capture, client

SETTINGS = "instance_settings"
LOGINS = {"saml_config": "credentials_saml", "ldap_config": "credentials_ldap", "oidc_config": "credentials_oidc"}
# Where a provider is, and what it does with the rights of who comes in through it.
PLACES = {
    "saml_config": ("idp_url", "idp_issuer", "idp_cert"),
    "ldap_config": ("connection_host", "user_bind_base_dn"),
    "oidc_config": ("authorization_endpoint", "issuer", "token_endpoint"),
}
RIGHTS = ("set_roles_from_groups", "auth_requires_role")
ATTACKS = 16


def drawn(random: Random, name: str) -> dict[str, Any]:
    where = random.choice(("good", "old"))
    return {
        "enabled": random.random() < 0.6,
        "alternate_email_login_allowed": random.random() < 0.5,
        **{field: f"{where} {field}" for field in PLACES[name]},
        **{field: random.random() < 0.3 for field in RIGHTS},
    }


def can_enter(user: Mapping[str, Any], by_email: bool, now: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    """Return whether a user who could sign in *then* still can, the same way or another one: through a provider that is on and is
    what it was, or by e-mail beside those that are on."""
    on = [name for name in LOGINS if now[name]["enabled"]]
    through = [name for name in on if user.get(LOGINS[name]) and then[name]["enabled"] and not moved(now, then, name)]
    return bool(through) or (by_email and all(now[name]["alternate_email_login_allowed"] for name in on))


def moved(now: Mapping[str, Any], then: Mapping[str, Any], name: str) -> bool:
    return any(now[name][field] != then[name][field] for field in (*PLACES[name], *RIGHTS))


def documents(simulator: Simulator) -> dict[str, dict[str, Any]]:
    return {name: dict(simulator.world[SETTINGS].rows[name]) for name in LOGINS}


def put(simulator: Simulator, random: Random) -> None:
    for name in LOGINS:
        simulator.world[SETTINGS].change(name, **drawn(random, name))


def be(simulator: Simulator, ways: set[str]) -> bool:
    """Let the API user sign in in these ways; return whether by e-mail."""
    world = simulator.world
    logins = {field: {"email": "a@example.com"} if field in ways else None for field in LOGINS.values()}
    world["users"].change(world.admin_user_id, **logins)
    if "email" not in ways and world.admin_user_id in world["credentials_email"]:
        world["credentials_email"].remove(world.admin_user_id)
    return "email" in ways


@pytest.mark.parametrize("attack", range(ATTACKS))
def test_the_api_user_gets_in_as_before(attack: int, simulator: Simulator, vault: Vault) -> None:
    random = Random(attack)
    ways = set(random.sample(["email", *LOGINS.values()], random.randint(1, 2)))
    put(simulator, random)
    with client(simulator) as looker:
        capture(vault, looker, ExtractOptions(types=(SETTINGS,), workers=4))
    by_email = be(simulator, ways)
    me = simulator.world["users"].rows[simulator.world.admin_user_id]
    for _ in range(1000):
        put(simulator, random)
        then = documents(simulator)
        if can_enter(me, by_email, then, then):
            break
    with client(simulator) as looker:
        options = RestoreOptions(include_login_settings=True, exact=True)
        report = restore(RestoreRun(vault, looker, Selection.everything(), options, sleep=lambda _: None))
        assert (report.status, can_enter(me, by_email, documents(simulator), then)) == ("completed", True), ways
        undo(vault, looker, report.session_id)
    assert can_enter(me, by_email, documents(simulator), then), ways


def test_without_being_asked_nothing_of_it_is_written(simulator: Simulator, vault: Vault) -> None:
    put(simulator, Random(1))
    with client(simulator) as looker:
        capture(vault, looker, ExtractOptions(types=(SETTINGS,), workers=4))
        put(simulator, Random(2))
        then = documents(simulator)
        report = restore(
            RestoreRun(vault, looker, Selection.everything(), RestoreOptions(exact=True), sleep=lambda _: None)
        )
    assert (report.writes, documents(simulator)) == (0, then)
