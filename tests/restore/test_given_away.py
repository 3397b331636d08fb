"""Plans and alerts that belong to somebody else on another instance: they go back to their owners, and no second one is made."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_owners import OWNERS, hangs_on_live
from tests.simulated import capture_all, client

pytestmark = pytest.mark.parametrize("name", OWNERS)
TWIN = "99001"


@pytest.fixture(params=[0, 5000])
def other(request):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=request.param)) as running:
        yield running


@pytest.fixture
def there(other):
    with client(other) as looker:
        yield looker


def onto(vault, looker):
    return RestoreRun(
        vault,
        looker,
        Selection.everything(),
        RestoreOptions(target="t", deliveries="as-backed-up"),
        sleep=lambda _: None,
    )


def of_a_user(world, name):
    """Return the first plan or alert of somebody who is not the admin."""
    return next(row for row in world[name] if row[OWNERS[name]] != world.admin_user_id and hangs_on_live(world, row))


def owned(world, name):
    """Return who has which plan or alert, and whether it is on."""
    people = {row["id"]: row["last_name"] for row in world["users"]}
    fields = ("name", "field", "threshold", "enabled", "is_disabled")
    return sorted(
        str([people.get(row[OWNERS[name]]), *(str(row.get(field)) for field in fields)]) for row in world[name]
    )


def test_what_was_given_to_somebody_else_goes_back_to_its_owner_and_an_undo_gives_it_away_again(
    name, other, there, backed_up
):
    before, row, admin = owned(other.world, name), of_a_user(other.world, name), other.world.admin_user_id
    other.world[name].change(row["id"], **{OWNERS[name]: admin})
    report = restore(onto(backed_up, there))
    assert (report.status, owned(other.world, name)) == ("completed", before)
    assert row[OWNERS[name]] != admin
    assert restore(onto(backed_up, there)).writes == 0
    assert undo(backed_up, there, report.session_id).status == "completed"
    assert row[OWNERS[name]] == admin


@pytest.mark.parametrize("there_is", ["both, of the second", "that of the first", "that of the second"])
def test_two_equal_ones_of_two_owners_stay_two(name, there_is, simulator, other, there, vault, looker):
    """Who has one there keeps it, and the other one gets what is left, or a new one."""
    field, rows, owners = OWNERS[name], {}, {}
    for world in (simulator.world, other.world):
        row = of_a_user(world, name)
        owners[world] = [one["id"] for one in world["users"] if one["id"] != world.admin_user_id][:2]
        rows[world] = world[name].change(row["id"], **{field: owners[world][0]})
        world[name].add({**row, "id": TWIN, field: owners[world][1]})
    capture_all(vault, looker, simulator)
    first, second = owners[other.world]
    one = rows[other.world]["id"]
    if there_is == "both, of the second":
        other.world[name].change(one, **{field: second})
    else:
        mutate(other.world, "delete", name, one if there_is == "that of the second" else TWIN)
    left = {row["id"]: row[field] for row in other.world[name] if row["id"] in (one, TWIN)}
    report = restore(onto(vault, there))
    assert (report.status, owned(other.world, name)) == ("completed", owned(simulator.world, name))
    kept = {key: other.world[name].get(key)[field] for key in left}
    assert set(kept.values()) == {first, second} if len(left) == 2 else kept == left
    assert restore(onto(vault, there)).writes == 0


def test_one_of_somebody_else_at_another_time_or_threshold_is_not_taken_over(name, other, there, backed_up):
    row = of_a_user(other.world, name)
    other.world[name].change(row["id"], **{OWNERS[name]: other.world.admin_user_id})
    if name == "alerts":
        other.world[name].change(row["id"], threshold=4321)
    else:
        other.world[name].change(row["id"], crontab="7 7 * * 7", datagroup=None)
    theirs = dict(row)
    restore(onto(backed_up, there))
    assert dict(other.world[name].get(row["id"])) == theirs


def test_one_whose_owner_is_in_no_backup_stays_with_whom_it_is_and_is_named(
    name, simulator, other, there, vault, looker
):
    row = of_a_user(simulator.world, name)
    simulator.world[name].change(row["id"], **{OWNERS[name]: "77777"})
    capture_all(vault, looker, simulator)
    given = of_a_user(other.world, name)
    other.world[name].change(given["id"], **{OWNERS[name]: other.world.admin_user_id})
    theirs, count = dict(given), len(other.world[name])
    report = restore(onto(vault, there))
    assert (len(other.world[name]), dict(other.world[name].get(given["id"]))) == (count, theirs)
    assert [(one.action, one.id) for one in report.not_tried] == [("blocked", row["id"])]
