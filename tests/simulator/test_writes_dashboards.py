"""Dashboards, their parts, looks and queries are written by Looker's rules."""

import itertools

import pytest

NUMBERS = itertools.count()
NO_SOURCE = "Must provide either a look_id, query_id, or result_maker_id for non-text dashboard element"


def shared(w) -> str:
    return next(row["id"] for row in w.get("/folders") if row["is_shared_root"])


def new_dashboard(w, **values):
    return w.post("/dashboards", {"title": f"new {next(NUMBERS)}", "folder_id": shared(w)} | values)


def new_query(w, **values):
    return w.post("/queries", {"model": "m", "view": "v", "fields": [f"v.f{next(NUMBERS)}"]} | values)


def new_tile(w, dashboard_id, **values):
    return w.post("/dashboard_elements", {"dashboard_id": dashboard_id, "type": "text", "body_text": "x"} | values)


def test_a_new_dashboard_gets_an_id_of_its_own_a_slug_metadata_and_one_active_layout(w) -> None:
    made = new_dashboard(w, id="501", created_at="1999-01-01T00:00:00Z", view_count=9, dashboard_elements=[{}])
    assert made["id"] not in ("501", "1")
    assert made["dashboard_elements"] == []
    assert [layout["active"] for layout in made["dashboard_layouts"]] == [True]
    assert made["slug"]
    assert not made["created_at"].startswith("1999")
    assert made["view_count"] == 0
    meta = w.get(f"/content_metadata/{made['content_metadata_id']}")
    assert (meta["dashboard_id"], meta["inherits"]) == (made["id"], True)


def test_ids_are_never_given_twice(w) -> None:
    first = new_dashboard(w)["id"]
    w.delete(f"/dashboards/{first}")
    assert w.ask(f"/dashboards/{first}").status_code == 404
    assert int(new_dashboard(w)["id"]) > int(first)


def test_a_title_is_unique_in_its_folder_among_what_is_not_in_the_trash(w) -> None:
    made = new_dashboard(w)
    body = {"title": made["title"], "folder_id": made["folder_id"]}
    response = w.send("POST", "/dashboards", body)
    assert response.status_code == 422
    assert response.json() == {
        "message": "Validation Failed",
        "documentation_url": "https://docs.cloud.google.com/looker/docs/r/err/4.0/422/post/dashboards",
        "errors": [
            {
                "field": "[:title, :space_id]",
                "code": "already_exists",
                "message": "Dashboard with this title already exists.",
                "documentation_url": "http://docs.looker.com/",
            }
        ],
    }
    w.patch(f"/dashboards/{made['id']}", {"deleted": True})
    assert w.post("/dashboards", body)["title"] == made["title"]
    assert w.refusal("PATCH", f"/dashboards/{made['id']}", {"deleted": False})[0] == 422


def test_a_slug_is_unique_even_against_the_trash(w) -> None:
    made = new_dashboard(w)
    w.patch(f"/dashboards/{made['id']}", {"deleted": True})
    refusal = w.refusal("POST", "/dashboards", {"title": "slugged", "folder_id": shared(w), "slug": made["slug"]})
    assert refusal == (422, {("slug", "already_exists")})


def test_everything_that_is_wrong_is_listed_at_once(w) -> None:
    assert w.refusal("POST", "/dashboards", {"user_id": "99999"}) == (
        422,
        {("title", "missing_field"), ("folder_id", "missing_field"), ("user_id", "invalid")},
    )
    assert w.send("POST", "/dashboards", [1]).status_code == 400
    assert w.refusal("POST", "/dashboards", {"title": "t", "folder_id": shared(w), "hidden": "no"})[1] == {
        ("hidden", "invalid")
    }


def test_trash_notes_who_and_when_and_undelete_clears_it(w) -> None:
    made = new_dashboard(w)
    trashed = w.patch(f"/dashboards/{made['id']}", {"deleted": True})
    assert trashed["deleted_at"]
    assert trashed["deleter_id"] == w.get("/user")["id"]
    back = w.patch(f"/dashboards/{made['id']}", {"deleted": False})
    assert (back["deleted"], back["deleted_at"], back["deleter_id"]) == (False, None, None)


def test_patch_keeps_what_is_absent_and_null_clears(w) -> None:
    made = new_dashboard(w, description="d", background_color="#fff", title_color="#000")
    changed = w.patch(f"/dashboards/{made['id']}", {"description": None, "background_color": "#eee"})
    assert (changed["description"], changed["background_color"], changed["title_color"]) == (None, "#eee", "#000")
    assert changed["updated_at"] >= made["updated_at"]


def test_nested_objects_in_an_update_of_a_dashboard_count_for_nothing(w) -> None:
    made = new_dashboard(w)
    new_tile(w, made["id"])
    changed = w.patch(f"/dashboards/{made['id']}", {"dashboard_elements": [], "dashboard_layouts": [], "folder": {}})
    assert len(changed["dashboard_elements"]) == len(changed["dashboard_layouts"]) == 1


def test_lookml_dashboards_refuse_every_write(w) -> None:
    for method in ("PATCH", "DELETE"):
        assert w.refusal(method, "/dashboards/model_0::overview", {"title": "x"})[0] == 405
    assert w.refusal("POST", "/dashboard_elements", {"dashboard_id": "model_0::overview", "type": "text"})[0] == 405


def test_a_tile_gets_its_place_on_its_own_tab_or_on_the_active_one(w) -> None:
    made = new_dashboard(w)
    tab = w.post("/dashboard_layouts", {"dashboard_id": made["id"], "label": "Second", "type": "newspaper"})
    assert tab["active"] is False
    here, there = new_tile(w, made["id"]), new_tile(w, made["id"], dashboard_layout_id=tab["id"])
    layouts = {row["id"]: row for row in w.get(f"/dashboards/{made['id']}")["dashboard_layouts"]}
    places = {
        key: [c["dashboard_element_id"] for c in row["dashboard_layout_components"]] for key, row in layouts.items()
    }
    assert places[tab["id"]] == [there["id"]]
    assert places[made["dashboard_layouts"][0]["id"]] == [here["id"]]


def test_a_place_can_be_changed_but_neither_made_nor_deleted(w) -> None:
    made = new_dashboard(w)
    new_tile(w, made["id"])
    (place,) = w.get(f"/dashboards/{made['id']}")["dashboard_layouts"][0]["dashboard_layout_components"]
    changed = w.patch(f"/dashboard_layout_components/{place['id']}", {"row": 7, "width": 24, "granular_row": 3})
    assert (changed["row"], changed["width"], changed["granular_row"], changed["column"]) == (7, 24, 3, 0)
    assert w.refusal("PATCH", f"/dashboard_layout_components/{place['id']}", {"dashboard_layout_id": None})[0] == 422
    assert w.patch(f"/dashboard_layout_components/{place['id']}", {"row": 8})["row"] == 8
    assert w.send("POST", "/dashboard_layout_components", {}).status_code == 404
    assert w.send("DELETE", f"/dashboard_layout_components/{place['id']}").status_code == 404


def test_the_active_layout_stays_and_another_tab_goes_with_its_tiles(w) -> None:
    made = new_dashboard(w)
    active = made["dashboard_layouts"][0]["id"]
    assert w.refusal("DELETE", f"/dashboard_layouts/{active}")[0] == 422
    tab = w.post("/dashboard_layouts", {"dashboard_id": made["id"], "label": "Second"})
    tile = new_tile(w, made["id"], dashboard_layout_id=tab["id"])
    w.delete(f"/dashboard_layouts/{tab['id']}")
    assert w.ask(f"/dashboard_elements/{tile['id']}").status_code == 404
    other = w.post("/dashboard_layouts", {"dashboard_id": made["id"], "active": True})
    assert w.get(f"/dashboard_layouts/{active}")["active"] is False
    assert other["active"] is True


def test_a_tile_that_shows_data_needs_a_source(w) -> None:
    made = new_dashboard(w)
    response = w.send("POST", "/dashboard_elements", {"dashboard_id": made["id"], "type": "vis"})
    assert response.status_code == 422
    assert response.json()["errors"][0] | {"documentation_url": ""} == {
        "field": "type",
        "code": "invalid",
        "message": NO_SOURCE,
        "documentation_url": "",
    }
    tile = new_tile(w, made["id"], type="vis", query_id=new_query(w)["id"])
    assert w.refusal("PATCH", f"/dashboard_elements/{tile['id']}", {"query_id": None})[0] == 422


def test_the_wiring_of_a_tile_is_stored_although_the_schema_calls_it_read_only(w) -> None:
    made, query = new_dashboard(w), new_query(w, vis_config={"type": "table"})
    listen = [{"dashboard_filter_name": "Region", "field": "v.region"}]
    maker = {"id": "77", "query_id": "88", "filterables": [{"model": "m", "view": "v", "name": None, "listen": listen}]}
    tile = new_tile(w, made["id"], type="vis", query_id=int(query["id"]), result_maker=maker)
    assert tile["result_maker"]["filterables"][0]["listen"] == listen
    assert tile["result_maker"]["query_id"] == query["id"] == tile["query"]["id"]
    assert tile["result_maker"]["vis_config"] == {"type": "table"}
    again = w.patch(f"/dashboard_elements/{tile['id']}", {"query_id": new_query(w)["id"]})
    assert again["result_maker"]["filterables"][0]["listen"] == listen
    assert again["result_maker"]["id"] == tile["result_maker"]["id"]
    cut = w.patch(f"/dashboard_elements/{tile['id']}", {"result_maker": {"filterables": []}})
    assert cut["result_maker"]["filterables"] == []


@pytest.mark.parametrize("field", ["query_id", "look_id", "merge_result_id", "dashboard_layout_id", "filter_id"])
def test_a_tile_cannot_refer_to_what_is_not_there(w, field) -> None:
    made = new_dashboard(w)
    body = {"dashboard_id": made["id"], "type": "text", field: "99999"}
    assert (field, "invalid") in w.refusal("POST", "/dashboard_elements", body)[1]


def test_a_tile_cannot_lie_on_another_dashboards_tab(w) -> None:
    one, other = new_dashboard(w), new_dashboard(w)
    body = {"dashboard_id": one["id"], "type": "text", "dashboard_layout_id": other["dashboard_layouts"][0]["id"]}
    assert w.refusal("POST", "/dashboard_elements", body) == (422, {("dashboard_layout_id", "invalid")})


def test_a_deleted_tile_takes_its_place_along_and_leaves_its_alerts(scratch, w) -> None:
    world = scratch[0].world
    alert = w.get("/alerts/search", all_owners="true")[0]
    tile = alert["dashboard_element_id"]
    w.delete(f"/dashboard_elements/{tile}")
    assert w.ask(f"/dashboard_elements/{tile}").status_code == 404
    assert tile in w.ids("/dashboard_elements/search", deleted="true")
    assert w.get(f"/alerts/{alert['id']}")["dashboard_element_id"] == tile
    assert world["dashboard_layout_components"].count("dashboard_element_id", tile) == 0


def test_filters_of_one_dashboard_have_different_titles(w) -> None:
    made = new_dashboard(w)
    body = {"dashboard_id": made["id"], "name": "Region", "title": "Region", "type": "field_filter", "dimension": "v.r"}
    made_filter = w.post("/dashboard_filters", body)
    assert made_filter["field"] == {"name": "v.r"}
    assert w.refusal("POST", "/dashboard_filters", body) == (422, {("title", "already_exists")})
    assert w.refusal("POST", "/dashboard_filters", {"dashboard_id": made["id"]})[1] == {
        ("name", "missing_field"),
        ("title", "missing_field"),
        ("type", "missing_field"),
    }
    w.patch(f"/dashboard_filters/{made_filter['id']}", {"default_value": "EMEA", "dashboard_id": "1"})
    (shown,) = w.get(f"/dashboards/{made['id']}")["dashboard_filters"]
    assert (shown["default_value"], shown["dashboard_id"]) == ("EMEA", made["id"])
    w.delete(f"/dashboard_filters/{made_filter['id']}")
    assert w.get(f"/dashboards/{made['id']}")["dashboard_filters"] == []


def test_an_equal_query_gets_the_id_of_the_first(w) -> None:
    first = new_query(w, fields=["v.a", "v.b"], vis_config={"a": 1, "b": 2}, limit="500")
    same = {"view": "v", "model": "m", "limit": "500", "fields": ["v.a", "v.b"], "vis_config": {"b": 2, "a": 1}}
    assert w.post("/queries", same | {"id": "1", "pivots": None})["id"] == first["id"]
    assert w.post("/queries", same | {"fields": ["v.b", "v.a"]})["id"] != first["id"]


def test_queries_name_a_model_and_a_view_and_never_share_a_client_id(w) -> None:
    assert w.refusal("POST", "/queries", {})[1] == {("model", "missing_field"), ("view", "missing_field")}
    client_id = "A" * 22
    new_query(w, client_id=client_id)
    body = {"model": "m", "view": "v", "client_id": client_id}
    assert w.refusal("POST", "/queries", body) == (422, {("client_id", "already_exists")})
    assert w.send("PATCH", "/queries/501", {}).status_code == 404


def test_merge_queries_are_known_by_their_sources_in_order(w) -> None:
    one, other = new_query(w), new_query(w)
    sources = [{"query_id": one["id"], "name": "q1"}, {"query_slug": other["slug"], "name": "q2", "merge_fields": []}]
    made = w.post("/merge_queries", {"source_queries": sources})
    assert [source["query_id"] for source in made["source_queries"]] == [one["id"], other["id"]]
    assert w.post("/merge_queries", {"source_queries": sources})["id"] == made["id"]
    assert w.post("/merge_queries", {"source_queries": sources[::-1]})["id"] != made["id"]
    assert w.refusal("POST", "/merge_queries", {"source_queries": [{"query_id": "99999"}]})[0] == 422


def test_a_sql_query_is_named_by_a_number_that_its_slug_does_not_tell(w) -> None:
    tiles = [tile for row in w.get("/dashboards/search") for tile in row["dashboard_elements"]]
    (tile,) = [tile for tile in tiles if (tile["result_maker"] or {}).get("sql_query_id")]
    made = new_dashboard(w)
    maker = {"sql_query_id": tile["result_maker"]["sql_query_id"]}
    assert (
        new_tile(w, made["id"], type="vis", result_maker=maker)["result_maker"]["sql_query_id"] == maker["sql_query_id"]
    )
    bad = {"dashboard_id": made["id"], "type": "vis", "result_maker": {"sql_query_id": "99999"}}
    assert w.refusal("POST", "/dashboard_elements", bad)[0] == 422
    slug = w.post("/sql_queries", {"connection_name": "warehouse", "sql": "SELECT 1"})["slug"]
    assert w.get(f"/sql_queries/{slug}")["sql"] == "SELECT 1"


def test_looks_need_a_query_that_exists_and_a_title_of_their_own(w) -> None:
    body = {"title": f"look {next(NUMBERS)}", "folder_id": shared(w), "query_id": new_query(w)["id"]}
    assert w.refusal("POST", "/looks", body | {"query_id": "99999"}) == (422, {("query_id", "invalid")})
    look = w.post("/looks", body | {"query": {"model": "other"}, "public_slug": "mine"})
    assert look["query"]["model"] == "m"
    assert look["public_slug"] != "mine"
    assert w.refusal("POST", "/looks", body) == (422, {("[:title, :space_id]", "already_exists")})
    moved = w.get("/user")["personal_folder_id"]
    assert w.patch(f"/looks/{look['id']}", {"folder_id": moved})["folder"]["id"] == moved
    w.delete(f"/looks/{look['id']}")
    assert w.ask(f"/looks/{look['id']}").status_code == 404


def test_certification_has_a_call_of_its_own(w) -> None:
    made = new_dashboard(w, certification_metadata={"certification_status": "certified"})
    assert made["certification_metadata"] is None
    done = w.patch(f"/dashboards/{made['id']}/certification", {"certification_status": "certified", "notes": "n"})
    assert done["certification_metadata"]["certification_status"] == "certified"


def test_a_hard_delete_takes_plans_and_tiles_along(scratch, w) -> None:
    world = scratch[0].world
    plan = next(row for row in w.get("/scheduled_plans", all_users="true") if row["dashboard_id"])
    w.delete(f"/dashboards/{plan['dashboard_id']}")
    assert plan["id"] not in w.ids("/scheduled_plans", all_users="true")
    assert world["dashboard_elements"].where("dashboard_id", plan["dashboard_id"]) == []
    assert not [row for row in world["content_metadata"] if row["dashboard_id"] == plan["dashboard_id"]]


def test_an_older_release_ignores_what_it_cannot_write_yet(fresh) -> None:
    _, old = fresh(release="26.4")
    user = old.ids("/users")[-1]
    made = new_dashboard(old, user_id=user, chat_enabled=True)
    assert made["user_id"] == old.get("/user")["id"]
    _, now = fresh()
    assert new_dashboard(now, user_id=user)["user_id"] == user
    new_tile(old, made["id"])
    (place,) = old.get(f"/dashboards/{made['id']}")["dashboard_layouts"][0]["dashboard_layout_components"]
    assert old.patch(f"/dashboard_layout_components/{place['id']}", {"deleted": True})["deleted"] is False


def test_whether_a_tile_moves_the_dashboards_timestamp_can_be_chosen(fresh) -> None:
    for touches in (True, False):
        _, api = fresh(tiles_touch_dashboard=touches)
        before = api.get("/dashboards/1")["updated_at"]
        new_tile(api, "1")
        assert (api.get("/dashboards/1")["updated_at"] != before) == touches


def test_a_packed_dashboard_is_written_like_any_other(fresh) -> None:
    simulator, api = fresh(dashboards=70, dashboard_kb=24)
    packed = next(iter(simulator.world.packed))
    before = api.get(f"/dashboards/{packed}")
    tile = before["dashboard_elements"][0]
    api.patch(f"/dashboard_elements/{tile['id']}", {"title": "changed"})
    after = api.get(f"/dashboards/{packed}")
    assert after["dashboard_elements"][0]["title"] == "changed"
    assert after["dashboard_elements"][1:] == before["dashboard_elements"][1:]
    assert api.get(f"/dashboards/{next(iter(simulator.world.packed))}")
