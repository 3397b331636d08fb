"""Boards, plans, alerts, themes, colours, models and connections are written by Looker's rules."""

import pytest
import requests

EMAIL = {"format": "wysiwyg_pdf", "type": "email", "address": "a@example.com", "secret_parameters": "s3cret"}


def dashboard(w):
    return next(
        row for row in w.get("/dashboards/search", sorts="id") if any(t["query_id"] for t in row["dashboard_elements"])
    )


def plan(w, **values):
    body = {
        "name": "p",
        "dashboard_id": dashboard(w)["id"],
        "crontab": "0 6 * * *",
        "scheduled_plan_destination": [EMAIL],
    }
    return body | values


def alert(w, **values):
    tile = next(tile["id"] for tile in dashboard(w)["dashboard_elements"] if tile["query_id"])
    body = {
        "field": {"title": "f", "name": "v.f"},
        "comparison_type": "GREATER_THAN",
        "threshold": 5,
        "cron": "0 5 * * *",
    }
    destinations = [{"destination_type": "EMAIL", "email_address": "a@example.com"}]
    return (
        body | {"destinations": destinations, "dashboard_element_id": tile, "owner_id": w.get("/user")["id"]} | values
    )


def test_a_board_keeps_the_order_of_its_sections_and_their_items(w) -> None:
    board = w.post("/boards", {"title": "b", "section_order": []})
    assert w.get(f"/content_metadata/{board['content_metadata_id']}")["homepage_id"] == board["id"]
    sections = [w.post("/board_sections", {"board_id": board["id"], "title": t})["id"] for t in "xy"]
    items = [
        w.post("/board_items", {"board_section_id": sections[0], "dashboard_id": dashboard(w)["id"]})["id"],
        w.post("/board_items", {"board_section_id": sections[0], "custom_url": "https://x", "use_custom_url": True})[
            "id"
        ],
    ]
    assert w.get(f"/boards/{board['id']}")["section_order"] == sections
    w.patch(f"/boards/{board['id']}", {"section_order": sections[::-1]})
    w.patch(f"/board_sections/{sections[0]}", {"item_order": items[::-1]})
    shown = w.get(f"/boards/{board['id']}")
    assert shown["section_order"] == sections[::-1]
    assert w.get(f"/board_sections/{sections[0]}")["item_order"] == items[::-1]
    assert w.refusal("PATCH", f"/boards/{board['id']}", {"section_order": ["99999"]})[1] == {
        ("section_order", "invalid")
    }
    w.delete(f"/board_items/{items[0]}")
    assert w.get(f"/board_sections/{sections[0]}")["item_order"] == items[1:]
    w.delete(f"/board_sections/{sections[1]}")
    assert w.get(f"/boards/{board['id']}")["section_order"] == sections[:1]
    assert w.patch(f"/boards/{board['id']}", {"deleted_at": "2026-01-01T00:00:00.000+00:00"})["deleted_at"]
    assert w.patch(f"/boards/{board['id']}", {"deleted_at": None})["deleted_at"] is None
    w.delete(f"/boards/{board['id']}")
    assert w.ask(f"/board_items/{items[1]}").status_code == 404


def test_a_board_item_shows_something_that_exists(w) -> None:
    section = w.get("/board_sections")[0]["id"]
    assert w.refusal("POST", "/board_items", {"board_section_id": section})[0] == 422
    body = {"board_section_id": section, "look_id": "99999"}
    assert w.refusal("POST", "/board_items", body)[1] == {("look_id", "invalid")}


def test_a_plan_made_live_counts_as_sent_and_one_switched_on_later_as_enabled(fresh) -> None:
    simulator, w = fresh()
    quiet = w.post("/scheduled_plans", plan(w, enabled=False, run_once=False))
    assert simulator.world.fired == []
    w.patch(f"/scheduled_plans/{quiet['id']}", {"enabled": True})
    loud = [w.post("/scheduled_plans", plan(w)), w.post("/scheduled_plans", plan(w, enabled=False, run_once=True))]
    found = requests.get(f"{simulator.base_url}/_sim/fired", timeout=10).json()
    assert [(row["type"], row["id"]) for row in found["fired"]] == [("scheduled_plans", row["id"]) for row in loud]
    assert [row["id"] for row in found["enabled"]] == [quiet["id"]]
    w.post("/alerts", alert(w))
    quiet = w.post("/alerts", alert(w, is_disabled=True))
    w.patch(f"/alerts/{quiet['id']}", {"is_disabled": False})
    assert [row["type"] for row in simulator.world.fired] == ["scheduled_plans"] * 2 + ["alerts"]
    assert simulator.world.enabled[-1]["id"] == quiet["id"]


def test_destinations_replace_all_and_their_secrets_are_never_shown(w) -> None:
    made = w.post("/scheduled_plans", plan(w, enabled=False, scheduled_plan_destination=[EMAIL, EMAIL | {"id": "7"}]))
    assert len({row["id"] for row in made["scheduled_plan_destination"]}) == 2
    assert "secret_parameters" not in made["scheduled_plan_destination"][0]
    path = f"/scheduled_plans/{made['id']}"
    assert w.patch(path, {"name": "q"})["scheduled_plan_destination"] == made["scheduled_plan_destination"]
    assert len(w.patch(path, {"scheduled_plan_destination": [EMAIL]})["scheduled_plan_destination"]) == 1
    for nothing in (None, []):
        assert w.refusal("PATCH", path, {"scheduled_plan_destination": nothing})[0] == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"dashboard_id": None}, "dashboard_id"),
        ({"dashboard_id": "99999"}, "dashboard_id"),
        ({"datagroup": "model_0::nightly"}, "crontab"),
        ({"crontab": None}, "crontab"),
        ({"tab_ids": ["99999"]}, "tab_ids"),
        ({"user_id": "99999"}, "user_id"),
    ],
)
def test_a_plan_is_refused_for(w, change, field) -> None:
    status, problems = w.refusal("POST", "/scheduled_plans", plan(w) | change)
    assert status == 422
    assert field in {name for name, _ in problems}


def test_a_plan_of_a_look_says_when_it_is_sent(w) -> None:
    body = plan(w, look_id=w.ids("/looks")[0], dashboard_id=None, enabled=False)
    assert w.refusal("POST", "/scheduled_plans", body)[1] == {
        (name, "missing_field") for name in ("require_results", "require_no_results", "require_change")
    }
    w.post("/scheduled_plans", body | {"require_results": True, "require_no_results": False, "require_change": False})


def test_a_put_is_the_whole_alert_and_a_patch_a_few_fields(w) -> None:
    made = w.post("/alerts", alert(w, is_disabled=True, custom_title="t", description="d"))
    assert made["investigative_content_id"] == dashboard(w)["id"]
    path = f"/alerts/{made['id']}"
    assert w.patch(path, {"threshold": 7, "custom_title": "ignored"})["custom_title"] == "t"
    put = w.send("PUT", path, alert(w, threshold=9, is_disabled=True)).json()
    assert (put["threshold"], put["custom_title"], put["description"], put["id"]) == (9, None, None, made["id"])
    assert ("field", "missing_field") in w.refusal("PUT", path, {"threshold": 9})[1]
    w.delete(path)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"destinations": []}, "destinations"),
        ({"field": None}, "field"),
        ({"threshold": None}, "threshold"),
        ({"cron": "*/5 * * * *"}, "cron"),
        ({"comparison_type": "ABOUT"}, "comparison_type"),
        ({"dashboard_element_id": "99999"}, "dashboard_element_id"),
        ({"dashboard_element_id": None}, "dashboard_element_id"),
        ({"owner_id": "99999"}, "owner_id"),
    ],
)
def test_an_alert_is_refused_for(w, change, field) -> None:
    status, problems = w.refusal("POST", "/alerts", alert(w) | change)
    assert status == 422
    assert field in {name for name, _ in problems}


def test_the_number_of_alerts_on_a_tile_is_never_stale(fresh) -> None:
    _, w = fresh()
    body = alert(w, is_disabled=True)

    def shown() -> int:
        return next(t for t in dashboard(w)["dashboard_elements"] if t["id"] == body["dashboard_element_id"])[
            "alert_count"
        ]

    before = shown()
    made = w.post("/alerts", body)
    assert shown() == before + 1
    w.delete(f"/alerts/{made['id']}")
    assert shown() == before


def test_theme_names_are_words_and_need_not_be_unique(w) -> None:
    assert w.refusal("POST", "/themes", {"name": "no spaces"})[1] == {("name", "invalid")}
    name = w.get("/themes")[-1]["name"]
    made = w.post("/themes", {"name": name, "settings": {"background_color": "#111", "unknown": 1}})
    assert made["settings"]["background_color"] == "#111"
    assert "unknown" not in made["settings"]
    changed = w.patch(f"/themes/{made['id']}", {"settings": {"font_color": "#222"}})
    assert (changed["settings"]["background_color"], changed["settings"]["font_color"]) == ("#111", "#222")
    bad = {"settings": {"color_collection_id": "nope"}}
    assert w.refusal("PATCH", f"/themes/{made['id']}", bad)[1] == {("color_collection_id", "invalid")}
    assert w.send("PUT", "/themes/default_theme", name=name, theme_type="all").json()["name"] == name
    default = w.get("/themes/default")["id"]
    assert w.refusal("DELETE", f"/themes/{default}")[0] == 404


def test_palettes_get_ids_of_the_instances_own(w) -> None:
    palette = {"id": "mine", "label": "p", "type": "Categorical", "colors": ["#000"]}
    made = w.post("/color_collections", {"id": "mine", "label": "c", "categoricalPalettes": [palette]})
    assert "mine" not in (made["id"], made["categoricalPalettes"][0]["id"])
    kept = w.patch(f"/color_collections/{made['id']}", {"categoricalPalettes": made["categoricalPalettes"]})
    assert kept["categoricalPalettes"] == made["categoricalPalettes"]
    assert w.refusal("PATCH", "/color_collections/google", {"label": "x"})[0] == 403
    assert w.send("PUT", "/color_collections/default", collection_id=made["id"]).json()["id"] == made["id"]
    assert w.refusal("DELETE", f"/color_collections/{made['id']}")[0] == 403


def test_models_and_connections_are_known_by_name(w) -> None:
    assert w.refusal("POST", "/lookml_models", {"name": "model_0"}) == (422, {("name", "already_exists")})
    w.post("/lookml_models", {"name": "extra", "project_name": "p", "allowed_db_connection_names": ["lake"]})
    assert w.patch("/lookml_models/extra", {"name": "renamed"})["name"] == "renamed"
    assert w.ask("/lookml_models/extra").status_code == 404
    w.delete("/lookml_models/renamed")
    assert w.refusal("POST", "/connections", {"name": "lake", "dialect_name": "x"})[1] == {("name", "already_exists")}
    made = w.post("/connections", {"name": "new", "dialect_name": "postgres", "password": "s3cret"})
    assert made["has_password"] is True
    assert "password" not in made
    assert w.patch("/connections/new", {"host": "h"})["host"] == "h"
    w.delete("/connections/new")


def test_favourites_are_ones_own(w) -> None:
    made = w.post("/dashboards", {"title": "liked", "folder_id": w.get("/user")["personal_folder_id"]})
    body = {"user_id": w.get("/user")["id"], "content_metadata_id": made["content_metadata_id"]}
    favorite = w.post("/content_favorite", body)
    assert favorite["dashboard_id"] == made["id"]
    assert w.refusal("POST", "/content_favorite", body)[0] == 422
    assert w.refusal("POST", "/content_favorite", body | {"user_id": w.ids("/users")[-1]})[0] in (404, 422)
    w.delete(f"/content_favorite/{favorite['id']}")
