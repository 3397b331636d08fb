"""`simulate`: serve the simulated Looker on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.naming import At, snapshot_of


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
    release: Annotated[
        str | None, typer.Option(help="The Looker release to behave like [default: 26.12, or that of the backup]")
    ] = None,
    future: Annotated[
        int, typer.Option(min=0, help="Have so many writable fields that no release has, drawn from the seed")
    ] = 0,
    bend: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=VALUE]", help="Behave as some real Lookers do; `--bend list` says how"),
    ] = None,
    from_vault: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Be a twin of the instance that this vault is a backup of; it sends nothing"),
    ] = None,
    at: At = None,
) -> None:
    """Serve a made-up Looker instance on a local port.

    It has every oddity that breaks backups; or it is a twin of your own, to try scripts on.
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

    shared: dict[str, Any] = {
        "host": host,
        "port": port,
        "latency_ms": latency_ms,
        "rate_limit_rps": rate_limit_rps,
        "page_cap": page_cap,
        "token_seconds": token_seconds,
        "bends": bends,
    }
    own = {"seed": seed, "scale": scale, "dashboards": dashboards, "id_offset": id_offset, "future": future}
    _require_either(from_vault, at, own)
    world = _twin(from_vault, at, release, shared) if from_vault else None
    options = world.options if world else SimulatorOptions(**shared, **own, **({"release": release} if release else {}))
    try:
        serve(options, lambda base_url: _greet(base_url, options.client_id, options.client_secret), world)
    except SimulatorError as error:
        raise UsageError(str(error)) from error


_MADE_UP = {"seed": 1, "scale": "small", "dashboards": None, "id_offset": 0, "future": 0}


def _require_either(from_vault: Path | None, at: str | None, own: dict[str, Any]) -> None:
    """Raise UsageError for what only a made-up instance, or only a twin, can be told."""
    from lookervault_core.errors import UsageError

    chosen = [f"--{name.replace('_', '-')}" for name, value in own.items() if value != _MADE_UP[name]]
    if from_vault and chosen:
        raise UsageError(f"{', '.join(chosen)}: a twin is as its vault says; leave that out, or --from-vault")
    if at and not from_vault:
        raise UsageError("--at says which backup a twin is made of: name the vault with --from-vault")


def _twin(path: Path, at: str | None, release: str | None, shared: dict[str, Any]) -> Any:
    """Return the world of the twin; what it does not play is told."""
    from flows.twin import held, twin_of
    from lookervault_core.vault import Vault

    with Vault.open(path, read_only=True) as vault:
        snapshot = snapshot_of(vault, None, at)
        count = held(vault, snapshot)
        twin = twin_of(vault, snapshot, release=release, **shared)
        print(f"A twin of {vault.instance_url}: {count:,} objects. Nothing is sent to anybody.", flush=True)
    for line in twin.unplayed:
        print(f"  not played: {line}", flush=True)
    return twin.world


def _greet(base_url: str, client_id: str, client_secret: str) -> None:
    print(f"A simulated Looker answers at {base_url} until Ctrl-C. To use it:", flush=True)
    print(f"  export LOOKERSDK_BASE_URL={base_url} LOOKERSDK_CLIENT_ID={client_id}", flush=True)
    print(f"  export LOOKERSDK_CLIENT_SECRET={client_secret}", flush=True)
