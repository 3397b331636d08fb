"""What sort of Looker a random day happens on, and whether a night of losses comes with it; drawn from the seed.

Every bend of the simulator may be drawn, so that a new one joins by itself, but for those that `NOT_DRAWN` names. Those that keep
something from sight are drawn for one restore alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from random import Random

from looker_simulator.bends import BENDS, NOT_DRAWN
from looker_simulator.world import World
from lookervault_core.catalog import CATALOG
from tests.restore.nights import BESIDE, KINDS

_OFTEN = 0.1  # how often each bend is drawn
_BESIDE = 0.3  # how often each night beside the others
# A random day is one of edits already, and a whole wreck would leave nothing for it.
NIGHTS = tuple(name for name in KINDS if name not in ("edits", "wreck", *BESIDE))


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
    drawn += (name for name in BESIDE if Random(f"night-{name}-{seed}").random() < _BESIDE)
    return tuple(name for name in drawn if f"night {name}" not in without)


# What may be kept out of a listing, and is there all the same.
_HIDDEN = (
    "alerts",
    "boards",
    "dashboards",
    "folders",
    "groups",
    "looks",
    "roles",
    "scheduled_plans",
    "themes",
    "users",
)


def blindness(world: World, seed: int) -> tuple[str, str]:
    """Return a bend by which a Looker does not show for a while all that is there, with its value; drawn from the seed."""
    luck = Random(f"blind-{seed}")
    table = luck.choice(_HIDDEN)
    ids = [row["id"] for row in world[table] if not row.get("deleted") and not row.get("deleted_at")]
    calls = sorted({call.operation for call in (CATALOG[table].list, CATALOG[table].census) if call is not None})
    hidden = luck.sample(ids, min(len(ids), luck.choice((1, 1, 3))))
    return luck.choice(
        (
            ("unlisted", f"{table}/{hidden[0]}"),
            ("list_hides", "+".join(f"{operation}:{','.join(hidden)}" for operation in calls)),
            ("offset_is_ignored", luck.choice(calls)),
            ("late_listing", luck.choice("124")),
            ("html_404", f"/{table}*,{luck.choice((1, 4, 20))},{luck.choice(('html', 'json', 'empty'))}"),
        )
    )


def labels(seed: int) -> list[str]:
    """Return what of a seed's world can be left out, as `bends` and `nights` know it."""
    return [*(f"bend {name}" for name in bends(seed)), *(f"night {name}" for name in nights(seed))]


# What makes two of a kind the same.
SAME = {
    "scheduled_plans": (
        "name",
        "dashboard_id",
        "look_id",
        "lookml_dashboard_id",
        "query_id",
        "crontab",
        "datagroup",
        "timezone",
    ),
    "alerts": ("dashboard_element_id", "custom_title", "comparison_type", "threshold", "cron"),
    "dashboard_filters": ("dashboard_id", "title"),
    "boards": ("title",),
    "board_items": ("board_section_id", "dashboard_id", "look_id", "custom_url", "custom_title"),
}


def twins(world: World) -> Counter[str]:
    """Return by table how many rows there are besides the first of each that are the same."""
    found: Counter[str] = Counter()
    for table, fields in SAME.items():
        rows = [tuple(row[field] for field in fields) for row in world[table] if not row.get("_deleted")]
        found[table] = len(rows) - len(set(rows))
    return found
