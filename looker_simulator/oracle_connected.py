"""What the oracle says of what is connected with an instance: applications, tunnels, integrations, features, database logins.

Of what is secret only that it is set.
"""

from typing import Any

from looker_simulator import jsontext
from looker_simulator.names import Names, keyed
from looker_simulator.table import Row
from looker_simulator.world import World

_EXTERNAL = "external_oauth_applications"


def dump(world: World, names: Names) -> dict[str, Any]:
    """Return type → natural key → what can be written of it."""
    order = jsontext.dumps
    external = [(row["client_id"], names.written("ExternalOauthApplication", row)) for row in world[_EXTERNAL]]
    servers = [(row["ssh_server_name"], names.written("SshServer", row)) for row in world["ssh_servers"]]
    tunnels = [(row["database_host"], _tunnel(names, row)) for row in world["ssh_tunnels"]]
    actions = [(row["label"], _integration(row)) for row in world["integrations"]]
    return {
        "oauth_client_apps": {row["client_guid"]: _app(names, row) for row in world["oauth_client_apps"]},
        _EXTERNAL: keyed(external, order),
        "ssh_servers": keyed(servers, order),
        "ssh_tunnels": keyed(tunnels, order),
        "integrations": keyed(actions, order),
        "legacy_features": {row["name"]: names.written("LegacyFeature", row) for row in world["legacy_features"]},
        "ci_suites": keyed([(row["name"], names.written("ProjectCISuite", row)) for row in world["ci_suites"]], order),
        "user_db_connections": {
            f"{row['name']} of {names.user(str(row['user_id']))}": names.written("UserDbConnection", row)
            for row in world["user_db_connections"]
        },
    }


def _app(names: Names, row: Row) -> Row:
    group = {"group": names.named("groups", row.get("group_id"))}
    return names.written("OauthClientApp", row, "group_id") | group


def _tunnel(names: Names, row: Row) -> Row:
    server = {"server": names.named("ssh_servers", row["ssh_server_id"], "ssh_server_name")}
    return names.written("SshTunnel", row, "ssh_server_id") | server


def _integration(row: Row) -> Row:
    """Return an integration; a parameter without a value is one that is cleared."""
    params = {one["name"]: _param(one) for one in row["params"] or ()}
    targets = sorted(row.get("installed_delegate_oauth_targets") or ())
    return {"enabled": row["enabled"], "installed_delegate_oauth_targets": targets, "params": params}


def _param(one: Row) -> Row:
    value = one.get("value") or None
    is_secret = bool(one.get("sensitive"))
    return {"user_attribute_name": one.get("user_attribute_name"), "value": bool(value) if is_secret else value}
