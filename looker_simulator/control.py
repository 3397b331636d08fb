"""The ``/_sim`` endpoints: what a test or the demo does with a simulator that runs in another process."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from looker_simulator import jsontext, oracle
from looker_simulator.app import Application
from looker_simulator.mutations import mutate
from looker_simulator.world import World
from looker_simulator.wreck import wreck


def counts(world: World) -> dict[str, int]:
    """Return how many objects of each kind there are; the trash counts apart, as ``…_deleted``."""
    with world.lock:
        found = {name: len(table) for name, table in world.tables.items()}
        for name in ("dashboards", "looks"):
            found[f"{name}_deleted"] = sum(row["deleted"] for row in world[name])
            found[name] -= found[f"{name}_deleted"]
        for table, blocks in world.blocks.items():  # parts of packed dashboards
            found[table] += sum(_packed_parts(world, table, dashboard_id) for _, dashboard_id in blocks)
        for table, homes in world.homes.items():
            found[table] += sum(home in world.packed for home in homes.values())
        trashed = sum(bool(row.get("_deleted")) for row in world["dashboard_elements"])
        found["dashboard_elements_deleted"] = trashed
        found["dashboard_elements"] -= trashed
    return found


def control(app: Application) -> Starlette:
    """Return the control application of *app*. It asks for no token."""

    async def show_calls(_: Request) -> Response:
        return JSONResponse(app.calls.snapshot())

    async def show_targets(_: Request) -> Response:
        return JSONResponse(app.calls.targets)

    async def reset_calls(_: Request) -> Response:
        app.calls.reset()
        return JSONResponse({})

    async def add_faults(request: Request) -> Response:
        rules = await _documents(request)
        return _tried(lambda: [app.faults.add(**rule).kind for rule in rules])

    async def show_faults(_: Request) -> Response:
        return JSONResponse(
            [{"kind": r.kind, "operation": r.operation, "seen": r.seen, "fired": r.fired} for r in app.faults.rules]
        )

    async def clear_faults(_: Request) -> Response:
        app.faults.clear()
        return JSONResponse({})

    async def change(request: Request) -> Response:
        changes = await _documents(request)
        return _tried(lambda: {"ids": [mutate(app.world, **one) for one in changes]})

    async def revoke(_: Request) -> Response:
        app.tokens.revoke()
        return JSONResponse({})

    async def bend(request: Request) -> Response:
        return _tried(lambda: [app.world.bends.on(name, value) for name, value in request.query_params.items()])

    async def straighten(request: Request) -> Response:
        return _tried(lambda: [app.world.bends.off(name) for name in request.query_params])

    async def show_counts(_: Request) -> Response:
        return JSONResponse(counts(app.world))

    async def show_oracle(request: Request) -> Response:
        state = oracle.dump(app.world, brief=request.query_params.get("brief") == "true")
        return Response(jsontext.dumps(state), media_type="application/json")

    async def show_fired(_: Request) -> Response:
        return JSONResponse({"fired": app.world.fired, "enabled": app.world.enabled})

    async def damage(request: Request) -> Response:
        rules = await _documents(request)
        return _tried(lambda: {"done": wreck(app.world, **rules[0])})

    return Starlette(
        routes=[
            Route("/_sim/calls", show_calls),
            Route("/_sim/targets", show_targets),
            Route("/_sim/reset_calls", reset_calls, methods=["POST"]),
            Route("/_sim/faults", show_faults),
            Route("/_sim/faults", add_faults, methods=["POST"]),
            Route("/_sim/faults", clear_faults, methods=["DELETE"]),
            Route("/_sim/mutate", change, methods=["POST"]),
            Route("/_sim/revoke_tokens", revoke, methods=["POST"]),
            Route("/_sim/bends", bend, methods=["POST"]),
            Route("/_sim/bends", straighten, methods=["DELETE"]),
            Route("/_sim/counts", show_counts),
            Route("/_sim/oracle", show_oracle),
            Route("/_sim/fired", show_fired),
            Route("/_sim/wreck", damage, methods=["POST"]),
        ]
    )


def _packed_parts(world: World, table: str, dashboard_id: str) -> int:
    raw = world.packed.get(dashboard_id)
    if raw is None:
        return 0
    markers = {
        "dashboard_elements": b'"body_text_as_html":',
        "dashboard_filters": b'"listens_to_filters":',
        "dashboard_layouts": b'"dashboard_layout_components":',
        "dashboard_layout_components": b'"granular_row":',
        "queries": b'"expanded_share_url":',
    }
    found = raw.count(markers[table])
    return found // 2 if table == "queries" else found  # a tile shows its query twice


async def _documents(request: Request) -> list[dict[str, Any]]:
    body = jsontext.loads(await request.body() or b"{}")
    return body if isinstance(body, list) else [body]


def _tried(action: Callable[[], Any]) -> Response:
    try:
        return JSONResponse(action())
    except (ValueError, TypeError) as exc:
        return JSONResponse({"message": str(exc)}, status_code=422)
