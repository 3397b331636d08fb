"""Damages to dashboards, looks, folders, boards, plans, alerts and styles. See ``wreck.py``."""

from looker_simulator import cascades, mutations
from looker_simulator.seed.folders import metadata
from looker_simulator.seed.words import color, token
from looker_simulator.table import Row
from looker_simulator.vandal import Vandal


def _destroy_folder(v: Vandal) -> None:
    """Delete a folder with all in it for good."""
    nested = v.take(
        "folders", 1, lambda row: bool(v.world["folders"].count("parent_id", row["id"])) and _harmless(v, row)
    )
    for folder in nested or v.take("folders", 1, lambda row: _harmless(v, row)):
        path = v.names.folder(folder["id"])
        cascades.remove_folder(v.world, folder["id"])
        v.note(f"folder {path!r} deleted with everything in it")


def _ordinary(row: Row) -> bool:
    flags = ("is_personal", "is_personal_descendant", "is_embed")
    return bool(row["parent_id"]) and not any(row[flag] for flag in flags)


def _harmless(v: Vandal, folder: Row) -> bool:
    """Return whether a folder may go: all content below can be made again, and there is some."""
    if not _ordinary(folder):
        return False
    below, waiting = [], [folder["id"]]
    while waiting:
        below.append(waiting.pop())
        waiting += [row["id"] for row in v.world["folders"].where("parent_id", below[-1])]
    content = [row for one in below for t in ("dashboards", "looks") for row in v.world[t].where("folder_id", one)]
    dashboards = [row for one in below for row in v.world["dashboards"].where("folder_id", one)]
    fine = not any(row["deleted"] for row in content) and all(v.replaceable(row) for row in dashboards)
    return fine and 0 < len(content) <= max(3, len(v.world["dashboards"]) // 8)


def _destroy_dashboards(v: Vandal) -> None:
    watched = {tile["dashboard_id"] for tile in map(v.world["dashboard_elements"].get, _watched(v)) if tile}
    victims = v.take("dashboards", 1, lambda row: row["id"] in watched and v.replaceable(row))
    victims += v.take("dashboards", 1, v.replaceable)
    for row in victims:
        v.note(f"dashboard {v.title(row)} deleted for good, with {len(v.tiles(row['id']))} tiles")
        cascades.remove_dashboard(v.world, row["id"])


def _watched(v: Vandal) -> list[str]:
    return [row["dashboard_element_id"] for row in v.world["alerts"] if row["dashboard_element_id"]]


def _trash_content(v: Vandal) -> None:
    for table in ("dashboards", "looks"):
        for row in v.take(table, 2):
            cascades.trash(v.world, table, row["id"], v.world.admin_user_id)
            v.note(f"{table[:-1]} {v.title(row)} moved to the trash")


def _destroy_looks(v: Vandal) -> None:
    used = {row["look_id"] for row in v.world["dashboard_elements"] if row["look_id"]}
    for row in v.take("looks", 1, lambda row: row["id"] in used) + v.take("looks", 1):
        cascades.remove_look(v.world, row["id"])
        v.note(f"look {v.title(row)} deleted for good")


def _delete_tiles(v: Vandal) -> None:
    for dashboard in v.take("dashboards", 2, lambda row: len(v.tiles(row["id"])) > 2 and v.restorable(row)):
        victims = v.random.sample(v.tiles(dashboard["id"]), 2)
        for tile in victims:
            cascades.remove_tile(v.world, tile["id"])
        v.change("dashboards", dashboard)
        v.note(f"dashboard {v.title(dashboard)}: {len(victims)} tiles deleted")


def _unwire(v: Vandal) -> None:
    """Cut the tiles of a dashboard off from its filters, and delete one filter of another."""
    for dashboard in v.take("dashboards", 1, lambda row: bool(_wired(v, row))):
        for tile in _wired(v, dashboard):
            loose = [one | {"listen": []} for one in tile["result_maker"]["filterables"]]
            v.world["dashboard_elements"].change(tile["id"], result_maker=tile["result_maker"] | {"filterables": loose})
        v.change("dashboards", dashboard)
        v.note(f"dashboard {v.title(dashboard)}: tiles no longer listen to filters")
    for dashboard in v.take("dashboards", 1, lambda row: bool(v.world.parts("dashboard_filters", row["id"]))):
        victim = v.world.parts("dashboard_filters", dashboard["id"])[0]
        v.world["dashboard_filters"].remove(victim["id"])
        v.change("dashboards", dashboard)
        v.note(f"dashboard {v.title(dashboard)}: filter {v.title(victim)} deleted")


def _wired(v: Vandal, dashboard: Row) -> list[Row]:
    makers = [(tile, tile["result_maker"] or {}) for tile in v.tiles(dashboard["id"])]
    return [tile for tile, maker in makers if any(one["listen"] for one in maker.get("filterables") or ())]


def _rewrite_dashboard(v: Vandal) -> None:
    """Change titles, texts, a query and places; set what was empty and empty what was set."""
    for row in v.take("dashboards", 1, lambda row: any(tile["query_id"] for tile in v.tiles(row["id"]))):
        tile = next(tile for tile in v.tiles(row["id"]) if tile["query_id"])
        query = v.world["queries"].rows[tile["query_id"]]
        broken = query | {"id": None, "fields": query["fields"][:1], "sorts": [], "slug": token(v.random)}
        broken |= {"client_id": token(v.random), "vis_config": {"type": "table"}}
        v.world["dashboard_elements"].change(
            tile["id"], query_id=v.world["queries"].add(broken)["id"], title="Oops", note_text="who did this?"
        )
        for n, place in enumerate(v.world["dashboard_layout_components"].where("dashboard_element_id", tile["id"])):
            v.world["dashboard_layout_components"].change(place["id"], row=90 + n, width=24, height=2)
        v.change("dashboards", row, title=f"{row['title']} (old)", description="junk", background_color="#ff00ff")
        v.note(f"dashboard {v.title(row)}: renamed, a tile shows another query at another place")
    for row in v.take("dashboards", 1):
        v.change("dashboards", row, description=None, show_filters_bar=False, refresh_interval="1 second")
        v.note(f"dashboard {v.title(row)}: settings lost")


def _delete_tab(v: Vandal) -> None:
    def spare_tab(row: Row) -> bool:
        return len(v.world.parts("dashboard_layouts", row["id"])) > 1 and v.replaceable(row)

    for dashboard in v.take("dashboards", 1, spare_tab):
        tab = next(one for one in v.world.parts("dashboard_layouts", dashboard["id"]) if not one["active"])
        cascades.remove_layout(v.world, tab["id"])
        v.change("dashboards", dashboard)
        v.note(f"dashboard {v.title(dashboard)}: tab {tab['label']!r} deleted with its tiles")


def _regroup(v: Vandal) -> None:
    """Take a tile out of its group, and move another group."""
    grouped = [row["id"] for row in v.world["dashboards"] if not row["deleted"] and v.groups(row)]
    if not grouped:
        return
    places = v.world["dashboard_layout_components"]
    for dashboard in v.take("dashboards", 2, lambda row: row["id"] in grouped):
        group = v.groups(dashboard)[0]
        member = next((row for row in places if row["group_id"] == group["id"]), None)
        if member is not None:
            places.change(member["id"], group_id=None, row=77)
        places.change(group["id"], row=99, height=3)
        v.change("dashboards", dashboard)
        v.note(f"dashboard {v.title(dashboard)}: a group of tiles moved, and one of them taken out")


def _rewrite_looks(v: Vandal) -> None:
    for row in v.take("looks", 1):
        other = next(iter(v.world["queries"].rows))
        v.change(
            "looks", row, title="Untitled", description=None, query_id=other, is_run_on_load=not row["is_run_on_load"]
        )
        v.note("a look renamed, and it shows another query")


def _move_things(v: Vandal) -> None:
    shared = next(row for row in v.world["folders"] if row["is_shared_root"])
    for table in ("dashboards", "looks"):
        for row in v.take(table, 1, lambda row: row["folder_id"] != shared["id"]):
            v.change(table, row, folder_id=shared["id"], user_id=v.world.admin_user_id)
            v.world["content_metadata"].change(row["content_metadata_id"], parent_id=shared["content_metadata_id"])
            v.note(f"{table[:-1]} {v.title(row)} moved to {shared['name']} and given to the admin")
    for row in v.take("folders", 1, _ordinary):
        v.note(f"folder {v.title(row)} renamed")
        v.world["folders"].change(row["id"], name="zzz old")


def _boards(v: Vandal) -> None:
    for row in v.take("boards", 1, lambda row: not row["deleted_at"]):
        cascades.remove_board(v.world, row["id"])
        v.note(f"board {v.title(row)} deleted")
    for row in v.take("boards", 1, lambda row: not row["deleted_at"]):
        sections = v.world["board_sections"].where("board_id", row["id"])
        cascades.remove_item(v.world, v.world["board_items"].where("board_section_id", sections[0]["id"])[0]["id"])
        for section in sections:
            order = (section["item_order"] or [])[::-1]
            v.world["board_sections"].change(section["id"], item_order=order, visible_item_order=order, title="Stuff")
        v.change("boards", row, section_order=row["section_order"][::-1], description=None)
        v.note(f"board {v.title(row)}: an item deleted, the order reversed, sections renamed")


def _deliveries(v: Vandal) -> None:
    for row in v.take("scheduled_plans", 2):
        v.world["scheduled_plans"].remove(row["id"])
        v.note(f"scheduled plan {v.title(row)} deleted")
    for row in v.take("scheduled_plans", 1, lambda row: bool(row["crontab"])):
        lost = row["scheduled_plan_destination"][0] | {"address": "nobody@example.com", "message": None}
        v.change("scheduled_plans", row, crontab="0 0 1 1 *", scheduled_plan_destination=[lost], enabled=False)
        v.note(f"scheduled plan {v.title(row)}: goes to nobody at New Year's Eve")
    for row in v.take("alerts", 1):
        v.world["alerts"].remove(row["id"])
        v.note(f"alert {v.title(row)} deleted")
    for row in v.take("alerts", 1):
        v.world["alerts"].change(row["id"], threshold=row["threshold"] + 1_000_000, is_disabled=not row["is_disabled"])
        v.note(f"alert {v.title(row)}: another threshold, switched over")


def _defaults(v: Vandal) -> None:
    now = v.world.now()
    others = (row for row in v.world["themes"] if row["end_at"] is None and (row["begin_at"] or "") <= now)
    theme = next((row for row in others if row["id"] != v.world.default_theme_id), None)
    if theme is not None:
        v.world.default_theme_id = theme["id"]
        v.note(f"theme {v.title(theme)} is the default now")
    colors = next(row for row in v.world["color_collections"] if row["id"] != v.world.default_color_collection_id)
    v.world.default_color_collection_id = colors["id"]
    v.note(f"color collection {v.title(colors)} is the default now")


def _styles(v: Vandal) -> None:
    defaults = (v.world.default_theme_id, *v.world.default_themes.values())
    for row in v.take("themes", 1, lambda row: row["id"] not in defaults):
        v.world["themes"].remove(row["id"])
        v.note(f"theme {v.title(row)} deleted")
    for row in v.take("themes", 1):
        v.world["themes"].change(row["id"], settings=row["settings"] | {"background_color": color(v.random)})
        v.note(f"theme {v.title(row)}: another background")
    custom = [row["id"] for row in v.world["color_collections"] if not row["id"].startswith(("google", "looker"))]
    for row in v.take("color_collections", 1, lambda row: row["id"] in custom):
        v.world["color_collections"].remove(row["id"])
        v.note(f"color collection {v.title(row)} deleted")
    for row in v.take("color_collections", 1, lambda row: row["id"] in custom):
        pale = [one | {"colors": ["#eeeeee"]} for one in row["categoricalPalettes"]]
        v.world["color_collections"].change(row["id"], categoricalPalettes=pale)
        v.note(f"color collection {v.title(row)}: all colours pale")
    for row in v.take("lookml_models", 1):
        v.world["lookml_models"].remove(row["name"])
        v.note(f"configuration of model {row['name']!r} deleted")


def _extra_content(v: Vandal) -> None:
    """Add what was not there before."""
    for dashboard in v.take("dashboards", 1, lambda row: bool(v.tiles(row["id"]))):
        tile = v.tiles(dashboard["id"])[0]
        v.world["dashboard_elements"].add(tile | {"id": None, "title": "Surprise tile"})
        v.note(f"dashboard {v.title(dashboard)}: a surprise tile added")
    for table in ("dashboards", "looks", "boards"):
        for row in v.take(table, 1):
            if table == "boards":
                _add_board(v, row)
            else:
                mutations.mutate(v.world, "create", table, row["id"], {"title": f"Surprise {table[:-1]}"})
            v.note(f"a surprise {table[:-1]} added")


def _add_board(v: Vandal, like: Row) -> None:
    meta = metadata(v.world, "homepage", None, inherits=False)
    board = like | {"id": None, "title": "Surprise board", "section_order": [], "content_metadata_id": meta}
    v.world["content_metadata"].change(meta, homepage_id=v.world["boards"].add(board)["id"])


DAMAGES = (
    _destroy_folder,
    _destroy_dashboards,
    _delete_tiles,
    _delete_tab,
    _unwire,
    _rewrite_dashboard,
    _regroup,
    _destroy_looks,
    _rewrite_looks,
    _trash_content,
    _move_things,
    _boards,
    _deliveries,
    _styles,
    _defaults,
)
EXTRAS = (_extra_content,)
