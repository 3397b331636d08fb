"""Creates queries, merge queries and SQL Runner queries. They never change; an equal one gets the id of the first."""

from itertools import islice
from typing import Any

import msgspec

from looker_simulator import shapes_content as shape
from looker_simulator.api import Api
from looker_simulator.calls import Call, Reply
from looker_simulator.reading import shown
from looker_simulator.seed.queries import sql_query
from looker_simulator.seed.words import token
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import Problems, blank, object_of, values_of, write

_SORTED = msgspec.json.Encoder(order="deterministic")


def structure(api: Api, kind: str, row: Row) -> Row:
    """Return what makes a query what it is: everything writable that is set, without names for this one copy of it."""
    names = [prop.name for prop in api.writable(kind) if prop.name != "client_id"]
    found = {name: row.get(name) for name in names if row.get(name) is not None}
    if kind == "MergeQuery":
        found["source_queries"] = [_source(api, one) for one in row["source_queries"] or ()]
        found["total"] = bool(row.get("total"))
    return found


def same(world: World, table: str, kind: str, row: Row) -> Row | None:
    """Return the stored query of equal structure. The order of every list counts, that of keys does not."""
    known = world.structures.setdefault(table, {})
    seen = world.structures_seen.get(table, 0)
    for other in islice(world[table].rows.values(), seen, None):  # queries only ever come, in this order
        known.setdefault(_mark(world.api, kind, other), other["id"])
    world.structures_seen[table] = len(world[table])
    return world[table].get(known.get(_mark(world.api, kind, row)))


def _mark(api: Api, kind: str, row: Row) -> bytes:
    return _SORTED.encode(structure(api, kind, row))


def _source(api: Api, one: Row) -> Row:
    more = [prop.name for prop in api.beyond("MergeQuerySourceQuery")]
    return {name: one.get(name) for name in ("query_id", "name", "merge_fields", *more)}


def _create_query(call: Call) -> Reply:
    problems, world = Problems(), call.world
    values = values_of(call, "Query", problems)
    for field in ("model", "view"):
        if not values.get(field):
            problems.missing(field)
    client_id = values.get("client_id")
    if client_id and not (len(client_id) == 22 and client_id.isalnum()):
        problems.invalid("client_id", "client_id must be 22 alphanumeric characters.")
    elif client_id and _client_id_taken(world, client_id):
        problems.taken("client_id", "Query with this client_id")
    problems.stop()
    row = blank(shape.QUERY) | values
    found = same(world, "queries", "Query", row)
    if found is None:
        slug = token(world.random)
        found = world["queries"].add(row | {"slug": slug, "client_id": client_id or slug})
    return shown(call, shape.QUERY, found)


def _client_id_taken(world: World, client_id: str) -> bool:
    text = f'"client_id":"{client_id}"'.encode()
    return any(row["client_id"] == client_id for row in world["queries"]) or any(
        text in raw for raw in world.packed.values()
    )


def _create_merge_query(call: Call) -> Reply:
    problems, world = Problems(), call.world
    values = values_of(call, "MergeQuery", problems)
    sources = values.get("source_queries") or []
    if not sources:
        problems.missing("source_queries")
    values["source_queries"] = [_resolved(world, one, problems) for one in sources]
    problems.stop()
    row = blank(shape.MERGE_QUERY) | values
    found = same(world, "merge_queries", "MergeQuery", row)
    if found is None:
        world.result_makers += 1
        found = world["merge_queries"].add(row | {"result_maker_id": str(world.result_makers)})
    return shown(call, shape.MERGE_QUERY, found)


def _resolved(world: World, one: Any, problems: Problems) -> Row:
    given = one if isinstance(one, dict) else {}
    query = world.find("queries", str(given["query_id"])) if given.get("query_id") is not None else None
    if query is None and given.get("query_slug"):
        query = next(iter(world["queries"].where("slug", given["query_slug"])), None)
    if query is None:
        problems.invalid("source_queries", f"query {given.get('query_id')} does not exist.")
        return {}
    return {
        "merge_fields": given.get("merge_fields") or [],
        "name": given.get("name"),
        "query_id": query["id"],
        "query_slug": query["slug"],
        **{prop.name: given.get(prop.name) for prop in world.api.beyond("MergeQuerySourceQuery")},
    }


def _create_sql_query(call: Call) -> Reply:
    body, problems, world = object_of(call), Problems(), call.world
    connection = body.get("connection_name") or body.get("connection_id")
    if not body.get("sql"):
        problems.missing("sql")
    if not connection and not body.get("model_name"):
        problems.missing("connection_name")
    elif connection and connection not in world["connections"]:
        problems.invalid("connection_name", "Connection does not exist.")
    problems.stop()
    row = sql_query(world, body["sql"], connection, body.get("model_name"), body.get("vis_config"))
    return shown(call, shape.SQL_QUERY, row)


OPERATIONS = [
    write("create_query", "POST", "/queries", _create_query, "queries", "db_query", "Query"),
    write(
        "create_merge_query", "POST", "/merge_queries", _create_merge_query, "merge_queries", "db_query", "MergeQuery"
    ),
    write("create_sql_query", "POST", "/sql_queries", _create_sql_query, "sql_queries", "db_query"),
]
