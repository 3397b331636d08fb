"""What is connected with an instance: applications that sign in with it, tunnels to databases, features, the home page.

Read operations and their seeds. Paths and activity types: OpenAPI 4.0.26.12; what is younger: the SDK 26.22.
"""

from typing import Any

from looker_simulator import schema
from looker_simulator.api import is_at_least
from looker_simulator.calls import Call, Operation, Refused, Reply, detail, json_reply, not_found
from looker_simulator.cascades import remove_external
from looker_simulator.lists import Listing, answer
from looker_simulator.reading import get, listing, shown
from looker_simulator.seed.words import token
from looker_simulator.shapes import Shape, define, show
from looker_simulator.shapes_config import INTEGRATION, PROJECT
from looker_simulator.shapes_content import can
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import Change, Problems, Resource, blank, gone, values_of, write

_SINCE_USER_CONNECTIONS = "26.22"
_SINCE_SUITES = "26.18"  # the first whose public reference has them; 26.12 has none
_MOST_SUITES, _SOME_SUITES = 100, 50
_CAN = {"can": can}
APP = define("OauthClientApp", _CAN)
EXTERNAL = define("ExternalOauthApplication", _CAN)
SERVER = define("SshServer", {})
TUNNEL = define("SshTunnel", {})
SECTION = define("HomepageSection", _CAN)
FEATURE = define("LegacyFeature", _CAN)
USER_CONNECTION = define("UserDbConnection", _CAN)
SUITE = define("ProjectCISuite", _CAN)


def _user_connections(call: Call) -> Reply:
    if not is_at_least(call.options.release, _SINCE_USER_CONNECTIONS):
        raise not_found()
    return answer(call, list(call.world["user_db_connections"]), Listing(USER_CONNECTION))


def _listed(operation: str, path: str, table: str, shape: Shape) -> Operation:
    return listing(operation, path, table, Listing(shape), admin_only=True)


OPERATIONS = [
    _listed("all_oauth_client_apps", "/oauth_client_apps", "oauth_client_apps", APP),
    get("oauth_client_app", "/oauth_client_apps/{client_guid}", "oauth_client_apps", APP, admin_only=True),
    listing(
        "all_external_oauth_applications",
        "/external_oauth_applications",
        "external_oauth_applications",
        Listing(EXTERNAL, search={"name": "text", "client_id": "text"}),
        admin_only=True,
    ),
    _listed("all_ssh_servers", "/ssh_servers", "ssh_servers", SERVER),
    get("ssh_server", "/ssh_server/{ssh_server_id}", "ssh_servers", SERVER, admin_only=True),
    _listed("all_ssh_tunnels", "/ssh_tunnels", "ssh_tunnels", TUNNEL),
    get("ssh_tunnel", "/ssh_tunnel/{ssh_tunnel_id}", "ssh_tunnels", TUNNEL, admin_only=True),
    _listed("all_legacy_features", "/legacy_features", "legacy_features", FEATURE),
    get("legacy_feature", "/legacy_features/{legacy_feature_id}", "legacy_features", FEATURE, admin_only=True),
    _listed("all_primary_homepage_sections", "/primary_homepage_sections", "homepage_sections", SECTION),
    Operation("all_user_db_connections", "GET", "/user_db_connections", _user_connections, admin_only=True),
]


def _register(call: Call) -> Reply:
    """An application is registered under the id in the path, which must be new."""
    guid, problems = call.path["client_guid"], Problems()
    if guid in call.world["oauth_client_apps"]:
        problems.taken("client_guid", "App with this client_guid")
    values = values_of(call, "OauthClientApp", problems)
    for field in ("redirect_uri", "display_name"):
        if not values.get(field):
            problems.missing(field)
    problems.stop()
    born = {"client_guid": guid, "activated_users": [], "tokens_invalid_before": call.world.now()}
    return shown(call, APP, call.world["oauth_client_apps"].add(blank(APP) | values | born))


def _check_integration(change: Change) -> None:
    """Null values are ignored, so that what is secret stays; "" clears a parameter."""
    if change.before is None or "params" not in change.values:
        return
    given = {one.get("name"): one for one in change.values["params"]}
    rows = []
    for one in change.before["params"] or ():
        new = given.get(one["name"], {})
        value = new["value"] or None if new.get("value") is not None else one.get("value")
        rows.append(
            one
            | {"user_attribute_name": new.get("user_attribute_name", one.get("user_attribute_name")), "value": value}
        )
    change.set(params=rows)


def _resource(name: str, table: str, path: str, shape: Shape, body: str, **more: Any) -> Resource:
    return Resource(
        name=name,
        table=table,
        path=path,
        shape=shape,
        body=body,
        remove=lambda world, row_id: world[table].remove(row_id),
        **more,
    )


def _check_tunnel(change: Change) -> None:
    """A tunnel shows the server that it goes through."""
    server = change.refers("ssh_server_id", "ssh_servers")
    if server is None:
        change.problems.missing("ssh_server_id")
        return
    if change.before is None:
        change.set(tunnel_id=None)
    shown = ("ssh_server_name", "ssh_server_host", "ssh_server_port", "ssh_server_user")
    change.set(**{key: server[key] for key in shown}, status=change.row.get("status") or "OK")


def _check_server(change: Change) -> None:
    if change.before is None:
        change.set(ssh_server_id=None, finger_print="new", public_key="ssh-rsa AAAA", status="OK")


def _check_external(change: Change) -> None:
    change.unique(change.world["external_oauth_applications"], "client_id", "Application")
    if change.before is None:
        change.set(created_at=change.world.now())


def _guard_server(call: Call, row: Row) -> None:
    if any(one["ssh_server_id"] == row["ssh_server_id"] for one in call.world["ssh_tunnels"]):
        raise Refused(422, "Validation Failed", [detail("ssh_server_id", "invalid", "A tunnel goes through it.")])


def _changed_secret(call: Call) -> Reply:
    """The call is for the secret alone (SDK 26.22); it names an application by its client id."""
    wanted = call.path["client_id"]
    row = next((one for one in call.world["external_oauth_applications"] if one["client_id"] == wanted), None)
    if row is None:
        raise not_found()
    return shown(call, EXTERNAL, row)


def _removed_external(call: Call) -> Reply:
    rows = call.world["external_oauth_applications"]
    row = next((one for one in rows if one["client_id"] == call.path["client_id"]), None)
    if row is None:
        raise not_found()
    remove_external(call.world, row["id"])
    return gone()


def _suites_of(call: Call) -> list[Row]:
    if not is_at_least(call.world.api.release, _SINCE_SUITES) or call.path["project_id"] not in call.world["projects"]:
        raise not_found()
    return [row for row in call.world["ci_suites"] if row["project_id"] == call.path["project_id"]]


def _suites(call: Call) -> Reply:
    """At most 100 at a time, 50 if nobody says how many (SDK 26.22)."""
    limit, offset = call.number("limit"), call.number("offset") or 0
    if limit is not None and not 1 <= limit <= _MOST_SUITES:
        raise Refused(422, "Validation Failed", [detail("limit", "invalid", "limit must be between 1 and 100")])
    rows = _suites_of(call)[offset : offset + (limit or _SOME_SUITES)]
    return json_reply([show(call.world, SUITE, row) for row in rows])


def _suite(call: Call) -> Row:
    row = next((one for one in _suites_of(call) if one["id"] == call.path["suite_id"]), None)
    if row is None:
        raise not_found()
    return row


def _make_suite(call: Call) -> Reply:
    _suites_of(call)
    return SUITES.create(call)


def _check_suite(change: Change) -> None:
    if not change.row.get("name"):
        change.problems.missing("name")
    if change.before is None:
        change.set(project_id=change.call.path["project_id"], guid=token(change.world.random), has_webhook_secret=False)
    change.values.pop("webhook_secret", None)


def _remove_suite(call: Call) -> Reply:
    call.world["ci_suites"].remove(_suite(call)["id"])
    return gone()


_MADE_ELSEWHERE = ("create", "delete")
SUITES = Resource(
    name="continuous_integration_suite",
    table="ci_suites",
    path="",
    shape=SUITE,
    body="ProjectCISuite",
    remove=lambda world, row_id: world["ci_suites"].remove(row_id),
    check=_check_suite,
)
SERVERS = _resource(
    "ssh_server", "ssh_servers", "/ssh_server", SERVER, "SshServer", check=_check_server, delete_guard=_guard_server
)
TUNNELS = _resource("ssh_tunnel", "ssh_tunnels", "/ssh_tunnel", TUNNEL, "SshTunnel", check=_check_tunnel)
EXTERNALS = _resource(
    "external_oauth_application",
    "external_oauth_applications",
    "/external_oauth_applications",
    EXTERNAL,
    "ExternalOauthApplication",
    required=("name", "client_id"),
    check=_check_external,
)
USER_CONNECTIONS = _resource(
    "user_db_connection", "user_db_connections", "/user_db_connections", USER_CONNECTION, "UserDbConnection"
)
_SUITES = "/projects/{project_id}/continuous_integration/suites"
OPERATIONS += [
    write("create_ssh_server", "POST", "/ssh_servers", SERVERS.create, "ssh_servers", body="SshServer"),
    *SERVERS.operations(without=("create",)),
    write("create_ssh_tunnel", "POST", "/ssh_tunnels", TUNNELS.create, "ssh_tunnels", body="SshTunnel"),
    *TUNNELS.operations(without=("create",)),
    *EXTERNALS.operations(without=("update", "delete")),
    write("update_external_oauth_application", "PATCH", "/external_oauth_applications/{client_id}", _changed_secret),
    write("delete_external_oauth_application", "DELETE", "/external_oauth_applications/{client_id}", _removed_external),
    *USER_CONNECTIONS.operations(without=("create",)),
    Operation("get_continuous_integration_suites", "GET", _SUITES, _suites, admin_only=True),
    Operation(
        "get_continuous_integration_suite",
        "GET",
        _SUITES + "/{suite_id}",
        lambda call: shown(call, SUITE, _suite(call)),
        admin_only=True,
    ),
    write("create_continuous_integration_suite", "POST", _SUITES, _make_suite, "ci_suites", body="ProjectCISuite"),
    write(
        "update_continuous_integration_suite",
        "PATCH",
        _SUITES + "/{suite_id}",
        lambda call: SUITES.update(call, _suite(call)),
        "ci_suites",
        body="ProjectCISuite",
    ),
    write("delete_continuous_integration_suite", "DELETE", _SUITES + "/{suite_id}", _remove_suite, "ci_suites"),
]
APPS = _resource(
    "oauth_client_app", "oauth_client_apps", "/oauth_client_apps", APP, "OauthClientApp", parameter="client_guid"
)
OPERATIONS += [
    write("register_oauth_client_app", "POST", "/oauth_client_apps/{client_guid}", _register, "oauth_client_apps"),
    *APPS.operations(without=("create",)),
    *_resource("project", "projects", "/projects", PROJECT, "Project").operations(without=_MADE_ELSEWHERE),
    *_resource(
        "integration", "integrations", "/integrations", INTEGRATION, "Integration", check=_check_integration
    ).operations(without=_MADE_ELSEWHERE),
    *_resource("legacy_feature", "legacy_features", "/legacy_features", FEATURE, "LegacyFeature").operations(
        without=_MADE_ELSEWHERE
    ),
]


def populate(world: World) -> None:
    """Add a few of each."""
    for table, shape, rows in _SEEDS:
        for row in rows(world):
            blank = {key: value for key, value in schema.new(shape).items() if key != "can"}
            world[table].add({key: value for key, value in (blank | row).items() if key != world[table].key or value})
    through = {"tunnel_id": next(iter(world["ssh_tunnels"].rows)), "uses_tns": False}
    world["connections"].change("crm_replica", **through)
    app = next(iter(world["external_oauth_applications"].rows))
    world["connections"].change("lake", oauth_application_id=app)


def _apps(world: World) -> list[Row]:
    group = next(row["id"] for row in world["groups"] if not row["include_by_default"])
    shared = {"activated_users": [], "tokens_invalid_before": world.past(days=90), "enabled": True}
    return [
        shared
        | {"client_guid": "com.example.sheets", "display_name": "Sheets", "redirect_uri": "https://s.example.com"},
        shared
        | {
            "client_guid": "com.example.portal",
            "display_name": "Portal",
            "redirect_uri": "https://p.example.com",
            "group_id": group,
        },
    ]


def _external(world: World) -> list[Row]:
    row = {"name": "warehouse", "client_id": "looker", "client_secret": "never shown", "dialect_name": "snowflake"}
    return [row | {"created_at": world.past(days=300)}]


def _servers(_: World) -> list[Row]:
    return [
        {"ssh_server_name": f"bastion {n}", "ssh_server_host": f"bastion{n}.example.com", "ssh_server_port": 22,
         "ssh_server_user": "looker", "finger_print": "ab:cd", "public_key": "ssh-rsa AAAA", "status": "OK"}
        for n in range(2)
    ]  # fmt: skip


def _tunnels(world: World) -> list[Row]:
    server = next(iter(world["ssh_servers"]))
    shown = {key: server[key] for key in ("ssh_server_id", "ssh_server_name", "ssh_server_host", "ssh_server_port")}
    return [shown | {"database_host": "db.internal", "database_port": 5432, "local_host_port": 9001, "status": "OK"}]


def _features(_: World) -> list[Row]:
    return [{"name": f"Old way {n}", "enabled": n == 0, "enabled_locally": n == 0} for n in range(3)]


def _sections(world: World) -> list[Row]:
    return [{"title": "Start here", "homepage_items": [], "item_order": [], "updated_at": world.past(days=9)}]


def _logins(world: World) -> list[Row]:
    return [{"name": "mine", "label": "Mine", "user_id": int(world.admin_user_id), "enabled": True, "port": "5432"}]


def _suite_rows(world: World) -> list[Row]:
    """Two suites for each project but the examples, where the release has any."""
    projects = [row for row in world["projects"] if not row["is_example"]]
    return [
        {"name": f"Suite {n} of {project['id']}", "project_id": project["id"], "guid": f"{project['id']}-{n}",
         "alerting_enabled": n == 0, "alert_email_addresses": ["data@example.com"],
         "sql_validator_config_is_enabled": True, "sql_validator_config_selectors": ["model_0/orders"],
         "upstream_projects": [], "has_webhook_secret": n == 1, "created_at": world.past(days=40)}
        for project in (projects if is_at_least(world.api.release, _SINCE_SUITES) else ())
        for n in range(2)
    ]  # fmt: skip


_SEEDS = (
    ("oauth_client_apps", "OauthClientApp", _apps),
    ("external_oauth_applications", "ExternalOauthApplication", _external),
    ("ssh_servers", "SshServer", _servers),
    ("ssh_tunnels", "SshTunnel", _tunnels),
    ("legacy_features", "LegacyFeature", _features),
    ("homepage_sections", "HomepageSection", _sections),
    ("user_db_connections", "UserDbConnection", _logins),
    ("ci_suites", "ProjectCISuite", _suite_rows),
)
