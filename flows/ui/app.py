"""The pages by their addresses, and the pages for errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from flows.ui import browse, objects, plans, start
from flows.ui.guard import Guard
from flows.ui.site import HERE, Site
from lookervault_core.drawing.style import style
from lookervault_core.errors import LookerVaultError, NotFound, UsageError

Page = Callable[[Site, Request], Response]
Deed = Callable[[Site, Request, dict[str, str]], Response]

_PAGES: dict[str, Page] = {
    "/": start.start,
    "/snapshots": start.snapshots,
    "/snapshots/{number:int}": start.snapshot,
    "/folders": browse.folders,
    "/folders/{id:path}": browse.folders,
    "/types": browse.types,
    "/types/{type}": browse.listing,
    "/search": browse.search,
    "/objects/{type}/{id}": objects.show,
    "/objects/{type}/{id}/compare": objects.compare,
    "/objects/{type}/{id}/payload": objects.payload,
    "/plans/{number:int}": plans.show,
    "/plans/{number:int}/state": plans.state,
}
# Only the last one writes, and only where that is allowed.
_DEEDS: dict[str, Deed] = {"/plans": plans.ask, "/plans/{number:int}/approve": plans.approve}


def application(site: Site, token: str, host: str, port: int) -> ASGIApp:
    """Return the web application with the pages of *site*; it answers only requests with *token*, sent to *host* and *port*."""
    routes: list[Route | Mount] = [Route(path, _served(site, page)) for path, page in _PAGES.items()]
    routes += [Route(path, _posted(site, deed), methods=["POST"]) for path, deed in _DEEDS.items()]
    routes.append(Route("/drawing.css", _style))
    routes.append(Mount("/static", StaticFiles(directory=HERE / "static")))
    failing: dict[Any, Any] = {LookerVaultError: partial(_told, site), HTTPException: partial(_not_there, site)}
    app = Starlette(routes=routes, exception_handlers=failing)
    return Guard(app, token, host, port)


def _served(site: Site, page: Page) -> Callable:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(page, site, request)

    return answer


def _posted(site: Site, deed: Deed) -> Callable:
    async def answer(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(deed, site, request, plans.form_of(body))

    return answer


async def _style(_: Request) -> Response:
    return Response(style(), media_type="text/css")


async def _told(site: Site, request: Request, error: LookerVaultError) -> Response:
    status = 404 if isinstance(error, NotFound) else 400 if isinstance(error, UsageError) else 500
    return await run_in_threadpool(partial(site.page, request, "error.html", status, told=str(error)))


async def _not_there(site: Site, request: Request, error: HTTPException) -> Response:
    told = "there is no such page" if error.status_code == 404 else str(error.detail)
    return await run_in_threadpool(partial(site.page, request, "error.html", error.status_code, told=told))
