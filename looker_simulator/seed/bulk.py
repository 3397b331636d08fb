"""Seeds thousands of dashboards in seconds: two hundred distinct bodies, each stamped with ids and values of its own.

A body is made by the ordinary seeder in a scratch world whose ids are ten-digit numbers that occur nowhere else. The
text is cut at those numbers; each dashboard then fills the gaps with its own ids, words, colours and amounts.
"""

import re
from random import Random

import msgspec

from looker_simulator import jsontext
from looker_simulator.options import Preset
from looker_simulator.seed import dashboards, words
from looker_simulator.seed.looks import places_for_content, trash
from looker_simulator.shapes import CHILDREN, show
from looker_simulator.shapes_content import DASHBOARD, ELEMENT
from looker_simulator.table import Row
from looker_simulator.world import World

_BODIES = 200
_ID_TABLES = ("dashboard_elements", "dashboard_filters", "dashboard_layouts", "dashboard_layout_components", "queries")
_DASHBOARD, _MAKER, _SLUG, _PHRASE = 5, 6, 7, 8  # kinds of gaps; 0 to 4 are the ids of _ID_TABLES
_GAP = re.compile(rb"9([0-8])0000(\d{4})")
_TITLE = "title of the packed dashboard"


class Body(msgspec.Struct, frozen=True):
    """Text with gaps: fixed, gap, fixed, … Each gap is an index into the values; ``sizes`` counts those by kind."""

    fixed: list[bytes]
    gaps: list[int]
    sizes: list[int]


def populate(world: World, preset: Preset) -> None:
    """Add the dashboards beyond those that ``seed/dashboards.py`` makes."""
    alive = max(0, preset.dashboards - dashboards.RICH)
    trashed = max(0, preset.trashed_dashboards - dashboards.RICH // 4) if alive else 0
    bodies = [_body(world, number, preset.dashboard_kb) for number in range(min(_BODIES, alive))]
    places = places_for_content(world)
    for number in range(alive + trashed):
        row = dashboards.dashboard_row(world, number + 1000, places)
        if number >= alive:
            trash(world, row)
        dashboards.add(world, row)
        _pack(world, row, bodies[number % len(bodies)])


def _pack(world: World, row: Row, body: Body) -> None:
    values: list[bytes] = []
    for table, size in zip(_ID_TABLES, body.sizes, strict=False):
        first = world[table].reserve(size)
        world.blocks.setdefault(table, []).append((first, row["id"]))
        values += _numbers(first, size)
    values.append(row["id"].encode())
    values += _numbers(world.result_makers + 1, body.sizes[_MAKER])
    world.result_makers += body.sizes[_MAKER]
    values += [words.token(world.random).encode() for _ in range(body.sizes[_SLUG])]
    values += [_phrase(world.random) for _ in range(body.sizes[_PHRASE])]
    text = [b""] * (2 * len(body.gaps) + 1)
    text[::2] = body.fixed
    text[1::2] = [values[gap] for gap in body.gaps]
    world.packed[row["id"]] = b"".join(text).replace(jsontext.dumps(_TITLE), jsontext.dumps(row["title"]))


def _numbers(first: int, size: int) -> list[bytes]:
    return [b"%d" % number for number in range(first, first + size)]


def _phrase(random: Random) -> bytes:
    return f"{words.title(random)} {random.getrandbits(32):08x}".encode()


def _body(world: World, number: int, kilobytes: int) -> Body:
    target = kilobytes * 1024 * (0.8 + 0.04 * (number % 11))  # bodies differ by a fifth up and down
    scratch = _scratch(world, number)
    dashboard = {"id": f"9{_DASHBOARD}00000000", "title": _TITLE}
    scratch["dashboards"].add(dashboard)
    layout = dashboards.layout_row(scratch, dashboard["id"], 0, tabs=False)
    filters = [dashboards.filter_row(scratch, dashboard["id"], number, n)["name"] for n in range(number % 6)]
    fresh = _Fresh()
    size = 2500  # the dashboard's own columns and its layout
    while size < target - 5000:
        tile = dashboards.query_tile(scratch, dashboard["id"], number * 7 + size, None, filters)
        fresh.values(scratch, tile)
        dashboards.component(scratch, layout["id"], tile["id"], fresh.tiles)
        text = jsontext.dumps(show(scratch, ELEMENT, tile))
        size += 450 + len(text) + 12 * text.count(_gap(_SLUG)) + 17 * text.count(_gap(_PHRASE))
    parts = {name: DASHBOARD.computed[name](scratch, dashboard) for name in CHILDREN}
    return _cut(jsontext.dumps(parts)[1:-1])


def _gap(kind: int) -> bytes:
    return b"9%d0000" % kind


def _scratch(world: World, number: int) -> World:
    scratch = World(msgspec.structs.replace(world.options, seed=world.options.seed * 1000 + number))
    for shared in ("explores", "color_collections"):
        scratch.tables[shared] = world[shared]
    for kind, table in enumerate(_ID_TABLES):
        scratch[table].next_id = int(f"9{kind}00000000")
    scratch.result_makers = int(f"9{_MAKER}00000000") - 1
    return scratch


class _Fresh:
    """Puts gaps where dashboards of one body must differ in more than their ids."""

    def __init__(self) -> None:
        self.tiles = 0
        self._slugs = 0
        self._phrases = 0

    def values(self, scratch: World, tile: Row) -> None:
        """Give *tile* and its query slugs, labels and titles that are gaps."""
        query = scratch["queries"].rows[tile["query_id"]]
        query |= {"slug": self._slug(), "client_id": self._slug()}
        tile["title"] = self._phrase()
        tile["note_text"] = ", ".join(self._phrase() for _ in range(9))
        config = query["vis_config"]
        config["single_value_title"] = tile["title"]
        config["series_labels"] = {name: self._phrase() for name in config["series_labels"]}
        for axis in config["y_axes"]:
            axis["label"] = self._phrase()
        self.tiles += 1

    def _slug(self) -> str:
        self._slugs += 1
        return f"9{_SLUG}0000{self._slugs - 1:04d}"

    def _phrase(self) -> str:
        self._phrases += 1
        return f"9{_PHRASE}0000{self._phrases - 1:04d}"


def _cut(text: bytes) -> Body:
    pieces = _GAP.split(text)
    kinds, numbers = [int(kind) for kind in pieces[1::3]], [int(number) for number in pieces[2::3]]
    sizes = [0] * (_PHRASE + 1)
    for kind, number in zip(kinds, numbers, strict=True):
        sizes[kind] = max(sizes[kind], number + 1)
    starts = [sum(sizes[:kind]) for kind in range(len(sizes))]
    return Body(pieces[::3], [starts[kind] + number for kind, number in zip(kinds, numbers, strict=True)], sizes)
