"""How unusual nights are told from ordinary ones: false alarms of ordinary days, and which damages raise their alert after them.

`python -m benchmarks.unusual [--instances 3] [--days 30] [--scale small]`: each instance has so many ordinary days, a snapshot
on each; then each kind of damage strikes an instance after so many days of its own.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from pydantic import SecretStr

from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.ordinary import ordinary_day
from looker_simulator.vandal import Vandal
from looker_simulator.world import World
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.run import ExtractRun
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.looker.client import Looker
from lookervault_core.settings import Connection
from lookervault_core.vault import Vault
from lookervault_core.watching import Unusual, unusual

DAMAGES = importlib.import_module("looker_simulator.wreck")._DAMAGES
Night = Callable[[], list[Unusual]]


@contextmanager
def instance(scale: str, seed: int) -> Generator[tuple[World, Night]]:
    """Yield an instance that is backed up once, and what backs it up again and says what is unusual."""
    with ExitStack() as stack:
        simulator = stack.enter_context(Simulator(SimulatorOptions(scale=scale, seed=seed)))
        options = simulator.options
        connection = Connection(simulator.base_url, options.client_id, SecretStr(options.client_secret))
        looker = stack.enter_context(Looker(connection, workers=4, per_second=0))
        directory = stack.enter_context(TemporaryDirectory())
        vault = stack.enter_context(Vault.create_or_open(Path(directory) / "looker.db"))
        vault.claim_instance(simulator.base_url)

        def night() -> list[Unusual]:
            chosen = ExtractOptions(workers=4)
            session = vault.begin_session(chosen.scope(), options={})
            run = ExtractRun(vault, looker, session, chosen, stop=Event())
            return unusual(vault, capture_on_threads(run, 4).snapshot_id)

        night()
        yield simulator.world, night


def ordinary_days(world: World, night: Night, seed: int, days: int) -> list[str]:
    """Return the alarms of so many ordinary days, as `day: sign count`."""
    alarms = []
    for day in range(days):
        ordinary_day(world, 1000 * seed + day)
        if told := night():
            alarms.append(f"day {day}: " + ", ".join(f"{one.sign} {one.count}" for one in told))
    return alarms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=3)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--days-before-damage", type=int, default=8)
    parser.add_argument("--scale", default="small")
    asked = parser.parse_args()
    for seed in range(1, asked.instances + 1):
        with instance(asked.scale, seed) as (world, night):
            alarms = ordinary_days(world, night, seed, asked.days)
        print(
            f"instance {seed}: {asked.days} ordinary days, {len(alarms)} with an alarm", *alarms, sep="\n  ", flush=True
        )
    for damage in DAMAGES:
        with instance(asked.scale, 1) as (world, night):
            ordinary_days(world, night, 1, asked.days_before_damage)
            vandal = Vandal(world, 1)
            damage(vandal)
            told = ", ".join(f"{one.sign} {one.count} (usually {one.usual})" for one in night())
        print(f"{damage.__name__}: {told or 'no alert' if vandal.did else 'nothing to damage'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
