"""Which types belong to others, and how: worked out from the rows."""

from __future__ import annotations

from lookervault_core.catalog.rows import CATALOG, WRITES

# Nested objects that others name, by their type, and the type that they are nested in.
NAMED_PARTS = {child.content_type: facts.name for facts in WRITES.values() for child in facts.children if child.named}
# Nested objects that people put into others.
WORK = frozenset(child.content_type for facts in WRITES.values() for child in facts.children if child.work)
# Content lies in these.
FOLDERS = next(row.name for row in CATALOG.values() if row.holds_content)
# Who may see folders and what lies in them: what stands for each, and the lists of who may. Boards and agents have one each too.
METADATA = next(row.seen_by for row in CATALOG.values() if row.holds_content)
ACCESSES = next(row.name for row in CATALOG.values() if row.targets_from == METADATA)
# The types whose objects have one of their own, folders first.
SEEN = tuple(row.name for row in CATALOG.values() if row.seen_by == METADATA)


# By the field of what stands for it the type of what it stands for.
SEEN_AS = (
    ("folder_id", "folders"),
    ("dashboard_id", "dashboards"),
    ("look_id", "looks"),
    ("homepage_id", "boards"),
    ("agent_id", "agents"),
)


def access_types(content_type: str) -> tuple[str, ...]:
    """Return the types that say who may see objects of *content_type*: access metadata and access lists; none if it has none."""
    seen_by = CATALOG[content_type].seen_by
    return (seen_by, *(row.name for row in CATALOG.values() if row.targets_from == seen_by)) if seen_by else ()


# Types whose access lists are parts of another type, and so are written before the objects themselves are.
SEEN_EARLY = frozenset(
    row.name for row in CATALOG.values() if any(CATALOG[name].part_of != row.name for name in access_types(row.name))
)


# Lists that belong to another object and have no identity of their own.
PARTS = frozenset(
    name for name, row in CATALOG.items() if name in WRITES and row.is_part and not (row.many or row.single)
)
