"""Logins, tokens and what a key without admin rights gets to see."""

import pytest
import requests

from tests.conftest import until


def _log_in(looker, **form) -> requests.Response:
    return requests.post(f"{looker.base_url}/api/4.0/login", data=form, timeout=10)


def test_a_wrong_key_is_not_found(looker) -> None:
    reply = _log_in(looker, client_id="simulator", client_secret="wrong")
    assert reply.status_code == 404
    assert set(reply.json()) == {"message", "documentation_url"}


def test_the_query_string_form_of_login_still_works(looker) -> None:
    url = f"{looker.base_url}/api/4.0/login?client_id=simulator&client_secret=simulator-secret"
    assert requests.post(url, timeout=10).json()["expires_in"] == 3600


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic abc", ""])
def test_a_missing_or_unknown_token_is_refused(looker, header) -> None:
    headers = {"Authorization": header} if header is not None else {}
    reply = requests.get(f"{looker.base_url}/api/4.0/user", headers=headers, timeout=10)
    assert reply.status_code == 401
    assert set(reply.json()) == {"message", "documentation_url"}


def test_both_token_schemes_are_accepted(api) -> None:
    token = api.session.headers["Authorization"].split()[1]
    for scheme in ("token", "Bearer"):
        reply = requests.get(f"{api.base_url}/api/4.0/user", headers={"Authorization": f"{scheme} {token}"}, timeout=10)
        assert reply.status_code == 200


def test_tokens_end_by_time_by_logout_and_by_revocation(fresh) -> None:
    _, short = fresh(token_seconds=4)
    assert short.ask("/user").status_code == 200
    until(lambda: short.ask("/user").status_code == 401, look_every_s=0.2)
    simulator, api = fresh()
    assert api.ask("/logout", "DELETE").status_code == 204
    assert api.ask("/user").status_code == 401
    other = type(api)(simulator.base_url)
    simulator.revoke_tokens()
    assert other.ask("/user").status_code == 401


def test_the_admin_key_has_the_admin_role(api) -> None:
    roles = {role["id"]: role["name"] for role in api.get("/roles", fields="id,name")}
    assert "Admin" in {roles[role] for role in api.get("/user")["role_ids"]}


def test_a_key_without_admin_rights_gets_404_and_partial_lists(api, viewer) -> None:
    for path in ("/roles", "/permission_sets", "/connections", "/user_attributes", "/color_collections"):
        assert viewer.ask(path).status_code == 404
    assert 0 < len(viewer.get("/dashboards/search", fields="id")) < len(api.get("/dashboards/search", fields="id"))
    assert len(viewer.get("/folders")) < len(api.get("/folders"))
    assert viewer.get("/users", fields="id") == [{"id": viewer.get("/user")["id"]}]
    hidden = set(api.ids("/dashboards/search")) - set(viewer.ids("/dashboards/search"))
    assert viewer.ask(f"/dashboards/{hidden.pop()}").status_code == 404
    mine = viewer.get("/user")["id"]
    assert {plan["user_id"] for plan in viewer.get("/scheduled_plans", all_users="true")} <= {mine}


def test_unknown_paths_are_not_found(api) -> None:
    assert api.ask("/no_such_thing").status_code == 404
    assert api.ask("/dashboards/999999").status_code == 404
