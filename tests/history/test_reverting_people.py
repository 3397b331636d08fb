"""Who was deleted comes back into the groups and roles that they were in, and nobody else with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lookervault_core.history.reverting import reverting
from lookervault_core.restore.runs import restore
from tests.history.test_reverting import Place, change_of, create, place
from tests.restore.test_taking_back import post
from tests.simulated import capture

__all__ = ("place",)  # a fixture


def test_a_deleted_user_is_in_their_groups_and_roles_again(place: Place) -> None:
    looker = place.looker

    def members(path: str) -> set[str]:
        return {one["id"] for one in json.loads(looker.get("read", path).body)}

    def join(group: str, user: str) -> None:
        post(looker, f"/groups/{group}/users", user_id=user)

    gone, other = (post(looker, "/users", first_name=name, last_name="Drawn")["id"] for name in ("Ann", "Bob"))
    group, role = (
        post(looker, "/groups", name="Drawn group")["id"],
        post(looker, "/roles", name="Drawn role", permission_set_id="2", model_set_id="1")["id"],
    )
    for one in (gone, other):
        join(group, one)
        looker.put("set_user_roles", f"/users/{one}/roles", json.dumps([role]).encode())
    capture(place.vault, looker)
    looker.delete("delete_user", f"/users/{gone}")
    looker.delete("delete_group_user", f"/groups/{group}/users/{other}")  # somebody means this, in the same night
    capture(place.vault, looker)
    join(group, late := post(looker, "/users", first_name="Late", last_name="Drawn")["id"])
    found = reverting(place.vault, looker, [change_of(place, "users", id=gone)])
    assert found.conflicts == ()
    assert restore(found.run).status == "completed"
    (back,) = (one["id"] for one in json.loads(looker.get("search_users", "/users/search?first_name=Ann").body))
    assert (members(f"/groups/{group}/users"), members(f"/roles/{role}/users")) == ({back, late}, {back, other})


def test_what_no_call_gives_back_to_a_user_is_named(place: Place) -> None:
    users = place.world["users"]
    user = next(row for row in users if row["credentials_api3"] and row["id"] != place.world.admin_user_id)
    key = user["credentials_api3"][0]
    embed = [{"id": user["id"], "external_user_id": "acme|7"}]
    keys = [key | {"purpose": "nightly"}, key | {"id": "99", "client_id": "NEW"}]
    users.change(user["id"], credentials_embed=embed, credentials_api3=keys)
    users.change(user["id"], credentials_saml={"email": "ann@example.com"})
    capture(place.vault, place.looker)
    (step,) = reverting(place.vault, place.looker, [change_of(place, "users", id=user["id"])]).run.plan().steps
    ours = f"credentials_api3[{key['client_id']}]"
    assert (step.action, dict(step.lost).keys()) == (
        "skip",
        {"external_user_id", "credentials_saml", "credentials_api3[NEW]", ours},
    )


def test_a_folder_with_a_studio_report_in_it_is_not_reverted(place: Place) -> None:
    made = str(create(place.looker, place.world, "folders", 0))
    capture(place.vault, place.looker)
    place.world["reports"].add({"title": "Sales", "folder_id": made})
    found = reverting(place.vault, place.looker, [change_of(place, "folders", id=made)])
    assert [(one.id, one.path, one.part) for one in found.conflicts] == [(made, "reports", "Sales")]
    assert not found.run.plan().changes_anything


def _of(rows: Iterable[Mapping[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in keys) for row in rows]


def test_the_values_of_groups_stand_in_their_order_again_which_decides_between_them(place: Place) -> None:
    looker = place.looker
    attribute = post(looker, "/user_attributes", name="drawn", label="Drawn", type="string")["id"]
    groups = [post(looker, "/groups", name=f"Drawn {one}")["id"] for one in "abc"]
    path = f"/user_attributes/{attribute}/group_values"

    def give(*those: str) -> None:
        body = json.dumps([{"group_id": one, "value": f"of {one}"} for one in those]).encode()
        looker.post("set_user_attribute_group_values", path, body)

    give(*groups)
    capture(place.vault, looker)
    for wreckage in ([groups[1]], groups[::-1]):
        give(*wreckage)
        capture(place.vault, looker)
        change = change_of(place, "user_attribute_group_values", id=attribute)
        assert restore(reverting(place.vault, looker, [change]).run).status == "completed"
        assert _of(json.loads(looker.get("read", path).body), "group_id") == [(one,) for one in groups]
        capture(place.vault, looker)


def test_a_value_of_a_user_is_set_again_though_a_group_gives_one_now(place: Place) -> None:
    looker = place.looker
    attribute = post(looker, "/user_attributes", name="drawn", label="Drawn", type="string")["id"]
    user, group = post(looker, "/users", first_name="Ann")["id"], post(looker, "/groups", name="Drawn")["id"]
    post(looker, f"/groups/{group}/users", user_id=user)
    given = json.dumps([{"group_id": group, "value": "of the group"}]).encode()
    looker.post("set_user_attribute_group_values", f"/user_attributes/{attribute}/group_values", given)
    path = f"/users/{user}/attribute_values"
    looker.patch("set_user_attribute_user_value", f"{path}/{attribute}", b'{"value": "own"}')
    capture(place.vault, looker)
    looker.delete("delete_user_attribute_user_value", f"{path}/{attribute}")
    capture(place.vault, looker)
    change = change_of(place, "user_attribute_values", id=user)
    assert restore(reverting(place.vault, looker, [change]).run).writes == 1
    rows = [row for row in json.loads(looker.get("read", path).body) if row["user_attribute_id"] == attribute]
    assert _of(rows, "value") == [("own",)]
