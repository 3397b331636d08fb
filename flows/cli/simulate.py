"""`simulate`: the local Looker alone."""

from __future__ import annotations

from typing import Annotated

import typer


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one")] = 19999,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="The same seed gives the same instance")] = 1,
    scale: Annotated[
        str, typer.Option(help="tiny, small, medium, large (10,000 dashboards) or huge (50,000)")
    ] = "small",
    dashboards: Annotated[int | None, typer.Option(min=0, help="Number of dashboards [default: the scale's]")] = None,
    latency_ms: Annotated[float, typer.Option(min=0, help="Wait so long before each answer")] = 0,
    rate_limit_rps: Annotated[int, typer.Option(min=0, help="Answer 429 above so many requests a second")] = 0,
    page_cap: Annotated[int, typer.Option(min=0, help="Never give more rows than this in one page")] = 0,
    token_seconds: Annotated[int, typer.Option(min=1, help="How long a login lasts")] = 3600,
    id_offset: Annotated[int, typer.Option(min=0, help="Begin ids here, as a second instance would")] = 0,
    release: Annotated[str, typer.Option(help="The Looker release to behave like")] = "26.12",
    future: Annotated[
        int, typer.Option(min=0, help="Have so many writable fields that no release has, drawn from the seed")
    ] = 0,
    bend: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=VALUE]", help="Behave as some real Lookers do; `--bend list` says how"),
    ] = None,
) -> None:
    """Serve a made-up Looker instance on a local port.

    It has every oddity that breaks backups.
    """
    from looker_simulator import SimulatorError, SimulatorOptions, serve
    from looker_simulator.bends import BENDS
    from lookervault_core.errors import UsageError

    bends = tuple(bend or ())
    if "list" in bends:
        for name, what in sorted(BENDS.items()):
            print(f"{name}: {what}")
        return
    unknown = [one for one in bends if one.partition("=")[0] not in BENDS]
    if unknown:
        raise UsageError(f"--bend {unknown[0]}: there is none of that name; `--bend list` says what there is")

    options = SimulatorOptions(
        host=host,
        port=port,
        seed=seed,
        scale=scale,
        dashboards=dashboards,
        latency_ms=latency_ms,
        rate_limit_rps=rate_limit_rps,
        page_cap=page_cap,
        token_seconds=token_seconds,
        id_offset=id_offset,
        release=release,
        future=future,
        bends=bends,
    )
    try:
        serve(options, on_ready=lambda base_url: _greet(base_url, options.client_id, options.client_secret))
    except SimulatorError as error:
        raise UsageError(str(error)) from error


def _greet(base_url: str, client_id: str, client_secret: str) -> None:
    print(f"A simulated Looker answers at {base_url} until Ctrl-C. To use it:", flush=True)
    print(f"  export LOOKERSDK_BASE_URL={base_url} LOOKERSDK_CLIENT_ID={client_id}", flush=True)
    print(f"  export LOOKERSDK_CLIENT_SECRET={client_secret}", flush=True)
