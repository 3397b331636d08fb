"""Settings of the instance: kept as they are, put back field by field, and nobody is locked out by it."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.catalog import DOCUMENTS
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture

SETTINGS = "instance_settings"
LOGINS = {name for name, document in DOCUMENTS.items() if document.login}


def state(simulator: Simulator) -> dict:
    return oracle.dump(simulator.world, logins=True)["instance_settings"]


def wreck(simulator: Simulator, name: str, **values) -> None:
    mutate(simulator.world, "update", SETTINGS, name, values)


def payload(vault, name: str) -> dict:
    return json.loads(vault.payload(ContentKey(SETTINGS, name)))


def lost(report) -> dict[str, dict[str, str]]:
    return {
        item.key.id: dict(item.lost) for item in report.proof.items if item.key.content_type == SETTINGS and item.lost
    }


def test_each_document_is_an_item_under_the_name_of_its_operation(backed_up, looker):
    with backed_up.read() as db:
        found = {id for (id,) in db.execute("SELECT id FROM content_items WHERE content_type = 'instance_settings'")}
    assert {"setting", "saml_config", "support_access_allowlist", "whitelabel_configuration"} <= found
    assert payload(backed_up, "setting")["timezone"] == "Europe/Berlin"
    assert "workforce_config" not in {one.id for one in backed_up.items(SETTINGS)}


def test_a_changed_setting_comes_back_and_nothing_else_is_sent(run_of, simulator, backed_up):
    before = state(simulator)
    embed = simulator.world[SETTINGS].rows["setting"]["embed_config"]
    wreck(
        simulator, "setting", timezone="UTC", embed_config=embed | {"sso_auth_enabled": False, "domain_allowlist": []}
    )
    wreck(simulator, "whitelabel_configuration", default_title="Wrecked")
    wreck(simulator, "custom_welcome_email", content="wrecked")
    report = restore(run_of(Selection.bulk(SETTINGS)))
    assert report.status == "completed"
    assert state(simulator) == before
    with backed_up.read() as db:
        sent = {step: json.loads(body) for step, body in db.execute("SELECT step, intent FROM restoration_journal")}
    assert sent["set_setting"] == {
        "timezone": "Europe/Berlin",
        "embed_config": {"sso_auth_enabled": True, "domain_allowlist": ["https://portal.example.com"]},
    }
    assert simulator.world[SETTINGS].rows["whitelabel_configuration"]["logo_file"] == "never shown"
    assert simulator.world.fired == []


def test_login_settings_are_left_alone_unless_they_are_asked_for(run_of, simulator):
    before = state(simulator)
    wreck(simulator, "password_config", min_length=7)
    wreck(simulator, "saml_config", idp_url="https://wrecked.example.com", groups_with_role_ids=[])
    report = restore(run_of())
    assert report.writes == 0
    assert set(lost(report)) >= {"password_config", "saml_config"}
    assert "--include-login-settings" in lost(report)["password_config"]["min_length"]
    report = restore(run_of(include_login_settings=True))
    assert report.status == "completed"
    assert state(simulator) == before


def test_a_restore_never_closes_the_api_users_own_way_in(run_of, simulator, backed_up, looker):
    wreck(simulator, "saml_config", alternate_email_login_allowed=False)
    capture(backed_up, looker)
    wreck(simulator, "saml_config", alternate_email_login_allowed=True)
    report = restore(run_of(Selection.single(SETTINGS, "saml_config"), include_login_settings=True))
    assert "could not sign in" in lost(report)["saml_config"]["alternate_email_login_allowed"]
    assert simulator.world[SETTINGS].rows["saml_config"]["alternate_email_login_allowed"] is True


def test_what_is_only_written_or_accepted_by_people_is_a_named_loss(run_of, simulator):
    wreck(simulator, "setting", host_url="https://elsewhere.example.com", marketplace_terms_accepted=True)
    wreck(simulator, "ldap_config", auth_password="")
    wreck(simulator, "mobile_settings", mobile_app_integration=False)
    wreck(simulator, "public_egress_ip_addresses", egress_ip_addresses=["192.0.2.7", "198.51.100.9"])
    report = restore(run_of(include_login_settings=True))
    assert report.writes == 0
    found = lost(report)
    assert {"host_url", "marketplace_terms_accepted"} <= found["setting"].keys()
    assert "enter it in Looker" in found["ldap_config"]["has_auth_password"]
    assert "no call writes it" in found["mobile_settings"]["mobile_app_integration"]
    assert "no call writes it" in found["public_egress_ip_addresses"]["egress_ip_addresses"]


def test_an_undo_takes_back_the_settings_that_a_restore_wrote_and_no_other(run_of, simulator, backed_up, looker):
    wreck(simulator, "setting", timezone="UTC")
    wreck(simulator, "whitelabel_configuration", default_title="Wrecked")
    wreck(simulator, "session_config", session_minutes=60)
    wrecked = state(simulator)
    report = restore(run_of(include_login_settings=True))
    assert state(simulator) != wrecked
    wreck(simulator, "whitelabel_configuration", show_docs=False)
    taken_back = undo(backed_up, looker, report.session_id)
    assert taken_back.status == "completed"
    found = state(simulator)
    assert found["whitelabel_configuration"].pop("show_docs") is False
    wrecked["whitelabel_configuration"].pop("show_docs")
    assert found == wrecked


def test_who_was_let_in_is_let_in_again_and_an_undo_takes_them_off(run_of, simulator, backed_up, looker):
    before = state(simulator)
    world = simulator.world
    gone = next(row["id"] for row in world["support_access_allowlist"])
    mutate(world, "delete", "support_access_allowlist", gone)
    wrecked = state(simulator)
    report = restore(run_of(Selection.bulk(SETTINGS)))
    assert (report.status, state(simulator)) == ("completed", before)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert state(simulator) == wrecked


def test_who_was_let_in_since_goes_only_with_exact(run_of, simulator):
    before = state(simulator)
    added = {"email": "new@example.com", "reason": "since"}
    mutate(simulator.world, "create", "support_access_allowlist", None, added)
    assert restore(run_of(Selection.bulk(SETTINGS))).writes == 0
    report = restore(run_of(Selection.bulk(SETTINGS), exact=True))
    assert (report.status, state(simulator)) == ("completed", before)


def test_a_document_that_is_not_served_is_no_hole_and_is_told(vault, looker, simulator):
    simulator.world.bends.on(
        "features_off", "saml_config:403+ldap_config:403+oidc_config:403+password_config:403+mobile_settings"
    )
    snapshot = capture(vault, looker)
    assert vault.snapshot(snapshot).status == "complete"
    notes = {note.id: note.detail for note in vault.notes(snapshot) if note.content_type == SETTINGS}
    assert notes.keys() == {
        "saml_config",
        "ldap_config",
        "oidc_config",
        "password_config",
        "mobile_settings",
        "workforce_config",
    }
    assert "its feature is off" in notes["saml_config"]
    counts = vault.counts(snapshot)[SETTINGS]
    assert counts.captured == counts.listed


def test_a_feature_that_was_switched_off_is_no_hole_and_its_document_no_deletion(vault, looker, simulator):
    capture(vault, looker)
    simulator.world.bends.on("features_off", "ldap_config:403")
    snapshot = capture(vault, looker)
    assert vault.snapshot(snapshot).status == "complete"
    assert vault.counts(snapshot)[SETTINGS].deleted == 0
    [note] = [note for note in vault.notes(snapshot) if note.id == "ldap_config"]
    assert "the snapshot before had it" in note.detail


def test_what_the_destination_does_not_serve_is_a_loss_and_stops_nobody(run_of, simulator):
    simulator.world.bends.on("features_off", "ldap_config:403")
    wreck(simulator, "setting", timezone="UTC")
    report = restore(run_of(Selection.bulk(SETTINGS)))
    assert report.status == "completed"
    assert report.writes == 1


@pytest.mark.parametrize("name", ["saml_config", "ldap_config", "oidc_config"])
def test_another_instance_gets_the_settings_with_its_own_ids(name, backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as there:
        empty = {"default_new_user_role_ids": [], "groups_with_role_ids": [], "user_attributes_with_ids": []}
        mutate(other.world, "update", SETTINGS, name, empty)
        mutate(other.world, "update", SETTINGS, "setting", {"timezone": "UTC", "host_url": "https://other.example.com"})
        options = RestoreOptions(target="other", include_login_settings=True, skip_validation=True)
        report = restore(RestoreRun(backed_up, there, Selection.everything(), options, sleep=lambda _: None), 4)
        row = other.world[SETTINGS].rows[name]
        roles = other.world["roles"]
        given = payload(backed_up, name)["default_new_user_roles"]
        assert [roles.rows[one]["name"] for one in row["default_new_user_role_ids"]] == [one["name"] for one in given]
        assert all(one in roles for mapping in row["groups_with_role_ids"] for one in mapping["role_ids"])
        assert all(
            one in other.world["user_attributes"] for one in row["user_attributes_with_ids"][0]["user_attribute_ids"]
        )
        assert other.world[SETTINGS].rows["setting"]["timezone"] == "Europe/Berlin"
        assert other.world[SETTINGS].rows["setting"]["host_url"] == "https://other.example.com"
        if name != "saml_config":
            assert "enter it in Looker" in " ".join(lost(report)[name].values())


@pytest.mark.parametrize(
    "field", ["embed_cookieless_v2", "extension_load_url_enabled", "marketplace_auto_install_enabled"]
)
def test_a_deprecated_setting_comes_back_as_long_as_looker_takes_it(field, run_of, simulator, backed_up, looker):
    before = json.loads(looker.get("setting", "/setting").body)[field]
    looker.patch("people", "/setting", json.dumps({field: not before}).encode())
    report = restore(run_of(Selection.bulk("instance_settings")))
    assert report.status == "completed"
    assert json.loads(looker.get("setting", "/setting").body)[field] is before


def lose_a_mapped_role(simulator: Simulator, *, named_on: bool) -> str:
    """Delete for good a role that a mapping of SAML goes on naming, or not."""
    rows = simulator.world[SETTINGS].rows["saml_config"]["groups_with_role_ids"]
    role_id = rows[0]["role_ids"][-1]
    kept = [row | {"role_ids": [one for one in row["role_ids"] if named_on or one != role_id]} for row in rows]
    mutate(simulator.world, "delete", "roles", role_id)
    simulator.world[SETTINGS].change("saml_config", groups_with_role_ids=kept, idp_url="https://new.example.com")
    return role_id


def mapped_roles(simulator: Simulator) -> list[str]:
    return simulator.world[SETTINGS].rows["saml_config"]["groups_with_role_ids"][0]["role_ids"]


@pytest.mark.parametrize("selection", [Selection.everything(), Selection.bulk("roles")], ids=["all", "roles"])
def test_a_mapping_that_is_left_alone_and_names_a_role_made_anew_is_named_in_plan_and_report(
    selection, run_of, simulator
):
    role_id = lose_a_mapped_role(simulator, named_on=True)
    before, said = mapped_roles(simulator), f"it goes on naming role {role_id}, which is gone"
    step = next(step for step in run_of(selection).plan().steps if step.id == "saml_config")
    assert (step.action, said in dict(step.lost)["groups_with_role_ids"]) == ("skip", True)
    report = restore(run_of(selection))
    assert (report.status, mapped_roles(simulator)) == ("completed", before)
    assert said in lost(report)["saml_config"]["groups_with_role_ids"]
    assert "--include-login-settings" in lost(report)["saml_config"]["groups_with_role_ids"]
    assert ("idp_url" in lost(report)["saml_config"]) is (selection != Selection.bulk("roles"))
    again = restore(run_of(Selection.everything()))
    assert said in lost(again)["saml_config"]["groups_with_role_ids"]


@pytest.mark.parametrize("named_on", [True, False])
def test_a_mapping_follows_a_role_made_anew_where_login_settings_are_asked_for(named_on, run_of, simulator):
    before = state(simulator)
    role_id = lose_a_mapped_role(simulator, named_on=named_on)
    report = restore(run_of(include_login_settings=True))
    assert (report.status, state(simulator)) == ("completed", before)
    assert role_id not in mapped_roles(simulator)


def test_a_mapping_that_lost_its_role_and_is_left_alone_is_named(run_of, simulator):
    lose_a_mapped_role(simulator, named_on=False)
    report = restore(run_of())
    assert "groups_with_role_ids" in lost(report)["saml_config"]
