"""Nights on which much is lost at once, by kind: what an instance loses before a restore that is then taken back.

Each is the same for its seed, and goes through Looker's API, so that what else goes is what Looker takes along.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from random import Random

from looker_simulator import people
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.wreck import wreck
from lookervault_core.errors import LookerError
from lookervault_core.looker.client import Looker
from tests.restore.random_days import RandomDay


class Night:
    """One night on the instance *world*, which *looker* talks to. ``record`` says what was asked and answered."""

    def __init__(self, world: World, looker: Looker, seed: int) -> None:
        self.world, self.looker, self.seed = world, looker, seed
        self.luck = Random(seed)
        self.record: list[str] = []

    def call(self, request: str, body: Row | None = None) -> None:
        """Send a request such as ``DELETE /groups/3``; Looker may refuse it."""
        method, _, path = request.partition(" ")
        content = None if body is None else json.dumps(body).encode()
        try:
            getattr(self.looker, method.lower())("night", path, *([] if method == "DELETE" else [content]))
            self.record.append(f"{request} {body or ''}")
        except LookerError as exc:
            self.record.append(f"{request} {body or ''} refused: {exc}")

    def some(self, table: str, share: float, suits: Callable[[Row], bool] = lambda _: True) -> list[Row]:
        """Return a part of the rows of a table that are there and that *suits* accepts, one at least if there is any."""
        rows = [row for row in self.world[table] if not (row.get("deleted") or row.get("_deleted"))]
        rows = [row for row in rows if suits(row)]
        return self.luck.sample(rows, min(len(rows), max(1, round(share * len(rows)))))

    def delete(self, table: str, share: float, suits: Callable[[Row], bool] = lambda _: True) -> None:
        """Delete a part of the rows of a table for good."""
        for row in self.some(table, share, suits):
            if row["id"] in self.world[table]:
                self.call(f"DELETE /{table}/{row['id']}")


def _folders(night: Night) -> None:
    flags = ("is_personal", "is_personal_descendant", "is_embed")
    night.delete("folders", 0.4, lambda row: bool(row["parent_id"]) and not any(row[flag] for flag in flags))


def _users(night: Night) -> None:
    night.delete("users", 0.4, lambda row: not people.is_admin(night.world, row["id"]))


def _groups(night: Night) -> None:
    night.delete("groups", 0.5, lambda row: row["id"] != night.world.all_users_group_id)


def _purge(night: Night) -> None:
    """Put content into the trash and empty that."""
    for table in ("dashboards", "looks"):
        for row in night.some(table, 0.3):
            night.call(f"PATCH /{table}/{row['id']}", {"deleted": True})
            night.call(f"DELETE /{table}/{row['id']}")


def _trash(night: Night) -> None:
    for table in ("dashboards", "looks"):
        for row in night.some(table, 0.4):
            night.call(f"PATCH /{table}/{row['id']}", {"deleted": True})


def _roles(night: Night) -> None:
    night.delete("roles", 0.4, lambda row: row["id"] != night.world.admin_role_id)
    night.delete("permission_sets", 0.3, lambda row: not row["built_in"])
    night.delete("model_sets", 0.3, lambda row: not row["built_in"])
    night.delete("user_attributes", 0.4, lambda row: not row["is_system"])


def _colors(night: Night) -> None:
    night.delete("themes", 0.5)
    night.delete("color_collections", 0.6)


def _boards(night: Night) -> None:
    night.delete("board_items", 0.3)
    night.delete("board_sections", 0.3)
    night.delete("boards", 0.4)


def _deliveries(night: Night) -> None:
    night.delete("scheduled_plans", 0.5)
    night.delete("alerts", 0.5)


def _parts(night: Night) -> None:
    night.delete("dashboard_elements", 0.3)
    night.delete("dashboard_filters", 0.3)
    night.delete("dashboard_layouts", 0.3)


def _agents(night: Night) -> None:
    for row in night.some("agents", 0.3):
        night.call(f"DELETE /agents?id={row['id']}")
    for row in night.some("agents", 0.5):
        taught = {"golden_query_ids": row["golden_query_ids"][1:], "context": {"instructions": "Answer anything."}}
        night.call(f"PATCH /agents/{row['id']}", taught)
    for row in night.some("golden_queries", 0.3):
        night.call(f"PATCH /golden_queries/{row['id']}", {"questions": ["?"], "is_active": False})


def _settings(night: Night) -> None:
    night.call("PATCH /setting", {"timezone": "Pacific/Auckland", "email_domain_allowlist": []})
    night.call("PATCH /digest_emails_enabled", {"is_enabled": night.luck.random() < 0.5})
    for row in night.some("oauth_client_apps", 0.5):
        night.call(f"PATCH /oauth_client_apps/{row['client_guid']}", {"enabled": False, "display_name": "?"})
    for row in night.some("oauth_client_apps", 0.3):
        night.call(f"DELETE /oauth_client_apps/{row['client_guid']}")
    for row in night.some("integrations", 0.4):
        night.call(f"PATCH /integrations/{row['id']}", {"enabled": not row.get("enabled")})


def _connected(night: Night) -> None:
    for row in night.some("legacy_features", 0.4):
        night.call(f"PATCH /legacy_features/{row['id']}", {"enabled_locally": not row["enabled_locally"]})
    for row in night.some("integrations", 0.6, lambda row: bool(row["params"])):
        plain = [one["name"] for one in row["params"] if not one.get("sensitive")]
        night.call(f"PATCH /integrations/{row['id']}", {"params": [{"name": one, "value": "?"} for one in plain]})
    for row in night.some("ssh_tunnels", 0.5):
        verb, body = night.luck.choice((("DELETE", None), ("PATCH", {"database_host": "elsewhere.internal"})))
        night.call(f"{verb} /ssh_tunnel/{row['tunnel_id']}", body)
    for row in night.some("ssh_servers", 0.5):
        night.call(f"PATCH /ssh_server/{row['ssh_server_id']}", {"ssh_server_host": "elsewhere.example.com"})


def _edits(night: Night) -> None:
    night.record += RandomDay(night.world, night.looker, night.seed).spend(20).record


def _everything(night: Night) -> None:
    night.record += wreck(night.world, night.seed)


KINDS: dict[str, Callable[[Night], None]] = {
    "folders": _folders,
    "users": _users,
    "groups": _groups,
    "purge": _purge,
    "trash": _trash,
    "roles": _roles,
    "colors": _colors,
    "boards": _boards,
    "deliveries": _deliveries,
    "parts": _parts,
    "edits": _edits,
    "wreck": _everything,
    "agents": _agents,
    "settings": _settings,
    "connected": _connected,
}
# Drawn each by itself, beside the others.
BESIDE = ("agents", "settings", "connected")
ALL_AT_ONCE = tuple(name for name in KINDS if name not in ("edits", *BESIDE))


def spend(world: World, looker: Looker, seed: int, kinds: Iterable[str]) -> list[str]:
    """Wreck an instance in all of the *kinds*, and return the record."""
    night = Night(world, looker, seed)
    for name in kinds:
        KINDS[name](night)
    world.fired.clear()
    world.enabled.clear()
    return night.record
