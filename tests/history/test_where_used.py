"""Where a field is used, by the index and in plain SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from lookervault_core.diff.document import decode
from lookervault_core.errors import UsageError
from lookervault_core.families.queries.uses import uses
from lookervault_core.history import where_used
from lookervault_core.history.sql import register
from lookervault_core.searching import around, held_before, holding
from tests.history.test_log import Edited, edited

__all__ = ("edited",)


def test_a_field_is_found_in_each_tile_look_filter_and_query_that_asks_for_it(edited: Edited) -> None:
    vault = edited.vault
    wanted: dict[tuple[str, str, str], set[tuple[str, str, str]]] = {}
    for kind in ("dashboards", "looks"):
        for item in vault.iter_payloads(kind):
            for use in uses(decode(item.payload), lambda _: None, lambda _: None):
                wanted.setdefault((use.model, use.explore, use.field), set()).add((kind, item.id, use.part_id))
    assert len(wanted) > 5
    for (model, explore, field), places in wanted.items():
        found = where_used(vault, f"{model}.{explore}.{field}")
        assert {
            (one.content_type, one.id, one.part_id) for one in found if one.place in ("tile", "query", "filter")
        } >= places
    asking = next(
        one for one in where_used(vault, _called(wanted, "orders.gross")) if one.part_id == edited.ids["asking"]
    )
    assert (asking.content_type, asking.id, asking.place) == ("dashboards", edited.ids["first"], "tile")
    before = where_used(vault, _called(wanted, "orders.gross"), 1)
    assert edited.ids["asking"] not in {one.part_id for one in before}, "at an earlier time it was not asked for"


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


def test_a_text_is_found_with_what_stands_around_it_and_in_the_past(edited: Edited) -> None:
    names, board = ["dashboards", "looks"], edited.ids["first"]
    now = list(holding(edited.vault, names, None, "orders.gross"))
    assert [(one.id, one.snippet) for one in now if one.id == board] == [(board, "orders.gross")]
    assert ".fields[" in next(one.where for one in now if one.id == board)
    with edited.vault.read() as db:
        (title,) = db.execute(
            "SELECT name FROM content_versions v JOIN content_items i USING (item_id) WHERE id = ?"
            " AND content_type = 'dashboards' ORDER BY version_id",
            (board,),
        ).fetchone()
    assert board not in {one.id for one in holding(edited.vault, names, None, title)}
    before = [one for one in held_before(edited.vault, names, title, ()) if one.id == board]
    assert [(one.where, one.snapshot_id) for one in before] == [("name", 1)]
    assert around("x" * 100 + " needle " + "y" * 100, "needle") == "…" + "x" * 39 + " needle " + "y" * 39 + "…"


def test_the_index_adds_little_to_the_vault(edited: Edited) -> None:
    with closing(sqlite3.connect(edited.vault.path)) as db:
        ours = "('object_changes', 'changes_of_item', 'changes_to_snapshot', 'indexed_snapshots', 'version_slugs', 'fields',"
        ours += " 'sqlite_autoindex_fields_1', 'explores', 'item_fields', 'tiles')"
        held = db.execute(f"SELECT sum(payload) FROM dbstat WHERE name IN {ours}").fetchone()[0]
        everything = db.execute("SELECT sum(payload) FROM dbstat").fetchone()[0]
    assert held <= 0.1 * everything
