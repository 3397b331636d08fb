"""Damaged payloads, of whatever type, end no restore: neither its plan nor what it writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.catalog import CATALOG
from lookervault_core.looker.client import Looker
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.restore.test_damaged import damage
from tests.simulated import client

_DELETED = ("groups", "roles", "folders", "dashboards", "looks", "boards", "user_attributes", "color_collections")

# Three types a world, of which none is kin to another: what is wrong with one must not hide what the next does.
_APART = len(CATALOG) // 3 + 1
_THREES = [list(CATALOG)[first::_APART] for first in range(_APART)]
threes = pytest.mark.parametrize("types", _THREES, ids=["-".join(types) for types in _THREES])


@pytest.fixture
def elsewhere() -> Iterator[Looker]:
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as running, client(running) as one:
        yield one


def wreck(simulator: Simulator) -> None:
    """Delete of each type all but two objects, and make what an exact restore removes."""
    world = simulator.world
    for name in _DELETED:
        for row in list(world[name])[2:]:
            if world[name].get(row["id"]) is not None:  # else it went with its folder
                mutate(world, "delete", name, row["id"])
    for name in ("folders", "groups", "user_attributes"):
        mutate(world, "create", name)


def damage_all(vault: Vault, types: list[str]) -> None:
    for content_type in types:
        for row in list(vault.items(content_type)):
            damage(vault, content_type, row.id)


@threes
def test_an_exact_restore_of_a_wrecked_instance_goes_through(types, simulator, looker, backed_up):
    wreck(simulator)
    damage_all(backed_up, types)
    everything, exact = Selection.everything(), RestoreOptions(exact=True, with_dependencies=True)
    report = restore(RestoreRun(backed_up, looker, everything, exact, sleep=lambda _: None))
    assert report.status in ("completed", "partial")


@threes
def test_a_restore_onto_another_instance_goes_through(types, elsewhere, backed_up):
    damage_all(backed_up, types)
    run = RestoreRun(
        backed_up, elsewhere, Selection.everything(), RestoreOptions(target="staging"), sleep=lambda _: None
    )
    assert restore(run).status in ("completed", "partial")
