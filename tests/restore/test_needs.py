"""What content needs and a restore cannot bring is named before anything is written."""

from __future__ import annotations

from collections import Counter

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.request import RestoreOptions, Selection, item_of
from lookervault_core.restore.run import RestoreRun
from tests.simulated import capture

LIQUID = "{{ _user_attributes['territory'] }}"


@pytest.fixture
def other(connect):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as simulator, connect(simulator) as looker:
        yield simulator, looker


def warnings(vault, looker, **options) -> tuple[str, ...]:
    run = RestoreRun(vault, looker, Selection.bulk("dashboards"), RestoreOptions(target="other", **options))
    run.plan()
    return run.planner.warnings


@pytest.fixture
def damaged(vault, looker, simulator, other):
    """A backup of dashboards that the other instance lacks, and that filter by an attribute of their own."""
    first = next(row for row in simulator.world["dashboards"] if not row["deleted"])
    for row in simulator.world["dashboards"]:
        simulator.world["dashboards"].change(row["id"], description=LIQUID if row is first else row["description"])
    attribute = next(row["id"] for row in simulator.world["user_attributes"] if not row["is_system"])
    mutate(simulator.world, "create", "user_attributes", attribute, {"name": "territory", "label": "Territory"})
    capture(vault, looker)
    there, _ = other
    for row in list(there.world["dashboards"]):
        mutate(there.world, "delete", "dashboards", row["id"])
    return vault


def test_a_model_a_connection_and_an_attribute_that_are_missing_are_named(damaged, other):
    there, looker = other
    model = next(iter(there.world["lookml_models"]))["name"]
    connection = there.world["lookml_models"].rows[model]["allowed_db_connection_names"][0]
    there.world["lookml_models"].remove(model)
    there.world["connections"].remove(connection)
    said = "\n".join(warnings(damaged, looker))
    assert f"the model {model} is not there" in said
    assert f"the connection {connection} is not there" in said
    assert "the user attribute territory is not there: 1 of" in said


def test_an_instance_that_has_everything_is_not_warned_of(damaged, other):
    there, looker = other
    attribute = next(row["id"] for row in there.world["user_attributes"] if not row["is_system"])
    mutate(there.world, "create", "user_attributes", attribute, {"name": "territory", "label": "Territory"})
    assert warnings(damaged, looker) == ()


def test_skip_validation_passes_over_these_only(damaged, other):
    _, looker = other
    assert warnings(damaged, looker, skip_validation=True) == ()


def test_whose_a_tile_is_takes_one_look_at_each_dashboard_however_many_ask(backed_up):
    read = Counter[ContentKey]()

    def counted(key: ContentKey, payload: bytes) -> bytes:
        read[key] += 1
        return payload

    backup = Backup(backed_up, part_of=counted)
    dashboard = next(iter(backup.rows("dashboards")))
    tiles = [str(tile["id"]) for tile in backup.decoded("dashboards", dashboard)["dashboard_elements"]]
    read.clear()
    for tile in ("gone", *tiles, "gone too"):
        owner = item_of(backup, ContentKey("dashboard_elements", tile))
        assert owner == (ContentKey("dashboards", dashboard) if tile in tiles else None)
    assert set(read.values()) == {1}
