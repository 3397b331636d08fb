"""What people wrote is found by its words, in any case and accent, now, at another time, and in the past."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing

import pytest

from lookervault_core.catalog import CATALOG
from lookervault_core.errors import NotFound
from lookervault_core.history import catch_up
from lookervault_core.model import Item, Range
from lookervault_core.scanning import Hit, around, held_before, holding
from lookervault_core.searching import SearchRequest, search
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite import schema
from tests.history.test_log import Edited, copy_of, edited

__all__ = ("edited",)
WAYS = ("now", "anywhere")


def hits(vault: Vault, text: str, way: str = "now", snapshot: int | None = None, **more) -> list[Hit]:
    if way == "anywhere":
        return list(holding(vault, list(CATALOG), snapshot, text))
    return search(vault, SearchRequest(text, tuple(CATALOG), snapshot, **more))


@pytest.mark.parametrize("way", WAYS)
def test_a_field_is_found_with_what_stands_around_it(edited: Edited, way: str) -> None:
    board = ("dashboards", edited.ids["first"])
    (found,) = (one for one in hits(edited.vault, "orders.gross", way) if (one.content_type, one.id) == board)
    assert found.snippet == "orders.gross"
    assert ".fields[" in found.where
    assert around("x" * 100 + " needle " + "y" * 100, "needle") == "…" + "x" * 39 + " needle " + "y" * 39 + "…"


def test_what_was_called_otherwise_is_found_in_the_past_and_at_its_time(edited: Edited) -> None:
    board = edited.ids["first"]
    with edited.vault.read() as db:
        (title,) = db.execute(
            "SELECT name FROM content_versions v JOIN content_items i USING (item_id) WHERE id = ?"
            " AND content_type = 'dashboards' ORDER BY version_id",
            (board,),
        ).fetchone()
    assert board not in {one.id for one in hits(edited.vault, title)}
    (at,) = (one for one in hits(edited.vault, title, snapshot=1) if one.id == board)
    (past,) = (one for one in hits(edited.vault, title, history=True) if one.id == board)
    (scanned,) = (one for one in held_before(edited.vault, ["dashboards"], title, ()) if one.id == board)
    assert (at.where, past.where, past.snapshot_id) == ("name", "name", 1)
    assert scanned == past
    with pytest.raises(NotFound):
        hits(edited.vault, title, snapshot=99)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """A vault of two nights, in the second of which a description and a tile are others."""
    vault = Vault.create_or_open(tmp_path_factory.mktemp("search") / "looker.db")
    tile = {"id": "1", "title": "Umsatz je Monat", "type": "text", "body_text": "Über die 売上高 of <b>Q3</b>"}
    board = {
        "id": "7",
        "title": "Board",
        "hidden": False,
        "can": {"copy": True},
        "description": "What café owners spend",
        "dashboard_elements": [tile],
    }
    plan = {"id": "3", "name": "Wéekly to Ødegård", "scheduled_plan_destination": [{"address": "cfo@example.com"}]}
    for description in ("What café owners spend", "What bars earn"):
        _keep(vault, dashboards=board | {"description": description}, scheduled_plans=plan)
        catch_up(vault)
    return vault


def _keep(vault: Vault, **payloads: Mapping[str, object]) -> None:
    session = vault.begin_session(list(payloads))
    for kind, payload in payloads.items():
        item = Item(
            kind, str(payload["id"]), json.dumps(payload).encode(), str(payload.get("title", payload.get("name")))
        )
        span = Range(kind, 0, 1, 0)
        vault.keep_page(session.session_id, session.snapshot_id, span, [item], [], 1, True, frozenset())
        vault.set_census(session.snapshot_id, kind, [item.id])
    vault.close_snapshot(session.session_id)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("BARS earn", "description"),
        ("earn what", "description"),
        ("bars ea", "description"),
        ("umsatz", "dashboard_elements[0].title"),
        ("uber", "dashboard_elements[0].body_text"),
        ("上高", "dashboard_elements[0].body_text"),
        ("cfo@example.com", "scheduled_plan_destination[0].address"),
        ("b*", "description"),
        ("oar", "name"),
        ("bóÁrd", "name"),
        ("weekly to ødegard", "name"),
        ("ØDEGÅRD", "name"),
    ],
)
def test_words_are_found_in_every_text_that_people_write(written: Vault, text: str, where: str) -> None:
    (found,) = hits(written, text)
    assert found.where == where
    assert found.snippet


@pytest.mark.parametrize(
    "text", ["cafe owners", "", "%", "_", '"', "' OR 1", "*", "NEAR(a b)", "\x1b[31m", "x" * 900, "🙂", "true"]
)
def test_what_is_nowhere_or_is_no_word_finds_nothing_and_fails_nothing(written: Vault, text: str) -> None:
    assert [one.where for one in hits(written, text)] == (["name", "name"] if text == "" else [])


def test_an_earlier_text_is_found_at_its_time_and_in_the_past(written: Vault) -> None:
    assert [one.where for one in hits(written, "café owners", snapshot=1)] == ["description"]
    assert [(one.where, one.snapshot_id) for one in hits(written, "CAFE", history=True)] == [("description", 1)]
    assert [one.snapshot_id for one in hits(written, "earn", history=True)] == [None], "now, and so not in the past"
    assert len(hits(written, "", limit=1)) == 1
    assert [one.where for one in hits(written, "weekly", history=True, snapshot=1)] == ["name"]


def test_a_vault_of_an_earlier_release_is_indexed_at_the_first_search(edited: Edited, tmp_path) -> None:
    path = copy_of(edited.vault, tmp_path / "old.db")
    number = schema.STEPS.index(schema.TEXTS) + 1
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE version_texts")
        db.execute(f"DELETE FROM _sqlite_migrations WHERE name = 'v{number}'")
        db.execute(f"PRAGMA user_version = {number - 1}")
    catch_up(path)
    with Vault.open(path, read_only=True) as vault:
        for text in ("orders.gross", "revenue"):
            assert hits(vault, text) == hits(edited.vault, text)


def test_what_was_pruned_is_found_no_more_and_all_else_is(written: Vault, tmp_path) -> None:
    for times in (1, 9):  # and where so much went that the words are noted anew
        with Vault.open(copy_of(written, tmp_path / f"pruned{times}.db")) as vault:
            with vault.write() as db:
                db.execute("INSERT INTO vault_meta VALUES ('texts_gone', ?)", (times - 1,))
            vault.delete_snapshot(1)
            vault.collect_garbage()
            catch_up(vault)
            assert hits(vault, "café", history=True) == []
            assert [one.where for one in hits(vault, "earn")] == ["description"]
