"""What sort of Looker a random day happens on, and whether a night of losses comes with it; drawn from the seed.

Every bend of the simulator may be drawn, so that a new one joins by itself, but for those that `NOT_DRAWN` names. Those that keep
something from sight are drawn for one restore alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from random import Random

from looker_simulator.bends import BENDS, NOT_DRAWN
from looker_simulator.world import World
from lookervault_core.catalog import CATALOG
from tests.restore.nights import BESIDE, KINDS

_OFTEN = 0.1  # how often each bend is drawn
_BESIDE = 0.3  # how often each night beside the others
# A random day is one of edits already, and a whole wreck would leave nothing for it.
NIGHTS = tuple(name for name in KINDS if name not in ("edits", "wreck", *BESIDE))


# Which calls may not be served, and what of the oracle is in no backup then.
_FEATURES = {
    "all_projects": "",
    "all_datagroups": "",
    "all_legacy_features": "legacy_features",
    "all_primary_homepage_sections": "",
    "all_oauth_client_apps": "oauth_client_apps",
    "search_agents": "agents",
    "mobile_settings": "",
}
_REFUSED = ("Dashboard.title_color", "Dashboard.query_timezone", "DashboardElement.note_text", "Board.description")
# What stands behind the `=` of a bend.
_VALUES: Mapping[str, Callable[[Random], Iterable[str]]] = {
    "describes": lambda luck: luck.sample(("all_widgets", "search_gadgets", "gizmo_of_user"), 2),
    "features_off": lambda luck: (f"{one}{luck.choice(('', ':403'))}" for one in luck.sample(sorted(_FEATURES), 2)),
    "refused_fields": lambda luck: luck.sample(_REFUSED, 2),
}


def bends(seed: int, without: Container[object] = ()) -> tuple[str, ...]:
    """Return the bends of the instance of a seed, those *without* left out. Each is drawn by itself, so that a new one leaves the
    others as they were."""
    drawn = (name for name in _drawn(seed) if f"bend {name}" not in without)
    return tuple(f"{name}={_value(name, seed)}" if name in _VALUES else name for name in drawn)


def _drawn(seed: int) -> list[str]:
    drawable = sorted(BENDS.keys() - NOT_DRAWN.keys())
    return [name for name in drawable if Random(f"{name}-{seed}").random() < _OFTEN]


def _value(name: str, seed: int) -> str:
    return "+".join(_VALUES[name](Random(f"value-{name}-{seed}")))


def not_served(world: World) -> set[str]:
    """Return what of the oracle no backup of an instance has, because it does not serve the feature."""
    off = world.bends.value("features_off").split("+")
    return {kind for one in off if (kind := _FEATURES.get(one.partition(":")[0]))}


def refused(world: World) -> set[str]:
    """Return the fields that nobody can write on an instance, although its description says so."""
    return {one.partition(".")[2] for one in world.bends.value("refused_fields").split("+") if one}


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
    return [*(f"bend {name}" for name in _drawn(seed)), *(f"night {name}" for name in nights(seed))]


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
