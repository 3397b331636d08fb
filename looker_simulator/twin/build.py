"""Builds a twin, kind by kind: what others refer to comes first."""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from looker_simulator import checkouts, connected, jsontext, people
from looker_simulator import settings as documents
from looker_simulator import shapes_config as config
from looker_simulator.options import SimulatorOptions
from looker_simulator.shapes import Shape
from looker_simulator.twin.content import Content
from looker_simulator.twin.packed import unpacked
from looker_simulator.twin.people import People
from looker_simulator.twin.rows import Rows
from looker_simulator.world import World
from looker_simulator.writing import blank

Told = Callable[[str], Iterable[tuple[str, bytes]]]
Taker = Callable[[str, bytes], None]

# Objects that are rows of their own, and nothing but that.
_PLAIN: dict[str, Shape] = {
    "explores": config.EXPLORE,
    "themes": config.THEME,
    "color_collections": config.COLOR_COLLECTION,
    "projects": config.PROJECT,
    "datagroups": config.DATAGROUP,
    "integration_hubs": config.INTEGRATION_HUB,
    "integrations": config.INTEGRATION,
    "oauth_client_apps": connected.APP,
    "external_oauth_applications": connected.EXTERNAL,
    "ssh_servers": connected.SERVER,
    "ssh_tunnels": connected.TUNNEL,
    "legacy_features": connected.FEATURE,
    "homepage_sections": connected.SECTION,
    "user_db_connections": connected.USER_CONNECTION,
    "project_workspaces": checkouts.WORKSPACE,
}
# What new users of an identity provider get is shown as objects, and written by their ids.
_GIVEN = {
    "default_new_user_roles": "default_new_user_role_ids",
    "default_new_user_groups": "default_new_user_group_ids",
}
_NOBODY = "nobody has the Admin role and can sign in: a twin needs one who does"


class Lacking(ValueError):
    """What was told is not enough to make an instance of."""


class Twin(msgspec.Struct, frozen=True):
    """An instance like another one. `unplayed` names what was told of and is not there, one line each."""

    world: World
    unplayed: tuple[str, ...] = ()


class Others:
    """Adds what stands alone: LookML, colours, connections, settings."""

    def __init__(self, world: World, rows: Rows) -> None:
        self._world = world
        self._rows = rows
        self.unplayed: list[str] = []

    def plain(self, table: str) -> Taker:
        """Return what takes objects that are rows of *table*."""
        return lambda _, raw: self._add(table, raw)

    def _add(self, table: str, raw: bytes) -> None:
        self._world[table].add(self._rows.row(_PLAIN[table], jsontext.loads(raw)))

    def model(self, _: str, raw: bytes) -> None:
        """Add a model, and the names of its explores in their order."""
        told = jsontext.loads(raw)
        row = self._world["lookml_models"].add(self._rows.row(config.LOOKML_MODEL, told))
        for named in told.get("explores") or ():
            full = blank(config.EXPLORE) | named
            full |= {"id": f"{row['name']}::{named['name']}", "model_name": row["name"], "_named_only": True}
            self._world["explores"].add(full)

    def connection(self, _: str, raw: bytes) -> None:
        """Add a connection; its password is nobody's to know."""
        told = jsontext.loads(raw)
        secret = {"password": "unknown" if told.get("has_password") else None, "certificate": None}
        self._world["connections"].add(self._rows.row(config.CONNECTION, told) | secret)

    def suites(self, _: str, raw: bytes) -> None:
        """Add the suites of a project."""
        for told in jsontext.loads(raw):
            self._world["ci_suites"].add(self._rows.row(connected.SUITE, told))

    def credentials(self, _: str, raw: bytes) -> None:
        """Add who signs in to the remotes of a project."""
        for told in jsontext.loads(raw):
            self._world["repository_credentials"].add(self._rows.row(checkouts.CREDENTIAL, told))

    def default_theme(self, _: str, raw: bytes) -> None:
        """Know which theme is the default."""
        self._world.default_theme_id = jsontext.loads(raw)["id"]

    def default_theme_of(self, kind: str, raw: bytes) -> None:
        """Know which theme is the default of a type."""
        chosen = jsontext.loads(raw)["id"]
        if chosen != self._world.default_theme_id:
            self._world.default_themes[kind] = chosen

    def default_collection(self, _: str, raw: bytes) -> None:
        """Know which colours are the default."""
        self._world.default_color_collection_id = jsontext.loads(raw)["id"]

    def settings(self, name: str, raw: bytes) -> None:
        """Add a document of settings; one that the simulator does not have is not played."""
        told = jsontext.loads(raw)
        if name == documents.ALLOWLIST:
            for entry in told:
                self._world[documents.ALLOWLIST].add(dict(entry))
        elif name in documents.DOCUMENTS:
            secret = {"auth_password": "unknown"} if told.get("has_auth_password") else {}
            given = {ids: [one["id"] for one in told[shown]] for shown, ids in _GIVEN.items() if shown in told}
            self._world[documents.TABLE].add(told | given | secret | {"id": name, "_keys": tuple(told)})
        else:
            self.unplayed.append(f"the settings called {name}")


def build(options: SimulatorOptions, told: Told) -> Twin:
    """Return the twin of the instance that *told* gives, kind by kind, as ids with answers. Raises Lacking if nobody could sign in
    there."""
    world = World(options)
    rows = Rows(world)
    world.unpacked = lambda raw: unpacked(rows, raw)
    others = Others(world, rows)
    for kind, take in _takers(world, others):
        for name, raw in told(kind):
            take(name, raw)
    for name in documents.DOCUMENTS:  # what was not told of
        if name not in world[documents.TABLE]:
            world[documents.TABLE].add({"id": name})
    _go_on_counting(world)
    _let_in(world)
    return Twin(world, tuple(others.unplayed))


def _takers(world: World, others: Others) -> Iterator[tuple[str, Taker]]:
    rows = Rows(world)
    content, persons = Content(world, rows), People(world, rows)
    yield "users", persons.user
    yield "groups", persons.group
    yield "group_users", persons.members
    yield "permission_sets", persons.permission_set
    yield "model_sets", persons.model_set
    yield "roles", persons.role
    yield "role_groups", persons.role_groups
    yield "role_users", persons.role_users
    yield "user_attributes", persons.attribute
    yield "user_attribute_group_values", persons.group_values
    yield "user_attribute_values", persons.user_values
    yield "folders", content.folder
    yield "content_metadata", content.metadata
    yield "content_metadata_accesses", content.access_list
    yield "connections", others.connection
    yield "lookml_models", others.model
    for table in _PLAIN:
        yield table, others.plain(table)
    yield "ci_suites", others.suites
    yield "repository_credentials", others.credentials
    yield "default_theme", others.default_theme
    yield "default_themes", others.default_theme_of
    yield "default_color_collection", others.default_collection
    yield "queries", content.query
    yield "merge_queries", content.merge_query
    yield "looks", content.look
    yield "trashed_looks", content.look
    yield "dashboards", content.dashboard
    yield "trashed_dashboards", content.dashboard
    yield "dashboard_images", content.picture
    yield "lookml_dashboards", content.lookml_dashboard
    yield "boards", content.board
    yield "agents", content.agent
    yield "scheduled_plans", persons.plan
    yield "alerts", persons.alert
    yield "content_favorites", persons.favorite
    yield "instance_settings", others.settings


def _go_on_counting(world: World) -> None:
    """Give what will be made ids beyond those that are there."""
    for table in world.tables.values():
        ids = (*table.rows, *world.homes.get(table.name, ()))
        numbers = [int(row_id) for row_id in ids if row_id.isdigit()]
        table.next_id = max([table.next_id, *(number + 1 for number in numbers)])
    makers = [(row.get("result_maker_id") or "") for row in world["dashboard_elements"]]
    world.result_makers = max([world.result_makers, *(int(one) for one in makers if one.isdigit())])


def _let_in(world: World) -> None:
    """Choose whose keys open the twin: an administrator, who was the other instance's caller if that can be told."""
    seen = {row["id"] for row in world["groups"] if row.get("contains_current_user")}
    able = [row["id"] for row in world["users"] if not row["is_disabled"] and people.is_admin(world, row["id"])]
    if not able:
        raise Lacking(_NOBODY)
    callers = [
        one
        for one in able
        if set(people.groups_of(world, one)) == seen and world["users"].rows[one]["credentials_api3"]
    ]
    world.admin_user_id = next(iter(callers or able))
    others = (row["id"] for row in world["users"] if row["id"] not in able and not row["is_disabled"])
    world.viewer_user_id = next(others, "")
