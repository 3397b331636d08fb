"""Users, groups, roles, folders and rights are written by Looker's rules."""

import itertools

import pytest

NUMBERS = itertools.count()


def new_user(w, **values):
    user = w.post("/users", {"first_name": "New", "last_name": str(next(NUMBERS))} | values)
    w.post(f"/users/{user['id']}/credentials_email", {"email": f"new{user['id']}@example.com"})
    return user


def new_group(w):
    return w.post("/groups", {"name": f"group {next(NUMBERS)}"})["id"]


def shared(w) -> str:
    return next(row["id"] for row in w.get("/folders") if row["is_shared_root"])


def new_folder(w, parent=None, **values):
    return w.post("/folders", {"name": f"folder {next(NUMBERS)}", "parent_id": parent or shared(w)} | values)


def test_a_new_user_has_a_personal_folder_that_only_they_may_edit(w) -> None:
    user = new_user(w, id="501", email="ignored@example.com", credentials_email={"email": "ignored@example.com"})
    folder = w.get(f"/folders/{user['personal_folder_id']}")
    assert (folder["is_personal"], folder["name"], folder["creator_id"]) == (True, user["display_name"], user["id"])
    (row,) = w.get("/content_metadata_access", content_metadata_id=folder["content_metadata_id"])
    assert (row["user_id"], row["permission_type"]) == (user["id"], "edit")
    assert w.get(f"/users/{user['id']}")["email"] == f"new{user['id']}@example.com"
    assert w.get(f"/users/{user['id']}")["home_folder_id"] == folder["id"]


def test_a_cleared_name_comes_back_empty(w) -> None:
    user = new_user(w)
    assert w.patch(f"/users/{user['id']}", {"first_name": None})["first_name"] == ""


def test_an_email_login_is_made_once_and_its_address_belongs_to_one_user(w) -> None:
    one, other = new_user(w), new_user(w)
    path = f"/users/{one['id']}/credentials_email"
    assert w.refusal("POST", path, {"email": "another@example.com"})[0] == 409
    assert w.refusal("PATCH", path, {"email": f"new{other['id']}@example.com"}) == (422, {("email", "already_exists")})
    assert w.patch(path, {"email": "changed@example.com"})["email"] == "changed@example.com"
    w.delete(path)
    assert w.ask(path).status_code == 404


def test_an_embed_user_is_found_again_by_its_external_id(w) -> None:
    made = w.post("/users/embed_user", {"external_user_id": "acme|new"})
    assert w.post("/users/embed_user", {"external_user_id": "acme|new"})["id"] == made["id"]
    assert w.get("/users/credential/embed/acme|new")["id"] == made["id"]


def test_the_roles_of_a_user_are_replaced_as_a_set(w) -> None:
    user, roles = new_user(w), [row["id"] for row in w.get("/roles") if row["name"] != "Admin"]
    path = f"/users/{user['id']}/roles"
    assert [row["id"] for row in w.send("PUT", path, roles[:2]).json()] == roles[:2]
    assert [row["id"] for row in w.send("PUT", path, [int(roles[1])]).json()] == roles[1:2]
    assert w.send("PUT", path, ["99999"]).status_code == 404


def owner_of_content(simulator, w) -> tuple[str, set[str], set[str]]:
    """Return a user who owns dashboards, those in their personal folder or below it, and the others."""
    world = simulator.world
    admins = {row["id"] for row in w.get("/roles/1/users")}
    personal = {row["id"] for row in world["folders"] if row["is_personal"] or row["is_personal_descendant"]}
    for owner in (row["id"] for row in world["users"] if row["id"] not in admins):
        mine = w.get("/dashboards/search", user_id=owner)
        inside = {row["id"] for row in mine if row["folder_id"] in personal}
        if inside and len(inside) < len(mine):
            return owner, inside, {row["id"] for row in mine} - inside
    raise LookupError("nobody owns both")


def test_deleting_a_user_trashes_what_lies_in_their_folder_and_drops_their_plans_and_alerts(fresh) -> None:
    simulator, w = fresh(scale="small")
    world = simulator.world
    me, (owner, inside, outside) = w.get("/user")["id"], owner_of_content(simulator, w)
    shared = next(iter(outside))
    world["scheduled_plans"].change(next(iter(world["scheduled_plans"]))["id"], dashboard_id=shared, user_id=me)
    world["alerts"].change(next(iter(world["alerts"]))["id"], owner_id=owner)
    kept = {row["id"] for row in world["scheduled_plans"] if row["dashboard_id"] in outside and row["user_id"] != owner}
    w.delete(f"/users/{owner}")
    trashed = {row["id"]: row["deleter_id"] for row in w.get("/dashboards/search", deleted="true")}
    assert ({trashed.get(one) for one in inside}, outside & trashed.keys()) == ({me}, set())
    assert w.get(f"/dashboards/{shared}")["user_id"] == owner
    left = [row for row in world["scheduled_plans"] if row["user_id"] == owner or row["dashboard_id"] in inside]
    assert (left, kept <= set(w.ids("/scheduled_plans", all_users="true"))) == ([], True)
    assert [row for row in world["alerts"] if row["owner_id"] == owner] == []


def test_where_the_owner_takes_all_content_along_the_plans_on_it_go_and_alerts_may_stay(fresh) -> None:
    simulator, w = fresh(scale="small", bends=("owner_takes_content", "alerts_survive_owner"))
    world = simulator.world
    owner, inside, outside = owner_of_content(simulator, w)
    world["alerts"].change(next(iter(world["alerts"]))["id"], owner_id=owner)
    alerts = {row["id"] for row in world["alerts"] if row["owner_id"] == owner}
    w.delete(f"/users/{owner}")
    assert inside | outside <= set(w.ids("/dashboards/search", deleted="true"))
    assert not [row for row in world["scheduled_plans"] if row["dashboard_id"] in inside | outside]
    assert alerts <= set(w.ids("/alerts/search", all_owners="true"))


def test_a_deleted_folder_trashes_its_content_and_an_admin_fetches_it_into_their_own(fresh) -> None:
    simulator, w = fresh(scale="tiny", bends=("folders_trash_content", "undelete_into_admin_folder"))
    world = simulator.world
    dashboard = next(
        row for row in world["dashboards"] if not row["deleted"] and world["folders"].rows[row["folder_id"]]["parent_id"]
        and not world["folders"].rows[row["folder_id"]]["is_personal"]
    )  # fmt: skip
    w.delete(f"/folders/{dashboard['folder_id']}")
    assert w.get(f"/dashboards/{dashboard['id']}")["deleted"]
    fetched = w.patch(f"/dashboards/{dashboard['id']}", {"deleted": False})
    assert fetched["folder_id"] == w.get("/user")["personal_folder_id"]


def test_alerts_go_with_their_tile_where_the_instance_does_that(fresh) -> None:
    simulator, w = fresh(scale="tiny", bends=("alerts_go_with_tile",))
    alert = next(row for row in simulator.world["alerts"] if row["dashboard_element_id"])
    w.delete(f"/dashboard_elements/{alert['dashboard_element_id']}")
    assert alert["id"] not in w.ids("/alerts/search", all_owners="true")


def test_nobody_deletes_themselves_or_the_last_admin(w) -> None:
    me = w.get("/user")["id"]
    assert w.refusal("DELETE", f"/users/{me}")[0] == 403
    admin = next(row["id"] for row in w.get("/roles") if row["name"] == "Admin")
    before = sorted(w.ids(f"/roles/{admin}/users"))
    assert w.refusal("PUT", f"/roles/{admin}/users", [])[0] == 422
    assert sorted(w.ids(f"/roles/{admin}/users")) == before


def test_attribute_values_of_a_user_are_set_and_unset(w) -> None:
    user = new_user(w)
    attributes = w.get("/user_attributes")
    plain = next(row for row in attributes if not row["is_system"] and not row["value_is_hidden"])
    path = f"/users/{user['id']}/attribute_values/{plain['id']}"
    assert w.patch(path, {"value": "own", "source": "Default"})["source"] == "User"
    rows = w.get(f"/users/{user['id']}/attribute_values", user_attribute_ids=plain["id"])
    assert [(row["value"], row["source"]) for row in rows] == [("own", "User")]
    w.delete(path)
    assert w.send("DELETE", path).status_code == 404
    system = next(row for row in attributes if row["is_system"])
    assert w.refusal("PATCH", f"/users/{user['id']}/attribute_values/{system['id']}", {"value": "x"})[0] == 403


def test_names_of_groups_sets_roles_and_attributes_are_unique(w) -> None:
    for path, more in (("/groups", {}), ("/permission_sets", {}), ("/model_sets", {}), ("/roles", None)):
        name = w.get(path)[-1]["name"]
        sets = {"permission_set_id": w.ids("/permission_sets")[0], "model_set_id": w.ids("/model_sets")[0]}
        body = {"name": name} | (sets if more is None else more)
        assert w.refusal("POST", path, body) == (422, {("name", "already_exists")})
    attribute = w.get("/user_attributes")[-1]
    body = {"name": attribute["name"], "label": attribute["label"], "type": "string"}
    assert w.refusal("POST", "/user_attributes", body)[1] == {("name", "already_exists"), ("label", "already_exists")}


def test_membership_is_written_with_a_body_that_the_schema_calls_read_only(w) -> None:
    group, child, user = new_group(w), new_group(w), new_user(w)["id"]
    for _ in range(2):  # a second time changes nothing
        w.post(f"/groups/{group}/users", {"user_id": user})
        w.post(f"/groups/{group}/groups", {"group_id": child})
    assert w.ids(f"/groups/{group}/users") == [user]
    assert w.ids(f"/groups/{group}/groups") == [child]
    assert w.refusal("POST", f"/groups/{child}/groups", {"group_id": group})[0] == 400
    assert w.refusal("POST", f"/groups/{group}/users", {"user_id": "99999"})[0] == 404
    w.delete(f"/groups/{group}/users/{user}")
    w.delete(f"/groups/{group}/groups/{child}")
    assert w.send("DELETE", f"/groups/{group}/users/{user}").status_code == 404


def test_deleting_a_group_leaves_no_trace_of_it(scratch, w) -> None:
    group, user, world = new_group(w), new_user(w)["id"], scratch[0].world
    role = next(row["id"] for row in w.get("/roles") if row["name"] != "Admin")
    attribute = next(row["id"] for row in w.get("/user_attributes") if not row["is_system"])
    w.post(f"/groups/{group}/users", {"user_id": user})
    w.send("PUT", f"/roles/{role}/groups", [group])
    w.patch(f"/groups/{group}/attribute_values/{attribute}", {"value": "v"})
    meta = new_folder(w)["content_metadata_id"]
    w.patch(f"/content_metadata/{meta}", {"inherits": False})
    w.post("/content_metadata_access", {"content_metadata_id": meta, "group_id": group, "permission_type": "view"})
    w.delete(f"/groups/{group}")
    tables = ("group_users", "role_groups", "user_attribute_group_values", "content_metadata_access")
    assert [row for table in tables for row in world[table] if row["group_id"] == group] == []
    everybody = world.all_users_group_id
    assert w.refusal("DELETE", f"/groups/{everybody}")[0] == w.refusal("PATCH", f"/groups/{everybody}", {})[0] == 403


def test_built_in_sets_and_the_admin_role_cannot_be_changed(w) -> None:
    for path in ("/permission_sets", "/model_sets"):
        built_in = next(row["id"] for row in w.get(path) if row["built_in"])
        assert w.refusal("PATCH", f"{path}/{built_in}", {"name": "x"})[0] == 405
        assert w.refusal("DELETE", f"{path}/{built_in}")[0] == 405
    admin = next(row["id"] for row in w.get("/roles") if row["name"] == "Admin")
    assert w.refusal("PATCH", f"/roles/{admin}", {"name": "x"})[0] == w.refusal("DELETE", f"/roles/{admin}")[0] == 405


def test_a_role_is_made_of_set_ids_that_no_answer_shows(w) -> None:
    permissions = w.post("/permission_sets", {"name": "p", "permissions": ["explore", "access_data"], "built_in": True})
    assert (permissions["permissions"], permissions["built_in"]) == (["access_data", "explore"], False)
    models = w.post("/model_sets", {"name": "m", "models": ["model_0"]})
    nested = {"permission_set": permissions, "model_set": models}
    assert w.refusal("POST", "/roles", {"name": "r"} | nested)[1] == {
        ("permission_set_id", "missing_field"),
        ("model_set_id", "missing_field"),
    }
    role = w.post("/roles", {"name": "r", "permission_set_id": permissions["id"], "model_set_id": int(models["id"])})
    assert "permission_set_id" not in role
    assert (role["permission_set"]["name"], role["model_set"]["name"]) == ("p", "m")
    assert w.refusal("DELETE", f"/model_sets/{models['id']}")[0] == 405
    w.delete(f"/roles/{role['id']}")
    w.delete(f"/model_sets/{models['id']}")
    assert w.refusal("POST", "/permission_sets", {"name": "q", "permissions": ["fly"]})[1] == {
        ("permissions", "invalid")
    }


def test_group_values_are_replaced_as_an_ordered_set(w) -> None:
    attribute = w.post("/user_attributes", {"name": "ordered", "label": "Ordered", "type": "string"})["id"]
    one, other = new_group(w), new_group(w)
    path = f"/user_attributes/{attribute}/group_values"
    w.post(path, [{"group_id": one, "value": "a"}, {"group_id": other, "value": "b"}])
    w.post(path, [{"group_id": one, "value": "a", "rank": 5}, {"group_id": other, "value": "b", "rank": 2}])
    assert [(row["group_id"], row["value"]) for row in w.get(path)] == [(other, "b"), (one, "a")]
    assert w.refusal("POST", path, [{"group_id": "99999", "value": "a"}])[0] == 422
    w.patch(f"/groups/{one}/attribute_values/{attribute}", {"value": "changed"})
    w.delete(f"/groups/{other}/attribute_values/{attribute}")
    assert [row["value"] for row in w.get(path)] == ["changed"]
    w.delete(f"/user_attributes/{attribute}")


def test_a_domain_whitelist_stays_as_it_was_first_set(w) -> None:
    body = {"name": "secret", "label": "Secret", "type": "string", "value_is_hidden": True}
    made = w.post("/user_attributes", body | {"hidden_value_domain_whitelist": "my.example.com"})
    path = f"/user_attributes/{made['id']}"
    assert w.refusal("PATCH", path, {"hidden_value_domain_whitelist": "*"})[0] == 422
    assert w.patch(path, {"default_value": "d"})["default_value"] == "d"
    system = next(row["id"] for row in w.get("/user_attributes") if row["is_system"])
    assert w.refusal("DELETE", f"/user_attributes/{system}")[0] == 403


def test_folders_have_a_parent_and_a_name_of_their_own_in_it(w) -> None:
    folder = new_folder(w)
    inner = new_folder(w, folder["id"])
    body = {"name": folder["name"], "parent_id": shared(w)}
    assert w.refusal("POST", "/folders", body) == (422, {("name", "already_exists")})
    assert w.refusal("POST", "/folders", {"name": "x"})[1] == {("parent_id", "missing_field")}
    assert w.refusal("POST", "/folders", {"name": "x", "parent_id": "99999"})[0] == 404
    users = next(row["id"] for row in w.get("/folders") if row["is_users_root"])
    assert w.refusal("POST", "/folders", {"name": "x", "parent_id": users})[0] == 404
    assert w.refusal("PATCH", f"/folders/{folder['id']}", {"parent_id": inner["id"]})[0] == 422
    assert w.patch(f"/folders/{inner['id']}", {"parent_id": shared(w), "name": "moved"})["name"] == "moved"
    parent = w.get(f"/content_metadata/{inner['content_metadata_id']}")["parent_id"]
    assert parent == w.get(f"/folders/{shared(w)}")["content_metadata_id"]


def test_roots_and_personal_folders_stay_as_they_are(w) -> None:
    rows = w.get("/folders")
    kept = [row for row in rows if row["is_personal"] or row["parent_id"] is None]
    assert len(kept) > 5
    for row in kept:
        assert w.refusal("DELETE", f"/folders/{row['id']}")[0] == 405
        assert w.refusal("PATCH", f"/folders/{row['id']}", {"name": "x"})[0] == 405


@pytest.mark.parametrize("trashes", [False, True])
def test_deleting_a_folder_takes_everything_below_along(fresh, trashes) -> None:
    _, api = fresh(folders_trash_content=trashes)
    folder = new_folder(api)
    inner = new_folder(api, folder["id"])
    made = api.post("/dashboards", {"title": "in it", "folder_id": inner["id"]})
    api.delete(f"/folders/{folder['id']}")
    assert api.ask(f"/folders/{inner['id']}").status_code == 404
    assert api.ask(f"/content_metadata/{inner['content_metadata_id']}").status_code == 404
    assert api.ask(f"/dashboards/{made['id']}").status_code == (200 if trashes else 404)
    if trashes:
        assert api.refusal("PATCH", f"/dashboards/{made['id']}", {"deleted": False})[1] == {("folder_id", "invalid")}
        back = api.patch(f"/dashboards/{made['id']}", {"deleted": False, "folder_id": shared(api)})
        assert back["deleted"] is False


def test_a_folder_that_stops_inheriting_starts_with_its_parents_rows(w) -> None:
    outer = new_folder(w)
    meta, inner = outer["content_metadata_id"], new_folder(w, outer["id"])["content_metadata_id"]
    user = new_user(w)["id"]
    row = {"content_metadata_id": meta, "user_id": user, "permission_type": "edit"}
    assert w.refusal("POST", "/content_metadata_access", row)[0] == 422
    w.patch(f"/content_metadata/{meta}", {"inherits": False})
    made = w.post("/content_metadata_access", row)
    assert w.refusal("POST", "/content_metadata_access", row)[1] == {("content_metadata_id", "already_exists")}
    w.patch(f"/content_metadata/{inner}", {"inherits": False})
    copied = w.get("/content_metadata_access", content_metadata_id=inner)
    assert [one["user_id"] for one in copied if one["user_id"]] == [user]
    assert made["id"] not in [one["id"] for one in copied]
    changed = w.send("PUT", f"/content_metadata_access/{made['id']}", row | {"permission_type": "view"})
    assert changed.json()["permission_type"] == "view"
    w.delete(f"/content_metadata_access/{made['id']}")
    w.patch(f"/content_metadata/{inner}", {"inherits": True})
    assert w.get("/content_metadata_access", content_metadata_id=inner) == []


def test_access_rows_name_one_group_or_user_that_exists(w) -> None:
    meta = new_folder(w)["content_metadata_id"]
    w.patch(f"/content_metadata/{meta}", {"inherits": False})
    row = {"content_metadata_id": meta, "permission_type": "view"}
    assert w.refusal("POST", "/content_metadata_access", row)[0] == 422
    assert w.refusal("POST", "/content_metadata_access", row | {"group_id": "99999"})[1] == {("group_id", "invalid")}
    assert w.refusal("POST", "/content_metadata_access", row | {"group_id": "501", "user_id": "501"})[0] == 422
    look = w.get("/looks")[0]["content_metadata_id"]
    assert w.refusal("PATCH", f"/content_metadata/{look}", {"inherits": False})[1] == {("inherits", "invalid")}


def test_a_key_without_admin_rights_finds_nothing_to_write(fresh) -> None:
    simulator, api = fresh()
    viewer = type(api)(simulator.base_url, "viewer", "viewer-secret")
    me = viewer.get("/user")["id"]
    for method, path in (
        ("PATCH", f"/users/{me}"),
        ("POST", "/dashboards"),
        ("DELETE", "/looks/1"),
        ("PUT", "/roles/1/users"),
    ):
        assert viewer.send(method, path, {}).status_code == 404
