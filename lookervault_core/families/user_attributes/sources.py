"""Warn of attribute values whose `source`, Looker's word for where they come from, is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.diff.planning.sides import Found
from lookervault_core.families.groups.names import group_names
from lookervault_core.families.users.attribute_values import unknown_words
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup


def unknown_sources(plan: Plan, backup: Backup, found: Mapping[ContentKey, Found | None]) -> Iterator[str]:
    """Return a warning for each unknown `source` of the attribute values that a plan writes or may overwrite."""
    keys = [step.key for step in plan.of("user_attribute_values")]
    bodies = [backup.payload(key.content_type, key.id) for key in keys]
    bodies += [live.payload for key in keys if (live := found.get(key)) and live.payload]
    return unknown_words([row for body in bodies for row in decode(body)], group_names(backup))
