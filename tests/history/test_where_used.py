"""Where a field is used, by the index and in plain SQL."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from lookervault_core.errors import UsageError
from lookervault_core.families.queries.uses import asking, uses
from lookervault_core.history import catch_up, where_used
from lookervault_core.history.sql import register
from lookervault_core.model import Range
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite import schema
from tests.history.test_log import Edited, copy_of, edited

__all__ = ("edited",)
INDEX = re.compile(
    r"object_changes|changes_.*|indexed_snapshots|version_slugs|version_texts.*|.*fields.*|.*explores.*|tiles|shown_looks"
)


def test_a_field_is_found_in_each_tile_look_filter_and_query_that_asks_for_it(edited: Edited) -> None:
    vault = edited.vault
    wanted: dict[tuple[str, str, str], set[tuple[str, str, str]]] = {}
    for kind in ("dashboards", "looks"):
        for item in vault.iter_payloads(kind):
            for use in uses(asking(item.payload), nobody_knows, nobody_knows, nobody_knows):
                wanted.setdefault((use.model, use.explore, use.field), set()).add((kind, item.id, use.part_id))
    assert len(wanted) > 5
    for (model, explore, field), places in wanted.items():
        found = where_used(vault, f"{model}.{explore}.{field}")
        assert {
            (one.content_type, one.id, one.part_id) for one in found if one.place in ("tile", "query", "filter")
        } >= places
    one = next(one for one in where_used(vault, _called(wanted, "orders.gross")) if one.part_id == edited.ids["asking"])
    assert (one.content_type, one.id, one.place) == ("dashboards", edited.ids["first"], "tile")
    before = where_used(vault, _called(wanted, "orders.gross"), 1)
    assert edited.ids["asking"] not in {one.part_id for one in before}, "at an earlier time it was not asked for"


def nobody_knows(_: str) -> None:
    return None


def test_tiles_that_show_a_look_are_told_with_the_plans_on_their_dashboards(edited: Edited) -> None:
    counted = Counter[str]()
    for snapshot in (1, 2):
        for look in edited.vault.iter_payloads("looks", snapshot):
            field = next(uses(asking(look.payload), nobody_knows, nobody_knows, nobody_knows))
            found = where_used(edited.vault, f"{field.model}.{field.explore}.{field.field}", snapshot)
            tiles = {(one.id, one.part_id) for one in found if one.via == f"looks {look.id}" and one.place == "tile"}
            assert tiles == _showing(edited, look.id, snapshot)
            boards = {board for board, _ in tiles}
            plans = {one.id for one in found if one.place == "plan"}
            assert plans >= _named(edited, "scheduled_plans", "dashboard_id", boards, snapshot)
            counted.update(tiles=len(tiles), plans=len(plans))
    assert min(counted["tiles"], counted["plans"]) > 0


def _showing(edited: Edited, look: str, snapshot: int) -> set[tuple[str, str]]:
    payloads = {item.id: json.loads(item.payload) for item in edited.vault.iter_payloads("dashboards", snapshot)}
    tiles = {
        (board, tile["id"], tile["look_id"]) for board, one in payloads.items() for tile in one["dashboard_elements"]
    }
    return {(board, tile) for board, tile, shown in tiles if shown == look}


def _named(edited: Edited, kind: str, field: str, ids: set[str], snapshot: int) -> set[str]:
    return {item.id for item in edited.vault.iter_payloads(kind, snapshot) if json.loads(item.payload)[field] in ids}


def test_a_tile_asks_for_what_the_look_asked_at_the_time_and_an_alert_on_it_watches_that(
    edited: Edited, tmp_path: Path
) -> None:
    """Looker does not touch a dashboard when a look on it changes, so that the dashboard may have been taken over unread."""
    path = copy_of(edited.vault, tmp_path / "asked.db")
    look = next(item for item in edited.vault.iter_payloads("looks") if _showing(edited, item.id, 2))
    shown = _showing(edited, look.id, 2)
    alert = next(iter(edited.vault.iter_payloads("alerts")))
    asked, watched = json.loads(look.payload), json.loads(alert.payload)
    asked["query"]["fields"] = ["orders.fresh"]
    watched |= {"dashboard_element_id": min(tile for _, tile in shown), "field": {"name": "orders.fresh"}}
    with Vault.open(path) as vault:
        session = vault.begin_session(["looks", "alerts"], [], {})
        for item, payload in ((look, asked), (alert, watched)):
            changed = [msgspec.structs.replace(item, payload=json.dumps(payload).encode())]
            span = Range(item.content_type, 0, 100, 0)
            vault.keep_page(session.session_id, session.snapshot_id, span, changed, [], 1, True, frozenset())
            vault.set_census(session.snapshot_id, item.content_type, [item.id])
        vault.close_snapshot(session.session_id)
        catch_up(vault)
        name = f"{asked['query']['model']}.{asked['query']['view']}.orders.fresh"
        found = where_used(vault, name)
        assert {(one.id, one.part_id) for one in found if one.place == "tile"} == shown
        assert [(one.id, one.part_id) for one in found if one.place == "alert"] == [
            (alert.id, watched["dashboard_element_id"])
        ]
        assert where_used(vault, name, 2) == []


def test_which_looks_are_shown_is_noted_of_a_vault_of_an_earlier_release(edited: Edited, tmp_path: Path) -> None:
    path = copy_of(edited.vault, tmp_path / "old.db")
    number = schema.STEPS.index(schema.LOOKS) + 1
    with closing(sqlite3.connect(path)) as db, db:
        shown = db.execute("SELECT * FROM shown_looks ORDER BY 1, 2").fetchall()
        assert shown
        db.execute("DROP TABLE shown_looks")
        db.execute(f"DELETE FROM _sqlite_migrations WHERE name = 'v{number}'")
        db.execute(f"PRAGMA user_version = {number - 1}")
    catch_up(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM shown_looks ORDER BY 1, 2").fetchall() == shown
        assert db.execute("SELECT * FROM vault_meta WHERE key = 'looks_unnoted'").fetchall() == []


def _called(wanted, field: str) -> str:
    return ".".join(next(key for key in wanted if key[2] == field))


@pytest.mark.parametrize("said", ["", "orders", "a.b", "..", "\x1b[31m"])
def test_what_names_no_field_is_one_line_that_says_how_to_name_one(edited: Edited, said: str) -> None:
    with pytest.raises(UsageError, match=r"MODEL\.EXPLORE\.FIELD"):
        where_used(edited.vault, said)


def test_views_have_plain_columns_and_payloads_are_json(edited: Edited) -> None:
    with closing(sqlite3.connect(edited.vault.path)) as db:
        register(db)
        tiles = db.execute(
            "SELECT title, model, explore FROM dashboard_tiles WHERE dashboard_id = ?", (edited.ids["first"],)
        )
        assert len(tiles.fetchall()) == len(edited.world.parts("dashboard_elements", edited.ids["first"]))
        fields = db.execute("SELECT content_type, id FROM query_fields WHERE field = 'orders.gross'").fetchall()
        assert ("dashboards", edited.ids["first"]) in fields
        kinds = {kind for (kind,) in db.execute("SELECT kind FROM changes")}
        assert kinds == {"created", "changed", "deleted", "moved"}
        titles = db.execute(
            "SELECT id, json_extract(payload(data), '$.title') FROM payloads WHERE content_type = 'dashboards'"
        ).fetchall()
        assert dict(titles)[edited.ids["made"]] == "Made since"


def test_the_index_adds_little_to_the_vault(edited: Edited) -> None:
    with closing(sqlite3.connect(edited.vault.path)) as db:
        sizes = dict(db.execute("SELECT name, sum(payload) FROM dbstat GROUP BY name"))
    assert sum(size for name, size in sizes.items() if INDEX.fullmatch(name)) <= 0.1 * sum(sizes.values())
