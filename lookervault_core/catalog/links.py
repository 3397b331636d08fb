"""References inside texts and settings: links to content, colours, hubs of actions."""

from __future__ import annotations

from collections.abc import Mapping

# What a link to content has in front of the id, and the type of what it leads to.
LINKED = {
    "dashboards": "dashboards",
    "dashboards-next": "dashboards",
    "looks": "looks",
    "boards": "boards",
    "folders": "folders",
}
# What a dashboard may be linked by, beside its id.
WITH_SLUGS = frozenset({"dashboards"})
# The fields of a `color_application` that hold an id.
COLORED = {"collection_id": "color_collections", "palette_id": "color_palettes"}
HUBS = "integration_hubs"
# What each kind of reference leads to that holds ids of no single type.
LEADS_TO: Mapping[str, tuple[str, ...]] = {
    "links": tuple(dict.fromkeys(LINKED.values())),
    "colors": tuple(COLORED.values()),
    "hub": (HUBS,),
}
