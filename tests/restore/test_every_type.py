"""Each field of each type that can be restored is tried alone: in the tests of fields, rows and documents, or in one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, schema
from lookervault_core.catalog import ALLOWLIST, DOCUMENTS, restore_order, uncompared
from lookervault_core.catalog.payloads import NESTED
from lookervault_core.families.settings.shape import MAPPINGS
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore
from tests.restore.fields import KINDS, PARTS, RELEASE, RELEASES, tried

SETTINGS = "instance_settings"
ROOT = Path(__file__).parents[2]
# By the type of the vault: where its rows are tried, cell by cell, or all that there is of it.
BY_ROW = ("group_users", "role_groups", "role_users", "user_attribute_values", "user_attribute_group_values")
ELSEWHERE = {
    "ci_suites": "test_ci_suites.py::test_every_field_that_was_changed_comes_back",
    "content_metadata_accesses": "test_every_row.py::test_a_cell_that_was_changed_alone_comes_back",
    "default_color_collection": "test_defaults.py::test_what_was_the_default_is_it_again",
    "default_theme": "test_defaults.py::test_what_was_the_default_is_it_again",
    "default_themes": "test_defaults.py::test_each_type_of_theme_has_its_own_default_again",
    SETTINGS: "test_every_type.py::test_a_field_of_a_document_that_was_changed_alone_comes_back_or_is_named",
} | dict.fromkeys(BY_ROW, "test_every_row.py::test_a_cell_that_was_changed_alone_comes_back")
# By the schema: which test changes a field that is worked out from other rows, or has a call of its own.
_LOGINS = "test_sign_ins.py::test_a_login_lost_by_a_user_who_is_there_is_named_and_one_gained_too"
_SEAL = "test_certification.py::test_certified_content_is_certified_again"
_QUERY = "test_every_field.py::test_a_field_of_a_query_that_was_changed_alone_comes_back"
FIELDS_ELSEWHERE = {
    "User.credentials_email": "test_every_row.py::test_a_cell_that_was_changed_alone_comes_back",
    "User.email": "test_every_row.py::test_a_cell_that_was_changed_alone_comes_back",
    "User.service_account_name": "test_service_accounts.py::"
    "test_a_renamed_and_disabled_service_account_is_put_back_by_its_own_call",
    "User.credentials_api3": "test_renewals.py::test_an_api_key_that_came_or_says_something_else_is_named",
    "GroupHierarchy.parent_group_ids": "test_every_row.py::test_a_cell_that_was_changed_alone_comes_back",
    "LookWithQuery.certification_metadata": _SEAL,
    "LookWithQuery.query": _QUERY,
    "Dashboard.certification_metadata": _SEAL,
    "DashboardElement.certification_metadata": "test_certification.py::"
    "test_a_certification_of_a_tile_that_does_not_come_back_is_named",
    "DashboardElement.query": _QUERY,
    "DashboardElement.result_maker": "test_every_type.py::test_what_a_tile_listens_to_comes_back",
    "DashboardLayout.active": "test_every_field.py::test_the_tab_that_was_active_is_active_again",
    "Board.deleted_at": "test_undo.py::test_a_board_that_lay_in_the_trash_lies_there_again_as_it_was",
    "BoardSection.deleted_at": "test_trashed_sections.py::test_an_undo_puts_a_section_back_into_the_trash_as_it_was",
    "DBConnection.has_password": "test_connections.py::test_one_without_its_password_is_never_called_identical",
} | {f"User.credentials_{name}": _LOGINS for name in ("google", "ldap", "looker_openid", "oidc", "saml", "workforce")}
# What a row is known by, or what it is the place of: another one is another row.
KNOWN_BY = ("LookmlModel.name", "DashboardLayoutComponent.dashboard_element_id")


def test_every_type_that_can_be_restored_is_tried():
    assert {content_type for _, content_type in KINDS.values()} | ELSEWHERE.keys() == set(restore_order())


@pytest.mark.parametrize("test", sorted({*ELSEWHERE.values(), *FIELDS_ELSEWHERE.values()}))
def test_what_is_tried_elsewhere_is_tried_there(test: str):
    file, _, name = test.partition("::")
    assert f"def {name}(" in (ROOT / "tests" / "restore" / file).read_text()


def test_every_field_that_counts_is_tried():
    within = {schema_name for schema_name, _ in KINDS.values()}
    found = set()
    for release in (RELEASE, *set(RELEASES.values())):
        with Simulator(SimulatorOptions(scale="tiny", dashboard_kb=2, release=release)) as simulator:
            found |= {
                f"{schema_name}.{prop.name}"
                for table, (schema_name, _) in KINDS.items()
                if RELEASES.get(table, RELEASE) == release
                for prop in untried(simulator, table)
                if NESTED.get(schema_name, {}).get(prop.name) not in within
            }
    assert found == {*FIELDS_ELSEWHERE, *KNOWN_BY}


def untried(simulator: Simulator, table: str) -> Iterator[schema.Property]:
    """Yield the fields of a table that count and have no trial."""
    if table in PARTS:
        for dashboard_id in list(simulator.world["dashboards"].rows):
            simulator.world.unpack(dashboard_id)
    schema_name, ways = KINDS[table][0], tried(simulator, table)
    for prop in simulator.world.api.properties(schema_name).values():
        if uncompared.why(schema_name, prop.name) is None and not (prop.name in ways and ways[prop.name][1]):
            yield prop


def test_what_a_tile_listens_to_comes_back(run_of, simulator):
    for dashboard_id in list(simulator.world["dashboards"].rows):
        simulator.world.unpack(dashboard_id)
    tiles = simulator.world["dashboard_elements"]
    tile = next(
        row for row in tiles if any(one["listen"] for one in (row["result_maker"] or {}).get("filterables", ()))
    )
    before = tile["result_maker"]["filterables"]
    deaf = [one | {"listen": []} for one in before]
    mutate(
        simulator.world,
        "update",
        "dashboard_elements",
        tile["id"],
        {"result_maker": tile["result_maker"] | {"filterables": deaf}},
    )
    report = restore(run_of(Selection.bulk("dashboards")))
    assert (report.status, tiles.rows[tile["id"]]["result_maker"]["filterables"]) == ("completed", before)


def test_a_field_of_a_document_that_was_changed_alone_comes_back_or_is_named(run_of, simulator):
    trials = {name: list(changes(simulator, name)) for name in DOCUMENTS if name in simulator.world[SETTINGS]}
    assert {name for name, document in DOCUMENTS.items() if document.write} - trials.keys() == {
        ALLOWLIST,
        "workforce_config",
    }
    assert all(trials.values())
    silent = []
    for number in range(max(map(len, trials.values()))):
        now = {name: ways[number] for name, ways in trials.items() if number < len(ways)}
        silent += changed_alone(run_of, simulator, now)
    assert "\n".join(silent) == ""


def changed_alone(run_of: Any, simulator: Simulator, now: dict[str, tuple[str, Any]]) -> list[str]:
    """Give one field of each document another value, restore, and return what is neither back nor named."""
    rows = simulator.world[SETTINGS].rows
    before = {name: rows[name][field] for name, (field, _) in now.items()}
    for name, (field, value) in now.items():
        simulator.world[SETTINGS].change(name, **{field: value})
    selection = Selection.bulk(SETTINGS) if len(now) > 1 else Selection.single(SETTINGS, *now)
    report = restore(run_of(selection, include_login_settings=True))
    lost = {item.key.id: {path for path, _ in item.lost} for item in report.proof.items}
    silent = [
        f"{name}.{field}: {before[name]!r} → {value!r} → {rows[name][field]!r}"
        for name, (field, value) in now.items()
        if seen(field, rows[name][field]) != seen(field, before[name]) and field not in lost.get(name, ())
    ]
    for name, (field, _) in now.items():
        simulator.world[SETTINGS].change(name, **{field: before[name]})
    return silent if report.status == "completed" else [*silent, f"{report.status}: {now}"]


def seen(field: str, value: Any) -> Any:
    """Return a value without the numbers that mappings of an identity provider have."""
    columns = MAPPINGS.get(field)
    return value if columns is None else [{name: row.get(name) for name in columns} for row in value]


def changes(simulator: Simulator, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each field that a document shows, with another value, and of what is in it each field with one."""
    row, document = simulator.world[SETTINGS].rows[name], DOCUMENTS[name]
    shape = document.schema or "MobileSettings"
    for prop in simulator.world.api.properties(shape).values():
        if prop.name in (*document.unshown, "has_auth_password") or prop.write_only or prop.name not in row:
            continue
        if prop.name in MAPPINGS:
            yield from ((prop.name, rows) for rows in remapped(simulator, row[prop.name], MAPPINGS[prop.name]))
        elif isinstance(row[prop.name], dict) and schema.shape(prop.type):
            inner = within(simulator, prop, document.unshown)
            old = row[prop.name]
            yield from ((prop.name, old | {one.name: another(simulator, old.get(one.name), one)}) for one in inner)
        else:
            yield prop.name, another(simulator, row[prop.name], prop)


def within(simulator: Simulator, prop: schema.Property, unshown: tuple[str, ...]) -> list[schema.Property]:
    """Return the fields of an object that are shown; of the forty tools in one the first of each type."""
    inner = simulator.world.api.properties(prop.type).values()
    shown = [one for one in inner if f"{prop.name}.{one.name}" not in unshown]
    return shown if len(shown) < 20 else list({one.type: one for one in shown}.values())


def remapped(
    simulator: Simulator, rows: list[dict[str, Any]], columns: tuple[str, ...]
) -> Iterator[list[dict[str, Any]]]:
    """Yield a list of mappings with another value in one column of its first row each."""
    ids = {"role_ids": "roles", "user_attribute_ids": "user_attributes"}
    for column in columns:
        old = rows[0][column]
        new = (
            [max(simulator.world[ids[column]].rows, key=int)]
            if column in ids
            else not old
            if old in (True, False)
            else f"{old} now"
        )
        yield [rows[0] | {column: new}, *rows[1:]]


def another(simulator: Simulator, value: Any, prop: schema.Property) -> Any:
    """Return a value of the type of a field that it does not have."""
    if prop.name.endswith(("role_ids", "group_ids")):
        table = "roles" if prop.name.endswith("role_ids") else "groups"
        return [next(one for one in simulator.world[table].rows if one not in (value or ()))]
    if isinstance(value, bool) or prop.type == "b":
        return not value
    if prop.type in ("i", "f"):
        return (value or 30) + 1
    if prop.type.startswith("["):
        return [*(value or ()), "now"]
    return f"{value or ''} now" if prop.type in ("s", "t") else {"now": True}
