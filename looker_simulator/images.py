"""Pictures on dashboards (SDK 26.18): tiles name them, one call gives the bytes of one, and none takes any.

The slug that the call takes is the last part of `Image.url` here; no page says so.
"""

import struct
import zlib

from looker_simulator.api import is_at_least
from looker_simulator.calls import Call, Operation, Reply, not_found
from looker_simulator.seed.dashboards import component, element
from looker_simulator.table import Row
from looker_simulator.world import World

SINCE = "26.18"
_EVERY = 4


def picture(red: int) -> bytes:
    """Return a PNG of one dot."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    dots = zlib.compress(bytes([0, red, 0, 255]))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", head), (b"IDAT", dots), (b"IEND", b""))
    )


def populate(world: World) -> None:
    """Put two pictures on some dashboards, one of them the same everywhere, where the release has pictures."""
    if not is_at_least(world.api.release, SINCE):
        return
    rich = [row for row in world["dashboards"] if not row["deleted"] and row["id"] not in world.packed]
    for number, row in enumerate(rich[3::_EVERY]):
        for name, red in (("logo", 7), (f"banner {number}", 10 + number)):
            _picture_tile(world, row, name, red)


def _picture_tile(world: World, dashboard: Row, name: str, red: int) -> None:
    images = world["dashboard_images"]
    image = images.add(
        {
            "id": None,
            "dashboard_id": dashboard["id"],
            "slug": f"pic{world.options.id_offset + len(images) + 1}",
            "file_name": f"{name}.png",
            "format": "PNG",
            "label": name,
            "created_at": world.past(days=20),
            "updated_at": world.past(days=20),
            "data": picture(red),
        }
    )
    tab = next(row for row in world.parts("dashboard_layouts", dashboard["id"]) if row["active"])
    tile = element(world, dashboard["id"], "image", tab["id"], title=f"Picture {name}", image_id=image["id"])
    component(world, tab["id"], tile["id"], 90 + red)


def _image(call: Call) -> Reply:
    rows = call.world["dashboard_images"].where("dashboard_id", call.path["dashboard_id"])
    found = next((row for row in rows if row["slug"] == call.path["image_slug"]), None)
    if found is None or not is_at_least(call.world.api.release, SINCE):
        raise not_found()
    return Reply(found["data"], headers=[(b"content-type", found.get("kind", b"image/png"))])


OPERATIONS = [
    Operation("get_dashboard_image", "GET", "/dashboards/{dashboard_id}/images/{image_slug}", _image, "non_query")
]
