"""`metrics`: the vault as numbers for Prometheus, in a file or at a port."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import DbPath
from flows.cli.printing import console
from lookervault_core.errors import ConfigurationError, UsageError


def metrics(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Write them here, for the textfile collector; - is stdout")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Serve them at this port until Ctrl-C")] = None,
    host: Annotated[str, typer.Option(help="Where to serve them")] = "127.0.0.1",
    db_path: DbPath = None,
) -> None:
    """Show the vault as metrics: age, contents and holes of the newest snapshot, what it cost, what is unusual of it."""
    from lookervault_core.history import catch_up
    from lookervault_core.metrics import as_text, write_metrics
    from lookervault_core.settings import load_settings

    if (file is None) == (port is None):
        raise UsageError("say where to: FILE (such as lookervault.prom, or -), or --port N")
    path = Path(load_settings(db_path=db_path).db_path)
    catch_up(path)
    if port is not None:
        _serve(path, host, port)
    elif str(file) == "-":
        print(as_text(path), end="")
    elif file:
        try:
            write_metrics(path, file)
        except OSError as exc:
            raise ConfigurationError(f"{file}: cannot be written ({exc.strerror}); name another FILE") from None


def _serve(path: Path, host: str, port: int) -> None:
    from prometheus_client import start_http_server

    from lookervault_core.metrics import registry

    try:
        server, thread = start_http_server(port, host, registry(path))
    except OSError as exc:
        raise ConfigurationError(
            f"port {port} of {host} cannot be used ({exc.strerror}); name another --port"
        ) from None
    console(stderr=True).print(f"lookervault: metrics at http://{host}:{server.server_port}/metrics; Ctrl-C ends it")
    try:
        while thread.is_alive():
            threading.Event().wait(3600)
    finally:
        server.shutdown()
