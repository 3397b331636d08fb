"""The state of one simulated instance."""

import random
import threading
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Any

from looker_simulator.api import Api
from looker_simulator.bends import Bends
from looker_simulator.options import SimulatorOptions
from looker_simulator.packing import unpacked
from looker_simulator.table import Row, Table
from looker_simulator.unlisted import Unlisted

EPOCH = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)

# name: (key, indexed columns). Tables that no type of the API shows hold edges: who is in what.
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "users": ("id", ()),
    "credentials_email": ("user_id", ("email",)),
    "groups": ("id", ()),
    "group_users": ("id", ("group_id", "user_id")),
    "group_groups": ("id", ("parent_id", "group_id")),
    "permission_sets": ("id", ()),
    "model_sets": ("id", ()),
    "roles": ("id", ()),
    "role_users": ("id", ("role_id", "user_id")),
    "role_groups": ("id", ("role_id", "group_id")),
    "user_attributes": ("id", ("name",)),
    "user_attribute_group_values": ("id", ("user_attribute_id", "group_id")),
    "user_attribute_user_values": ("id", ("user_attribute_id", "user_id")),
    "folders": ("id", ("parent_id",)),
    "content_metadata": ("id", ("parent_id",)),
    "content_metadata_access": ("id", ("content_metadata_id", "group_id", "user_id")),
    "lookml_models": ("name", ()),
    "explores": ("id", ("model_name",)),
    "queries": ("id", ("slug",)),
    "merge_queries": ("id", ()),
    "sql_queries": ("slug", ()),
    "looks": ("id", ("folder_id", "user_id")),
    "dashboards": ("id", ("folder_id", "user_id", "slug")),
    "dashboard_elements": ("id", ("dashboard_id", "look_id")),
    "dashboard_filters": ("id", ("dashboard_id",)),
    "dashboard_layouts": ("id", ("dashboard_id",)),
    "dashboard_layout_components": ("id", ("dashboard_layout_id", "dashboard_element_id")),
    "dashboard_images": ("id", ("dashboard_id",)),
    "lookml_dashboards": ("id", ()),
    "boards": ("id", ()),
    "board_sections": ("id", ("board_id",)),
    "board_items": ("id", ("board_section_id",)),
    "scheduled_plans": ("id", ("user_id", "dashboard_id", "look_id")),
    "alerts": ("id", ("owner_id", "dashboard_element_id")),
    "themes": ("id", ()),
    "color_collections": ("id", ()),
    "content_favorites": ("id", ("user_id",)),
    "connections": ("name", ()),
    "projects": ("id", ()),
    "project_workspaces": ("project_id", ()),
    "repository_credentials": ("id", ("root_project_id",)),
    "datagroups": ("id", ()),
    "integration_hubs": ("id", ()),
    "integrations": ("id", ()),
    "oauth_client_apps": ("client_guid", ()),
    "external_oauth_applications": ("id", ()),
    "ssh_servers": ("ssh_server_id", ()),
    "ssh_tunnels": ("tunnel_id", ()),
    "legacy_features": ("id", ()),
    "homepage_sections": ("id", ()),
    "user_db_connections": ("id", ()),
    "ci_suites": ("id", ()),
    "agents": ("id", ("created_by_user_id",)),
    "golden_queries": ("id", ()),
    "reports": ("id", ("folder_id",)),
    "instance_settings": ("id", ()),
    "support_access_allowlist": ("id", ("email",)),
}

# Parts of a dashboard: the column that leads to it (components go through their layout).
PARTS = {
    "dashboard_elements": "dashboard_id",
    "dashboard_filters": "dashboard_id",
    "dashboard_layouts": "dashboard_id",
    "dashboard_layout_components": "dashboard_layout_id",
}
_SHOWN_IN_DASHBOARDS = {"users", "folders", "looks"}


class World:
    """Every object of the instance. Hold ``lock`` while reading or changing more than one of them."""

    def __init__(self, options: SimulatorOptions) -> None:
        self.options = options
        self.api = Api(options)
        self.operations: tuple[Any, ...] = ()  # all that the instance answers, for its description
        self.lock = threading.RLock()
        self.random = random.Random(options.seed)
        self.disorder = random.Random(options.seed + 1)
        self.generation = 0
        self.tables = {name: Table(name, self._changed, indexed=ix, key=key) for name, (key, ix) in TABLES.items()}
        for table in self.tables.values():
            table.next_id += options.id_offset
        self.rendered: dict[str, bytes] = {}  # by dashboard: all of it, or all but its packed parts
        self.packed: dict[str, bytes] = {}
        self.blocks: dict[str, list[tuple[int, str]]] = {}
        self.homes: dict[
            str, dict[str, str]
        ] = {}  # of a twin, by table: the dashboard that each packed part or query is in
        self.unpacked = unpacked
        self.result_makers = options.id_offset
        self.sql_queries = 0
        self.structures: dict[str, dict[bytes, str]] = {}  # by table: the id of the query of a structure
        self.structures_seen: dict[str, int] = {}
        self.admin_user_id = ""
        self.viewer_user_id = ""
        self.admin_role_id = ""
        self.all_users_group_id = ""
        self.default_theme_id = ""
        self.default_themes: dict[str, str] = {}  # by type, of those types that have another default
        self.default_color_collection_id = ""
        self.fired: list[Row] = []  # plans and alerts that were created live, and so would have run
        self.enabled: list[Row] = []  # those switched on later
        self.bends = Bends(options.bends, self._bent)
        self.unlisted = Unlisted(self.bends)

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]

    def theme_of(self, kind: str) -> str:
        """Return the id of the default theme of a type."""
        return self.default_themes.get(kind, self.default_theme_id)

    def become(self, release: str) -> None:
        """Be upgraded, or an older release."""
        self.api.become(release)
        self._bent()

    def past(self, **ago: float) -> str:
        """Return a fixed timestamp that lies *ago* (days=, hours=, …) before the instance's birthday."""
        return stamp(EPOCH - timedelta(**ago))

    def now(self) -> str:
        """Return the present as Looker writes it."""
        return stamp(datetime.now(UTC))

    def parts(self, table: str, dashboard_id: str) -> list[Row]:
        """Return the rows of *table* (see PARTS, not the components) that belong to a dashboard; no trashed tiles."""
        self.unpack(dashboard_id)
        rows = self.tables[table].where("dashboard_id", dashboard_id)
        return [row for row in rows if not row.get("_deleted")]

    def find(self, table: str, row_id: str) -> Row | None:
        """Return a row, also one that still lies in a packed dashboard."""
        row = self.tables[table].get(row_id)
        if row is None and self.packed and row_id.isdigit():
            blocks = self.blocks.get(table, [])
            at = bisect_right(blocks, (int(row_id), "\uffff")) - 1
            if at >= 0:
                self.unpack(blocks[at][1])
                row = self.tables[table].get(row_id)
        if row is None and row_id in self.homes.get(table, ()):
            self.unpack(self.homes[table][row_id])
            row = self.tables[table].get(row_id)
        return row

    def unpack(self, dashboard_id: str) -> None:
        """Turn the packed parts of a dashboard, if it has any, into rows of their own, so that they can change."""
        raw = self.packed.pop(dashboard_id, None)
        if raw is not None:
            self.rendered.pop(dashboard_id, None)
            for table, row in self.unpacked(raw):
                self.tables[table].add(row)

    def show_anew(self, dashboard_id: str | None) -> None:
        """Forget the ready-made text of a dashboard that something outside it changed."""
        self.rendered.pop(dashboard_id or "", None)

    def _bent(self) -> None:
        self.generation += 1
        self.rendered.clear()

    def _changed(self, table: str, row: Row) -> None:
        self.generation += 1
        if not self.rendered:
            return
        if table == "dashboards":
            self.rendered.pop(row["id"], None)
        elif table in PARTS or table == "alerts":
            self.rendered.pop(self._owner(table, row), None)
        elif table in _SHOWN_IN_DASHBOARDS:
            self.rendered.clear()

    def _owner(self, table: str, row: Row) -> Any:
        if table == "dashboard_layout_components":
            layout = self.tables["dashboard_layouts"].get(row["dashboard_layout_id"])
            return layout and layout["dashboard_id"]
        if table == "alerts":
            tile = self.tables["dashboard_elements"].get(row["dashboard_element_id"])
            return tile and tile["dashboard_id"]
        return row["dashboard_id"]


def stamp(moment: datetime) -> str:
    """Return *moment* as Looker writes timestamps."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+00:00"
