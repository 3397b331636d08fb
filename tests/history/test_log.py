"""What changed, when, by whom and in which fields, as the vault tells it without a call."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.drift import compared_by_tables
from lookervault_core.errors import NotFound
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.history import (
    Change,
    LogRequest,
    blame,
    catch_up,
    change,
    compare_object,
    find_object,
    log,
    person_called,
    surely_changed,
    to_json,
)
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite import schema
from tests.history.test_naming import keep
from tests.simulated import capture, capture_all, client


class Edited(NamedTuple):
    """An instance that people have edited between two snapshots, by the ids of what they edited."""

    vault: Vault
    calls: int
    users: list[str]
    ids: dict[str, str]
    world: Any


def visible(world: Any, table: str) -> list[dict[str, Any]]:
    return [row for row in world[table] if not row.get("deleted")]


def stamp(world: Any, dashboard: str, user: str, **values: Any) -> None:
    mutate(world, "update", "dashboards", dashboard, {"last_updater_id": user, **values})


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edited]:
    path = tmp_path_factory.mktemp("history") / "looker.db"
    with (
        Simulator(SimulatorOptions(scale="tiny")) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(path) as vault,
    ):
        capture_all(vault, looker, simulator)
        world = simulator.world
        users = [row["id"] for row in world["users"]]
        first, second, third = visible(world, "dashboards")[:3]
        world.unpack(first["id"])
        world.unpack(third["id"])
        tiles = world.parts("dashboard_elements", first["id"])
        asking = next(tile for tile in tiles if tile.get("query_id"))
        moved = next(tile for tile in tiles if tile["id"] != asking["id"])
        query: dict[str, Any] = world["queries"].get(asking["query_id"]) or {}
        shown = [*query["fields"][:-1], "orders.gross"]
        asked_anew = world["queries"].add(query | {"id": None, "fields": shown})["id"]
        stamp(world, first["id"], users[2], title="Exec \x1b[31m\u202eOverview")
        world["dashboard_elements"].change(asking["id"], query_id=asked_anew)
        place = world["dashboard_layout_components"].where("dashboard_element_id", moved["id"])[0]
        world["dashboard_layout_components"].change(place["id"], row=40)
        world.show_anew(first["id"])
        folder = next(row["id"] for row in world["folders"] if row["id"] != second["folder_id"])
        stamp(world, second["id"], users[1], folder_id=folder)
        made = mutate(world, "create", "dashboards", third["id"], {"last_updater_id": users[1], "title": "Made since"})
        look = visible(world, "looks")[0]
        mutate(world, "trash", "looks", look["id"])
        group = next(iter(world["groups"]))
        mutate(world, "update", "groups", group["id"], {"name": "Renamed"})
        simulator.calls.reset()
        capture(vault, looker)
        ids = {
            "first": first["id"], "second": second["id"], "made": made, "look": look["id"], "group": group["id"],
            "asking": asking["id"], "moved": moved["id"], "folder": folder, "lost": query["fields"][-1],
        }  # fmt: skip
        yield Edited(vault, simulator.calls.total, users, ids, world)


def of(edited: Edited, kind: str, item_id: str) -> Change:
    return next(one for one in log(edited.vault, LogRequest(kind)) if one.id == item_id)


def test_each_edit_is_told_under_its_object_kind_and_author(edited: Edited) -> None:
    ids, (_, one, two, *_) = edited.ids, edited.users
    told = {(c.content_type, c.id, c.kind, c.author.id, c.author.how) for c in log(edited.vault, LogRequest())}
    assert told == {
        ("dashboards", ids["first"], "changed", two, "last_updater"),
        ("dashboards", ids["second"], "moved", one, "last_updater"),
        ("dashboards", ids["made"], "created", one, "last_updater"),
        ("looks", ids["look"], "deleted", edited.world.admin_user_id, "deleter"),
        ("groups", ids["group"], "changed", None, "unknown"),
    }
    changed = of(edited, "dashboards", ids["first"])
    assert (changed.from_snapshot, changed.to_snapshot) == (1, 2)
    assert changed.not_before < changed.not_after
    assert set(to_json(changed)) >= {
        "change_id", "content_type", "id", "name", "folder", "kind", "from_snapshot", "to_snapshot", "not_before", "not_after",
        "author", "fields",
    }  # fmt: skip
    assert set(to_json(changed)["fields"][0]) == {"path", "part", "old", "new", "text"}


def test_fields_are_told_in_the_words_of_their_family(edited: Edited) -> None:
    ids = edited.ids
    fields = {one.path: one for one in of(edited, "dashboards", ids["first"]).fields}
    asked = fields[f"dashboard_elements[{ids['asking']}].query.fields"]
    title = next(row["title"] for row in edited.world["dashboard_elements"] if row["id"] == ids["asking"])
    assert asked.part == title
    assert asked.text == f"'{title}' now shows orders.gross (was {ids['lost']})"
    assert len(fields) == 3, "a query is told by what differs in it, and a place under its tile"
    place = next(one for path, one in fields.items() if "dashboard_layout_components" in path)
    assert "moved from row" in place.text
    assert place.new["row"] == 40
    assert of(edited, "dashboards", ids["second"]).fields[0].text.startswith("moved from ")


def test_the_log_is_narrowed_by_object_author_folder_kind_and_time(edited: Edited) -> None:
    ids, vault = edited.ids, edited.vault

    def found(**request: Any) -> set[str]:
        return {one.id for one in log(vault, LogRequest(**request))}

    assert found(content_type="dashboards", id=ids["first"]) == {ids["first"]}
    assert found(content_type="dashboards", by=edited.users[1]) == {ids["second"], ids["made"]}
    assert found(content_type="dashboards", kind="moved") == {ids["second"]}
    assert ids["second"] in found(folder=ids["folder"])
    assert found(kind="deleted") == {ids["look"]}
    assert found(since=vault.now()) == set()
    assert found(until=vault.snapshot(1).started_at.replace(year=2000)) == set()
    assert len(log(vault, LogRequest(limit=2))) == 2
    email = next(row["email"] for row in edited.world["credentials_email"])
    assert person_called(vault, email.upper()) is not None
    assert person_called(vault, "nobody@example.com") is None


def test_a_change_keeps_its_id_when_the_index_is_made_anew(edited: Edited) -> None:
    before = [(one.change_id, one.text) for one in log(edited.vault, LogRequest())]
    with edited.vault.write() as db:
        db.execute("DELETE FROM indexed_snapshots")
    catch_up(edited.vault)
    assert [(one.change_id, one.text) for one in log(edited.vault, LogRequest())] == before
    whole = before[0][0]
    assert change(edited.vault, whole[:8]).change_id == whole
    for wrong in ("", "zz", "' OR 1", "0" * 12):
        with pytest.raises(NotFound, match="lookervault log"):
            change(edited.vault, wrong)


def test_two_snapshots_differ_in_the_same_whether_all_is_read_or_the_index_asked(edited: Edited) -> None:
    surely = surely_changed(edited.vault, 1, 2)
    assert {(one.content_type, one.id) for one in surely} == {
        (one.content_type, one.id) for one in log(edited.vault, LogRequest()) if one.kind in ("changed", "moved")
    }
    told, read = (compared_by_tables(edited.vault, 1, 2, known) for known in (surely, ()))
    assert [(one.change, one.content_type, one.id) for one in told] == [
        (one.change, one.content_type, one.id) for one in read
    ]
    assert surely_changed(edited.vault, 1, 1) == set()


def test_versions_are_compared_and_blamed(edited: Edited) -> None:
    ids, vault = edited.ids, edited.vault
    key = ContentKey("dashboards", ids["first"])
    assert [f.path for f in compare_object(vault, key, None, None).fields] == [
        f.path for f in of(edited, "dashboards", ids["first"]).fields
    ]
    assert compare_object(vault, key, 1, 1).fields == ()
    backwards = compare_object(vault, key, 2, 1)
    assert {f.path for f in backwards.fields} == {f.path for f in compare_object(vault, key, 1, 2).fields}
    rows = {row.path: row for row in blame(vault, key)}
    assert rows["title"].author.id == edited.users[2]
    assert rows["folder_id"].change_id is None
    assert rows[f"dashboard_elements[{ids['moved']}]"].change_id == rows["title"].change_id
    untouched = [row for path, row in rows.items() if path.startswith("dashboard_elements") and row.change_id is None]
    assert untouched
    with pytest.raises(NotFound, match="nothing differs"):
        compare_object(vault, ContentKey("users", edited.users[0]), None, None)
    with pytest.raises(NotFound):
        blame(vault, ContentKey("dashboards", "999"))


def test_a_slug_names_its_dashboard(edited: Edited) -> None:
    row = edited.world["dashboards"].get(edited.ids["first"])
    assert find_object(edited.vault, "dashboards", row["slug"]).id == row["id"]


def test_nothing_is_asked_of_looker_for_it(edited: Edited) -> None:
    seen = edited.calls
    log(edited.vault, LogRequest())
    assert seen == edited.calls


def copy_of(vault: Vault, path: Path) -> Path:
    with closing(sqlite3.connect(vault.path)) as db, closing(sqlite3.connect(path)) as other:
        db.backup(other)
    return path


def test_a_vault_of_an_earlier_release_is_indexed_on_demand(edited: Edited, tmp_path: Path) -> None:
    path = copy_of(edited.vault, tmp_path / "old.db")
    with closing(sqlite3.connect(path)) as db, db:
        for table in ("object_changes", "indexed_snapshots", "version_slugs"):
            db.execute(f"DROP TABLE {table}")
        number = schema.STEPS.index(schema.CHANGES) + 1
        db.execute(f"DELETE FROM _sqlite_migrations WHERE name = 'v{number}'")
        db.execute(f"PRAGMA user_version = {number - 1}")
    catch_up(path)
    with Vault.open(path, read_only=True) as vault:
        assert log(vault, LogRequest()) == log(edited.vault, LogRequest())


def test_without_a_snapshot_its_changes_are_told_of_the_next(edited: Edited, tmp_path: Path) -> None:
    path = copy_of(edited.vault, tmp_path / "pruned.db")
    with Simulator(SimulatorOptions(scale="tiny")) as other, client(other) as looker, Vault.open(path) as vault:
        with vault.write() as db:
            db.execute("UPDATE vault_meta SET value = ? WHERE key = 'instance_url'", (other.base_url,))
        capture(vault, looker, ExtractOptions(workers=4))  # everything as it was first
        last = {(c.content_type, c.id, c.to_snapshot) for c in log(vault, LogRequest())}
        assert ("dashboards", edited.ids["first"], 3) in last
        vault.delete_snapshot(2)
        vault.collect_garbage()
        catch_up(vault)
        assert [c for c in log(vault, LogRequest()) if c.content_type != "looks"] == [], "from 1 to 3 nothing changed"
        assert vault.check_structure() == []


def test_a_damaged_version_is_named_and_all_else_is_told(edited: Edited, tmp_path: Path) -> None:
    path = copy_of(edited.vault, tmp_path / "damaged.db")
    key = ContentKey("dashboards", edited.ids["first"])
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "UPDATE blobs SET data = zeroblob(40) WHERE blob_id = (SELECT blob_id FROM content_versions JOIN snapshot_items"
            " USING (version_id) JOIN content_items i ON i.item_id = snapshot_items.item_id"
            " WHERE snapshot_id = 1 AND content_type = ? AND id = ?)",
            (key.content_type, key.id),
        )
    with Vault.open(path, read_only=True) as vault:
        told = log(vault, LogRequest())
        damaged = next(one for one in told if one.key == key)
        assert "damaged" in damaged.damage
        assert "damaged" in damaged.text
        assert len(told) == 5
        assert {row.path for row in blame(vault, key)} >= {"title"}


def test_a_snapshot_of_an_earlier_time_comes_in_between(tmp_path: Path) -> None:
    with Vault.create_or_open(tmp_path / "between.db") as vault:
        keep(vault, "groups", ("1", "First", None))
        keep(vault, "groups", ("1", "Third", None))
        catch_up(vault)
        assert [one.text for one in log(vault, LogRequest())] == ["Changed *Third*: name First → Third"]
        first, last = (one.started_at for one in reversed(vault.snapshots()))
        keep(vault, "groups", ("1", "Second", None), taken_at=first + (last - first) / 2)
        catch_up(vault)
        told = [(one.text, one.from_snapshot, one.to_snapshot) for one in log(vault, LogRequest())]
        assert told == [
            ("Changed *Third*: name Second → Third", 3, 2),
            ("Changed *Second*: name First → Second", 1, 3),
        ]
        vault.delete_snapshot(3)
        catch_up(vault)
        assert [one.text for one in log(vault, LogRequest())] == ["Changed *Third*: name First → Third"]
