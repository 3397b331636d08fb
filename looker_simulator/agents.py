"""Agents and their golden queries: reads and writes.

An agent names its golden queries by their ids and shows them whole; one that no agent names can be written by its id, and neither
read nor listed (OpenAPI 4.0.26.12).
"""

from looker_simulator.calls import Call, Operation, Reply, not_found
from looker_simulator.cascades import remove_agent
from looker_simulator.lists import Listing, answer
from looker_simulator.reading import get
from looker_simulator.seed.folders import of_agent
from looker_simulator.shapes import define, show
from looker_simulator.shapes_content import can
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import Change, Resource, gone, write

AGENTS, QUERIES = "agents", "golden_queries"
_SEARCH = {"id": "ids", "name": "text", "description": "text", "created_by_user_id": "ids", "category": "text"}


def _golden(world: World, row: Row) -> list[Row]:
    there = (world[QUERIES].get(str(one)) for one in row["golden_query_ids"] or ())
    return [show(world, GOLDEN_QUERY, one) for one in there if one is not None]


def _ids(world: World, row: Row) -> list[int]:
    return [int(one) for one in row["golden_query_ids"] or () if str(one) in world[QUERIES]]


def _creator(column: str):
    def named(world: World, row: Row) -> str | None:
        user = world["users"].get(row["created_by_user_id"] or "")
        return user[column] if user else None

    return named


GOLDEN_QUERY = define("GoldenQuery", {"can": can, "id": lambda _, row: int(row["id"])})
AGENT = define(
    "Agent",
    {
        "can": can,
        "golden_queries": _golden,
        "golden_query_ids": _ids,
        "created_by_first_name": _creator("first_name"),
        "created_by_last_name": _creator("last_name"),
        "created_by_name": _creator("last_name"),
        "has_inaccessible_source": lambda _world, _row: False,
    },
)


def _search(call: Call) -> Reply:
    wanted = call.flag("deleted")
    rows = [row for row in call.world[AGENTS] if bool(row["deleted"]) == wanted]
    return answer(call, rows, Listing(AGENT, paged=True, sorts=("*",), search=_SEARCH))


def _check_agent(change: Change) -> None:
    world, before = change.world, change.before
    if before is None:
        change.row.setdefault("golden_query_ids", [])
        change.row["created_by_user_id"] = change.row.get("created_by_user_id") or change.call.actor.user_id
    change.refers("created_by_user_id", "users")
    for one in change.values.get("golden_query_ids") or ():
        if str(one) not in world[QUERIES]:
            change.problems.invalid("golden_query_ids", f"Golden query {one} does not exist.")
    for source in change.values.get("sources") or ():
        if source.get("model") not in world["lookml_models"]:
            change.problems.invalid("sources", f"Model {source.get('model')} does not exist.")


def _runs(row: Row | None) -> bool:
    return row is not None and not row["deleted"] and bool((row["workflow_params"] or {}).get("polling_frequency_cron"))


def _new_agent(change: Change) -> None:
    if _runs(change.row) and not _runs(change.before):
        log = change.world.fired if change.before is None else change.world.enabled
        log.append({"kind": AGENTS, "id": change.row["id"], "name": change.row["name"]})
    if change.before is None:
        meta = of_agent(change.world, change.row["id"], change.call.actor.user_id)
        change.world[AGENTS].change(change.row["id"], content_metadata_id=meta)


def _delete(call: Call) -> Reply:
    row = call.world[AGENTS].get(call.params.get("id", ""))
    if row is None:
        raise not_found()
    remove_agent(call.world, row["id"])
    return gone()


def _check_query(change: Change) -> None:
    if change.before is None and not (change.row.get("answer") or "").strip():
        change.problems.missing("answer")
    if change.before is None:
        change.row["created_by_user_id"] = int(change.call.actor.user_id)


def _removed_query(world: World, row_id: str) -> None:
    world[QUERIES].remove(row_id)


AGENT_WRITES = Resource(
    name="agent",
    table=AGENTS,
    path="/agents",
    shape=AGENT,
    body="Agent",
    remove=remove_agent,
    required=("name",),
    check=_check_agent,
    done=_new_agent,
    activity="db_query",
)
QUERY_WRITES = Resource(
    name="golden_query",
    table=QUERIES,
    path="/golden_queries",
    shape=GOLDEN_QUERY,
    body="GoldenQuery",
    remove=_removed_query,
    check=_check_query,
    activity="db_query",
)
OPERATIONS = [
    Operation("search_agents", "GET", "/agents/search", _search, table=AGENTS, admin_only=True),
    get("get_agent", "/agents/{agent_id}", AGENTS, AGENT, activity="db_query", admin_only=True),
    *AGENT_WRITES.operations(without=("delete",)),
    write("delete_agent", "DELETE", "/agents", _delete, AGENTS, "db_query"),
    *QUERY_WRITES.operations(),
]
