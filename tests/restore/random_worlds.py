"""What sort of Looker a random day happens on, and whether a night of losses comes with it; drawn from the seed.

Every bend of the simulator may be drawn, so that a new one joins by itself, but for those that `NOT_DRAWN` names.
"""

from __future__ import annotations

from collections.abc import Container
from random import Random

from looker_simulator.bends import BENDS, NOT_DRAWN
from tests.restore.nights import KINDS

_OFTEN = 0.1  # how often each bend is drawn
# A random day is one of edits already, and a whole wreck would leave nothing for it.
NIGHTS = tuple(name for name in KINDS if name not in ("edits", "wreck"))


def bends(seed: int, without: Container[object] = ()) -> tuple[str, ...]:
    """Return the bends of the instance of a seed, those *without* left out. Each is drawn by itself, so that a new one leaves the
    others as they were."""
    drawable = sorted(BENDS.keys() - NOT_DRAWN.keys())
    drawn = (name for name in drawable if Random(f"{name}-{seed}").random() < _OFTEN)
    return tuple(name for name in drawn if f"bend {name}" not in without)


def nights(seed: int, without: Container[object] = ()) -> tuple[str, ...]:
    """Return the kinds of losses of the night before the day of a seed: none after every second one."""
    luck = Random(f"night-{seed}")
    drawn = luck.sample(NIGHTS, luck.choice((0, 0, 1, 2)))
    return tuple(name for name in drawn if f"night {name}" not in without)


def labels(seed: int) -> list[str]:
    """Return what of a seed's world can be left out, as `bends` and `nights` know it."""
    return [*(f"bend {name}" for name in bends(seed)), *(f"night {name}" for name in nights(seed))]
