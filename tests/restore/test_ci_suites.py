"""Suites of CI come back: changed, deleted, as before an undo, and on another instance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, schema
from lookervault_core.families.connected.suites import SCHEMA
from lookervault_core.families.rows_since import ROWS_SINCE, SINCE
from lookervault_core.looker.client import Looker
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, undo
from lookervault_core.vault import Vault
from tests.restore.test_interruptions import Killed, Scythe
from tests.simulated import capture, capture_all, client

GIVEN = ("id", "guid", "created_at", "updated_at", "has_webhook_secret", "webhook_secret")


def newest(**options: Any) -> Simulator:
    return Simulator(SimulatorOptions(scale="tiny", release="26.22", **options))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with newest() as running:
        yield running


def suites(simulator: Simulator) -> list[dict[str, Any]]:
    """Return every suite without what Looker gives it, by project and name."""
    rows = ({key: value for key, value in row.items() if key not in GIVEN} for row in simulator.world["ci_suites"])
    return sorted(rows, key=lambda row: (row["project_id"], row["name"], str(row)))


def wreck(simulator: Simulator) -> None:
    """Change one suite, delete another, and let somebody make a third."""
    table = simulator.world["ci_suites"]
    first, second, *_ = list(table)
    table.change(first["id"], alert_email_addresses=["nobody@example.com"], sql_validator_config_is_enabled=False)
    table.remove(second["id"])
    table.add(first | {"id": None, "name": "Made since"})


def restored(vault: Vault, looker: Looker, **options: Any) -> Report:
    selection = Selection.bulk("ci_suites")
    return restore(RestoreRun(vault, looker, selection, RestoreOptions(**options), sleep=lambda _: None))


def test_what_was_changed_and_deleted_comes_back_and_what_was_made_since_stays(
    backed_up: Vault, looker: Looker, simulator: Simulator
) -> None:
    before = suites(simulator)
    wreck(simulator)
    report = restored(backed_up, looker)
    assert report.status == "completed"
    assert [row for row in suites(simulator) if row["name"] != "Made since"] == before
    lost = {path: why for one in report.proof.items for path, why in one.lost}
    assert "--exact takes it out" in lost.pop("suites")
    assert all("secret" in why for why in lost.values()), lost
    assert restored(backed_up, looker).writes == 0


def test_every_field_that_was_changed_comes_back(backed_up: Vault, looker: Looker, simulator: Simulator) -> None:
    before = suites(simulator)
    shape = schema.shape(SCHEMA)
    writable = {name for name in before[0] if shape[name].writable and name not in ("name", *GIVEN)}
    for row in list(simulator.world["ci_suites"]):
        simulator.world["ci_suites"].change(row["id"], **{name: another(row[name]) for name in writable})
    assert suites(simulator) != before
    assert len(writable) > 35
    assert restored(backed_up, looker).status == "completed"
    assert suites(simulator) == before


def test_fields_that_no_release_has_come_back_with_their_suites(tmp_path: Path) -> None:
    with newest(future=10) as simulator, client(simulator) as looker:
        before = suites(simulator)
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture_all(vault, looker, simulator)
            for row in list(simulator.world["ci_suites"]):
                simulator.world["ci_suites"].remove(row["id"])
            report = restored(vault, looker)
        assert (report.status, suites(simulator)) == ("completed", before)


def another(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    return [*value, "other"] if isinstance(value, list) else f"{value} other"


def test_exact_takes_out_what_was_made_since_and_an_undo_puts_all_of_it_back(
    backed_up: Vault, looker: Looker, simulator: Simulator
) -> None:
    before = suites(simulator)
    wreck(simulator)
    wrecked = suites(simulator)
    report = restored(backed_up, looker, exact=True)
    assert (report.status, suites(simulator)) == ("completed", before)
    back = undo(backed_up, looker, report.session_id)
    assert (back.status, suites(simulator)) == ("completed", wrecked)


def test_what_people_have_changed_since_in_suites_that_a_restore_wrote_stays_and_is_named(
    backed_up: Vault, looker: Looker, simulator: Simulator
) -> None:
    table = simulator.world["ci_suites"]
    first, second, *_ = [row["name"] for row in table]
    wreck(simulator)
    report = restored(backed_up, looker)
    for row in [row for row in table if row["name"] in (first, second)]:
        table.change(row["id"], alert_email_addresses=["ann@example.com"])
    edited = suites(simulator)
    taken = undo(backed_up, looker, report.session_id)
    next(row for row in edited if row["name"] == first)["sql_validator_config_is_enabled"] = (
        False  # nobody has changed it since
    )
    assert (taken.status, suites(simulator)) == ("completed", edited)
    told = [why for one in taken.proof.items for _, why in one.lost]
    assert [why for why in told if why.startswith(ROWS_SINCE)]
    assert SINCE in told


def test_two_of_one_name_are_told_apart(looker: Looker, simulator: Simulator, tmp_path: Path) -> None:
    table = simulator.world["ci_suites"]
    first = next(iter(table))
    table.add(first | {"id": None, "alerting_enabled": not first["alerting_enabled"]})
    before = suites(simulator)
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        capture_all(vault, looker, simulator)
        for row in [row for row in table if row["name"] == first["name"]]:
            table.remove(row["id"])
        assert restored(vault, looker).status == "completed"
    assert suites(simulator) == before


def test_the_suites_of_a_project_that_is_gone_are_left_alone_and_named(
    backed_up: Vault, looker: Looker, simulator: Simulator
) -> None:
    (project,) = {row["project_id"] for row in simulator.world["ci_suites"]}
    simulator.world["projects"].remove(project)
    plan = RestoreRun(backed_up, looker, Selection.bulk("ci_suites"), RestoreOptions()).plan()
    (step,) = (one for one in plan.steps if one.content_type == "ci_suites")
    assert (step.action, step.reason.partition(":")[0]) == ("skip", "its project is not there")
    assert restored(backed_up, looker).writes == 0


def test_a_project_whose_suites_are_as_they_were_is_not_written(backed_up: Vault, looker: Looker) -> None:
    assert restored(backed_up, looker).writes == 0


CREATE = "create_continuous_integration_suite"


@pytest.mark.parametrize("twins", [False, True], ids=["of a name each", "two of one name"])
@pytest.mark.parametrize("fault", ["reset_after", "500_html"])
def test_one_whose_create_had_no_answer_is_not_made_twice_and_an_undo_removes_it(
    fault: str, twins: bool, looker: Looker, simulator: Simulator, vault: Vault
) -> None:
    table = simulator.world["ci_suites"]
    first = next(iter(table))
    if twins:
        table.add(first | {"id": None, "alerting_enabled": not first["alerting_enabled"]})
    before = suites(simulator)
    capture_all(vault, looker, simulator)
    for row in [row for row in table if row["name"] == first["name"]]:
        table.remove(row["id"])
    wrecked = suites(simulator)
    lost = simulator.faults.add(fault, operation=CREATE, first=1)
    report = restored(vault, looker)
    assert lost.fired == 1
    assert (report.status, report.dead_letters, suites(simulator)) == ("completed", 0, before)
    assert (undo(vault, looker, report.session_id).status, suites(simulator)) == ("completed", wrecked)


def test_the_first_of_two_of_one_name_that_is_gone_comes_back(
    vault: Vault, looker: Looker, simulator: Simulator
) -> None:
    table = simulator.world["ci_suites"]
    first = next(iter(table))
    table.add(first | {"id": None, "alerting_enabled": not first["alerting_enabled"]})
    before = suites(simulator)
    capture_all(vault, looker, simulator)
    table.remove(first["id"])
    wrecked = suites(simulator)
    report = restored(vault, looker)
    assert (report.status, suites(simulator)) == ("completed", before)
    assert (undo(vault, looker, report.session_id).status, suites(simulator)) == ("completed", wrecked)


def test_a_restore_that_was_killed_before_an_answer_makes_no_second_suite(
    vault: Vault, looker: Looker, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = simulator.world["ci_suites"]
    before = suites(simulator)
    capture_all(vault, looker, simulator)
    table.remove(next(iter(table))["id"])
    wrecked = suites(simulator)
    with monkeypatch.context() as patch:
        Scythe(patch, "conclude", "before", "ci_suites")
        with pytest.raises(Killed):
            restored(vault, looker)
    assert len(suites(simulator)) == len(before)
    report = restore(resumed(vault, looker, sleep=lambda _: None))
    assert (report.status, suites(simulator)) == ("completed", before)
    assert (undo(vault, looker, report.session_id).status, suites(simulator)) == ("completed", wrecked)


NAMING = {
    "dbt_cloud_trigger_user_attribute_id": "user_attributes",
    "content_validator_config_exclude_folders": "folders",
    "content_validator_config_include_folders": "folders",
}


def named_by_a_suite(simulator: Simulator) -> dict[str, str]:
    """Let the first suite name an attribute of its own and a folder; return their ids by type."""
    world = simulator.world
    above = {one["parent_id"] for one in world["folders"]}
    shared = next(one["id"] for one in world["folders"] if one["is_shared_root"])
    folder = next(one["id"] for one in world["folders"] if one["parent_id"] == shared and one["id"] not in above)
    attribute = next(one["id"] for one in world["user_attributes"] if not one["is_system"])
    mutate(world, "update", "folders", folder, {"name": "checked"})
    attribute = mutate(world, "create", "user_attributes", attribute, {"name": "schema", "label": "Schema"})
    ids = {"user_attributes": attribute, "folders": folder}
    values = {field: ids[kind] if field.endswith("_id") else [ids[kind]] for field, kind in NAMING.items()}
    world["ci_suites"].change(next(iter(world["ci_suites"]))["id"], **values)
    return ids


def names_of(simulator: Simulator, suite: dict[str, Any]) -> list[Any]:
    """Return what a suite names, by name."""
    world = simulator.world
    ids = [(kind, suite[field]) for field, kind in NAMING.items()]
    found = [(world[kind].get(one[0] if isinstance(one, list) and one else one or "")) for kind, one in ids]
    return [one and one["name"] for one in found]


def test_what_a_suite_names_is_what_was_made_anew(vault: Vault, looker: Looker, simulator: Simulator) -> None:
    ids = named_by_a_suite(simulator)
    capture(vault, looker)
    for kind, one in ids.items():
        mutate(simulator.world, "delete", kind, one)
    report = restore(RestoreRun(vault, looker, Selection.everything(), sleep=lambda _: None))
    assert (report.status, names_of(simulator, next(iter(simulator.world["ci_suites"])))) == (
        "completed",
        ["schema", "checked", "checked"],
    )


@pytest.mark.parametrize("known", [True, False], ids=["that are there", "that are not"])
def test_on_another_instance_a_suite_names_objects_of_that_one(
    known: bool, vault: Vault, looker: Looker, simulator: Simulator
) -> None:
    ids = named_by_a_suite(simulator)
    name = next(iter(simulator.world["ci_suites"]))["name"]
    capture(vault, looker)
    with newest(seed=3, id_offset=7000) as other, client(other) as there:
        for row in list(other.world["ci_suites"]):
            other.world["ci_suites"].remove(row["id"])
        selection = Selection.everything() if known else Selection.bulk("ci_suites")
        run = RestoreRun(vault, there, selection, RestoreOptions(target="other"), sleep=lambda _: None)
        report = restore(run, 4)
        suite = next(row for row in other.world["ci_suites"] if row["name"] == name)
        found = names_of(other, suite)
        lost = {path.rpartition(".")[2]: why for one in report.proof.items for path, why in one.lost}
    assert found == (["schema", "checked", "checked"] if known else [None] * 3)
    assert known or all(str(ids[kind]) in lost[field] for field, kind in NAMING.items()), lost


@pytest.mark.parametrize(("gone", "since"), [((0,), False), ((1,), True), ((0, 1), True)])
def test_the_undo_of_two_of_one_name_takes_each_back(
    gone: tuple[int, ...], since: bool, looker: Looker, simulator: Simulator, tmp_path: Path
) -> None:
    table = simulator.world["ci_suites"]
    first = next(iter(table))
    table.add(first | {"id": None, "alerting_enabled": not first["alerting_enabled"]})
    twins = [row for row in table if row["name"] == first["name"]]
    with Vault.create_or_open(tmp_path / "looker.db") as vault:
        capture_all(vault, looker, simulator)
        for number in gone:
            table.remove(twins[number]["id"])
        before, there = suites(simulator), {row["id"] for row in table}
        report = restored(vault, looker)
        made = [row for row in table if row["id"] not in there]
        assert (report.status, len(made)) == ("completed", len(gone))
        if since:
            table.change(made[-1]["id"], alert_email_addresses=["ann@example.com"])
        taken = undo(vault, looker, report.session_id)
        left = [row for row in table if row["id"] in {one["id"] for one in made}]
        assert taken.status == "completed"
        assert [row["id"] for row in left] == ([made[-1]["id"]] if since else [])
        for row in left:
            table.remove(row["id"])
        assert suites(simulator) == before
        assert bool([why for one in taken.proof.items for _, why in one.lost if why.startswith(ROWS_SINCE)]) == since
