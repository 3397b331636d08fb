"""The two ordinary kinds of read operation: list the rows of a table, show one of them."""

from collections.abc import Callable

from looker_simulator.calls import Call, Operation, Reply, not_found
from looker_simulator.lists import Listing, answer, shown_ids
from looker_simulator.shapes import Shape, encode
from looker_simulator.table import Row


def listing(
    operation_id: str,
    path: str,
    table: str,
    rules: Listing,
    *,
    rows: Callable[[Call], list[Row]] | None = None,
    activity: str = "non_query",
    admin_only: bool = False,
) -> Operation:
    """Return an operation that lists *table*, or what *rows* selects."""

    def handler(call: Call) -> Reply:
        return answer(call, rows(call) if rows else list(call.world[table]), rules)

    return Operation(operation_id, "GET", path, handler, activity, table, admin_only)


def get(
    operation_id: str, path: str, table: str, shape: Shape, *, activity: str = "non_query", admin_only: bool = False
) -> Operation:
    """Return an operation that shows the row of *table* whose id is the last parameter in *path*."""
    name = path.rpartition("{")[2].rstrip("}")

    def handler(call: Call) -> Reply:
        row = call.world.find(table, call.path[name])
        if row is None or row.get("_deleted"):
            raise not_found()
        return shown(call, shape, row)

    return Operation(operation_id, "GET", path, handler, activity, table, admin_only)


def shown(call: Call, shape: Shape, row: Row) -> Reply:
    """Return one row as the response."""
    return Reply(encode(call.world, shape, row, call.fields), ids=shown_ids(call, [row]))
