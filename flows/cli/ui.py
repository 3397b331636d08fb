"""`ui`: look at the vault in a browser."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.options import Config, DbPath
from lookervault_core.errors import UsageError


def ui(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one")] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    allow_restore: Annotated[
        bool, typer.Option("--allow-restore", help="Let the pages also put things back, each plan once approved")
    ] = False,
    db_path: DbPath = None,
    config: Config = None,
) -> None:
    """Show the vault in a browser: its nights, folders, every object's history, dashboards drawn.

    Without --allow-restore it cannot write. Ctrl-C ends it.
    """
    from secrets import token_urlsafe

    from flows.cli.browse import open_vault
    from flows.ui.app import application
    from flows.ui.site import Site
    from lookervault_core.errors import VaultReadOnly
    from lookervault_core.history import catch_up
    from lookervault_core.settings import load_settings

    token = token_urlsafe(24)
    with suppress(VaultReadOnly):  # a vault of an older release then tells its changes without sentences
        catch_up(Path(load_settings(config, db_path=db_path).db_path))
    with open_vault(db_path) as vault, _listening(host, port) as listener:
        site = Site(vault, config, may_restore=allow_restore)
        bound = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        print(f"http://{shown}:{bound}/?token={token}", flush=True)
        print("open this address in a browser on this machine; Ctrl-C ends it", file=sys.stderr)
        _serve(application(site, token, host, bound), listener)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as exc:
        raise UsageError(f"{host}:{port}: {exc.strerror or exc}; name another --port or --host") from exc


def _serve(app: Any, listener: socket.socket) -> None:
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2)
    )
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:  # how it is meant to end
        return
