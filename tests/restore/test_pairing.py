"""Several names may tell which object of another instance is which: everybody gets one, quickly, whoever is asked for first."""

from __future__ import annotations

from threading import Thread

import pytest

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.restore.identity.by_natural_key import pairs
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from tests.simulated import client


@pytest.mark.parametrize("alone", ["scheduled_plans", "alerts"])
def test_plans_and_alerts_alone_are_found_on_another_instance(alone, backed_up):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, client(other) as there:
        run = RestoreRun(backed_up, there, Selection.bulk(alone), RestoreOptions(target="other"))
        planning = Thread(target=run.plan, daemon=True)
        planning.start()
        planning.join(60)
        assert not planning.is_alive()
        assert {step.action for step in run.plan().of(alone)} <= {"skip", "update", "blocked"}


def test_many_of_one_name_get_one_each():
    live = [f"live{n}" for n in range(1500)]
    taken = pairs({f"item{n}": [[], live] for n in range(3000)})
    assert (set(taken), len(set(taken.values()))) == (set(live), 1500)


def test_who_is_known_by_the_first_name_comes_before_those_who_are_only_called_so_now():
    candidates = {"c": [[], ["one"]], "a": [["one"], ["two"]], "b": [["two"], []]}
    assert pairs(candidates) == {"one": "a", "two": "b"}


def test_who_has_no_other_gets_it_where_the_first_one_has():
    assert pairs({"a": [["one"], ["two"]], "b": [[], ["one"]]}) == {"one": "b", "two": "a"}


def test_nobody_asks_another_instance_for_the_numbers_of_the_backup(backed_up):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, client(other) as there:
        run = RestoreRun(backed_up, there, Selection.everything(), RestoreOptions(target="other"))
        run.plan()
        asked_in_vain = {name: one.errors[404] for name, one in there.calls.items() if 404 in one.errors}
        assert asked_in_vain == {}
