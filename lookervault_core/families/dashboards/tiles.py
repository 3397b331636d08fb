"""Find out which tiles exist from the dashboards that were read anyway; a tile that none of them shows is read by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.codec import same_but_for
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live


class _Tile(msgspec.Struct):
    id: Any = None


class _Dashboard(msgspec.Struct):
    dashboard_elements: list[_Tile] | None = None


_dashboard = msgspec.json.Decoder(_Dashboard)


class Tiles:
    """Answers whether there is a tile. Safe for any number of threads."""

    def __init__(self, live: Live, backup: Backup) -> None:
        self._live, self._backup = live, backup
        self._seen: set[str] = set()

    def exists(self, tile_id: str) -> bool:
        return self._is_shown(tile_id) or self._live.read("dashboard_elements", tile_id) is not None

    def read_for(self, alerts: Mapping[str, str]) -> None:
        """Read at once the tiles of those alerts of the backup that differ from Looker, unless a dashboard that was read shows
        them. *alerts* has the live id of each."""
        tiles = {self._tile_of(one, live_id) for one, live_id in alerts.items()}
        self._live.prefetch(
            "dashboard_elements", [tile for tile in tiles if tile is not None and not self._is_shown(tile)]
        )

    def read_all_of(self, alerts: Collection[str]) -> None:
        """Read at once all tiles of these alerts of the backup: whole dashboards, or one by one where that takes fewer calls."""
        rows = (self._backup.readable("alerts", alert) or {} for alert in alerts)
        tiles = {str(row["dashboard_element_id"]) for row in rows if row.get("dashboard_element_id")}
        pages = max(1, len(self._backup.rows("dashboards")) // CATALOG["dashboards"].page_size)
        if len(tiles) > 2 * pages and not self._live.is_listed("dashboards"):
            self._live.expect("dashboards", self._backup.digests("dashboards"))
            self._live.rows("dashboards")
        self._live.prefetch("dashboard_elements", [tile for tile in tiles if not self._is_shown(tile)])

    def _tile_of(self, alert_id: str, live_id: str) -> str | None:
        """Return the tile of an alert that differs from the backup, if only in its id."""
        alert = self._backup.readable("alerts", alert_id)
        live = self._live.get("alerts", live_id)
        if not alert or live == b"":
            return None
        if live and same_but_for(self._backup.payload("alerts", alert_id), live, CATALOG["alerts"].volatile):
            return None
        return str(alert["dashboard_element_id"]) if alert.get("dashboard_element_id") else None

    def see(self, dashboard: bytes | None) -> None:
        """Note the tiles of a live dashboard's payload; b"" and None hold none."""
        if dashboard:
            self._seen |= {str(tile.id) for tile in _dashboard.decode(dashboard).dashboard_elements or ()}

    def _is_shown(self, tile_id: str) -> bool:
        if tile_id not in self._seen and self._live.is_listed("dashboards"):
            dashboard_id = self._backup.holder_of(ContentKey("dashboard_elements", tile_id))
            dashboard = self._live.get("dashboards", dashboard_id) if dashboard_id is not None else None
            if dashboard == b"":  # as in the backup
                return True
            self.see(dashboard)
        return tile_id in self._seen
