"""Each field of each type, changed alone on the live side, comes back or is named; or a table says why it is not compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.diff.documents.fields import same
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.looker.client import Looker
from lookervault_core.restore.applying.outcome import Report, Verified
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.restore.fields import KINDS, QUERIES, RELEASE, RELEASES, SHAPED, Trial, prepared, queries_tried
from tests.simulated import capture, client

_encoder = msgspec.json.Encoder(order="sorted")
# What Looker makes by itself, or its own numbers: palettes, places, and rows that an order names.
_BY_ITSELF = (
    "content_metadata",
    "users",
    "folders",
    "lookml_models",
    "color_collections",
    "dashboard_layout_components",
    "golden_queries",
    "projects",
    "integrations",
    "legacy_features",
    "user_db_connections",
)
MADE_ANEW = [
    name for name in KINDS if name not in (*_BY_ITSELF, "dashboard_layouts", "boards", "board_sections", "board_items")
]
# It is sent with `value_is_hidden` only, and named as lost otherwise, as is an applied filter of an alert without a title.
HIDDEN_ONLY = "hidden_value_domain_whitelist"
NUMBERS = ("id", "slug", "client_id", "result_maker_id")
Site = tuple[Simulator, Looker]


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    spec = getattr(request.node, "callspec", None)
    release = RELEASES.get(spec.params["table"] if spec else "", RELEASE)
    options = SimulatorOptions(scale="tiny", dashboard_kb=2, release=release)
    with Simulator(options) as simulator, client(simulator) as looker:
        yield simulator, looker


@pytest.mark.parametrize("table", KINDS)
def test_a_field_that_was_changed_alone_comes_back_or_is_named(table: str, site: Site, tmp_path: Path) -> None:
    trials = prepared(site[0], table)
    report = changed_and_restored(site, table, KINDS[table][1], trials, tmp_path)
    assert silent(site[0], table, trials, report) == []
    assert (report.status, len(trials) > 0) == ("completed", True)


@pytest.mark.parametrize("table", MADE_ANEW)
def test_what_was_deleted_is_made_anew_with_each_field_that_it_had(table: str, site: Site, tmp_path: Path) -> None:
    (simulator, looker), content_type = site, KINDS[table][1]
    trials = [one for one in prepared(simulator, table) if one.field != HIDDEN_ONLY and one.part != "filter_title"]
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        capture(vault, looker, ExtractOptions(types=(content_type,), workers=4))
        before = oracle.dump(simulator.world)
        for row_id in {one.row_id for one in trials}:
            mutate(simulator.world, "delete", table, row_id)
        options = RestoreOptions(skip_validation=True)
        report = restore(RestoreRun(vault, looker, Selection.bulk(content_type), options, sleep=lambda _: None), 4)
    assert (report.status, oracle.differences(before, oracle.dump(simulator.world))) == ("completed", [])


@pytest.mark.parametrize("table", QUERIES)
def test_a_field_of_a_query_that_was_changed_alone_comes_back(table: str, site: Site, tmp_path: Path) -> None:
    shown_by, trials = QUERIES[table][1], queries_tried(site[0], table)
    report = changed_and_restored(site, shown_by, KINDS[shown_by][1], trials, tmp_path)
    rows = site[0].world[table].rows
    shown = [(one, rows[site[0].world[shown_by].rows[one.row_id][one.field]]) for one in trials]
    assert [one.part for one, query in shown if of_query(query) != of_query(rows[one.then])] == []
    assert (report.status, len(trials) > 0) == ("completed", True)


def test_the_tab_that_was_active_is_active_again(site: Site, tmp_path: Path) -> None:
    world = site[0].world
    for dashboard_id in list(world["dashboards"].rows):
        world.unpack(dashboard_id)
    first = next(row for row in world["dashboard_layouts"] if row["active"])
    second = mutate(world, "create", "dashboard_layouts", first["id"], {"active": False, "label": "Another"})
    trials = [
        Trial(first["id"], first["dashboard_id"], "active", True, False),
        Trial(second, first["dashboard_id"], "active", False, True),
    ]
    report = changed_and_restored(site, "dashboard_layouts", "dashboards", trials, tmp_path)
    assert (silent(site[0], "dashboard_layouts", trials, report), report.status) == ([], "completed")


def of_query(row: dict[str, Any]) -> str:
    """Return what makes a query what it is."""
    return form([{key: value for key, value in row.items() if key not in NUMBERS}])


def changed_and_restored(site: Site, table: str, content_type: str, trials: list[Trial], tmp_path: Path) -> Report:
    """Back up, give each trial its other value behind the back of the API, and restore the type."""
    simulator, looker = site
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        capture(vault, looker, ExtractOptions(types=(content_type,), workers=4))
        for one in trials:
            mutate(simulator.world, "update", table, one.row_id, {one.field: one.now})
        options = RestoreOptions(skip_validation=True)
        return restore(RestoreRun(vault, looker, Selection.bulk(content_type), options, sleep=lambda _: None), 4)


def silent(simulator: Simulator, table: str, trials: list[Trial], report: Report) -> list[str]:
    """Return the trials that are neither put back nor named, nor tolerated by the table."""
    proofs = {item.key.id: item for item in report.proof.items if item.key.content_type == KINDS[table][1]}
    found = []
    for one in trials:
        value = simulator.world[table].rows[one.row_id][one.field]
        value = simulator.world.api.as_shown(KINDS[table][0], one.field, value)
        if not is_back(table, one, value) and not is_named(proofs.get(one.owner_id), table, one):
            found.append(f"{one.field} {one.part}: {one.then!r} → {one.now!r} → {value!r}; {proofs.get(one.owner_id)}")
    return found


def is_back(table: str, one: Trial, value: Any) -> bool:
    return form(value) == form(one.then) or (
        same(table, one.field, value, one.then) and not isinstance(value, (dict, list))
    )


def is_named(proof: Verified | None, table: str, one: Trial) -> bool:
    field = SHAPED.get((KINDS[table][0], one.field), one.field)
    part = f"[{one.row_id}" if one.row_id != one.owner_id else ""
    return proof is not None and any(field in path and part in path for path, _ in proof.lost)


def form(value: Any) -> str:
    """Return a value without the numbers that Looker gives to rows in it, and without what it never shows."""
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        hidden = {"id", "scheduled_plan_id", "secret_parameters"}
        value = [{key: entry for key, entry in one.items() if key not in hidden} for one in value]
    return _encoder.encode(value).decode()
