"""Where a field is used, by the index and in plain SQL."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from lookervault_core.errors import UsageError
from lookervault_core.families.queries.uses import asking, uses
from lookervault_core.history import where_used
from lookervault_core.history.sql import register
from tests.history.test_log import Edited, edited

__all__ = ("edited",)
INDEX = re.compile(
    r"object_changes|changes_.*|indexed_snapshots|version_slugs|version_texts.*|.*fields.*|.*explores.*|tiles"
)


def test_a_field_is_found_in_each_tile_look_filter_and_query_that_asks_for_it(edited: Edited) -> None:
    vault = edited.vault
    wanted: dict[tuple[str, str, str], set[tuple[str, str, str]]] = {}
    for kind in ("dashboards", "looks"):
        for item in vault.iter_payloads(kind):
            for use in uses(asking(item.payload), lambda _: None, lambda _: None):
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
