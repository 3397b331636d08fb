"""Which object of another instance matches one that no restore writes by itself: queries of plans and alerts, hubs, actions."""

from __future__ import annotations

from functools import cached_property

from lookervault_core.catalog import DELIVERIES
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode
from lookervault_core.families.queries.structure import query_structure
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live
from lookervault_core.values import canonical

HUBS = "integration_hubs"
UNWRITTEN = frozenset({"queries", HUBS, "integrations"})


class Unwritten:
    """Knows queries by their structure, hubs by their address and an action by its hub. Safe for any number of threads."""

    def __init__(self, live: Live, backup: Backup) -> None:
        self._live, self._backup = live, backup

    def resolve(self, key: ContentKey) -> str | None:
        """Return the destination's id of a query, hub or action; `NEW` for a query that must be created, None if the hub is
        missing."""
        if key.content_type == "queries":
            structure = query_structure(self._backup.readable("queries", key.id))
            return self._queries.get(canonical(structure), NEW) if structure else None
        hub_id, _, action = key.id.partition("::")
        hub = self._hubs.get(address_of(self._backup, hub_id))
        return f"{hub}::{action}" if hub and action else hub

    @cached_property
    def _queries(self) -> dict[bytes, str]:
        """The live queries that plans deliver and alerts name, by their structure."""
        rows = (decode(body) for name in DELIVERIES for body in self._live.rows(name).values() if body)
        ids = {str(row["query_id"]) for row in rows if row.get("query_id")}
        self._live.prefetch("queries", ids)
        bodies = {item_id: self._live.read("queries", item_id) for item_id in ids}
        return {canonical(query_structure(decode(body))): one for one, body in bodies.items() if body}

    @cached_property
    def _hubs(self) -> dict[str | None, str]:
        """The live hubs by their addresses."""
        return {address: one for address, one in addresses(self._live).items() if address}


def addresses(live: Live) -> dict[str, str]:
    """Return the ids of the live action hubs by their addresses."""
    return {_address(decode(body)): one for one, body in reversed(list(live.rows(HUBS).items()))}


def address_of(backup: Backup, hub_id: str) -> str | None:
    """Return the address of an action hub of the backup, or None if that does not have it."""
    hub = backup.readable(HUBS, hub_id)
    return _address(hub) if hub and hub.get("url") else None


def _address(hub: dict[str, str]) -> str:
    return str(hub.get("url") or "").rstrip("/").lower()
