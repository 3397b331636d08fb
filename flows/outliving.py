"""Flows that outlive their Prefect server: the result of a run is what its body did, even if the server does not know it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect.context import FlowRunContext

from tasks.server import is_silence, note_silence, wait_for_server

PATIENCE_S = 600.0  # of a run that nobody watches: a server is restarted, or its machine is

P = ParamSpec("P")
T = TypeVar("T")


class NotBegun(Exception):
    """The server stopped answering before the body of the flow ran."""


class _Told:
    """What the body of a flow came to, once it has begun."""

    begun = False
    value: Any = None
    error: BaseException | None = None


_told: ContextVar[_Told | None] = ContextVar("told", default=None)


def outliving(body: Callable[P, T]) -> Callable[P, T]:
    """Return the *body* of a flow, wrapped so that `outlived` knows what it returned or raised."""

    @wraps(body)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        noted = _told.get() or _Told()
        noted.begun = True
        try:
            noted.value = body(*args, **kwargs)
        except BaseException as exc:
            noted.error = exc
            if isinstance(exc, Exception):
                await_server()
            raise
        await_server()
        return noted.value

    # Prefect looks for the names in annotations where the function is from, and this one is from here.
    told.__signature__ = inspect.signature(body, eval_str=True)  # ty: ignore[missing-attribute]
    return told


def outlived(call: Callable[[], T]) -> T:
    """Run a flow by *call* and return its result. If the Prefect server stops answering meanwhile, return or raise what the
    flow's body did; raise NotBegun if the body had not begun."""
    noted = _Told()
    token = _told.set(noted)
    try:
        return call()
    except Exception as exc:
        if not is_silence(exc):
            raise
        note_silence(exc)
        if not noted.begun:
            raise NotBegun from exc
        if noted.error is not None:
            raise noted.error from None
        return noted.value
    finally:
        _told.reset(token)


def await_server() -> None:
    """Wait for a server that has stopped answering, but only in the run of a deployment: it would look as if it still ran if the
    server did not learn of its end. A person at a terminal need not wait."""
    context = FlowRunContext.get()
    if context and context.flow_run and context.flow_run.deployment_id:
        wait_for_server(PATIENCE_S)
