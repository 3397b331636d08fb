"""`extract --estimate`: how many calls, and what the limits make of them."""

from __future__ import annotations

import threading
from pathlib import Path

from flows.cli.printing import console
from flows.cli.tables import print_json
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.settings import Settings

_NAMED = 5


def print_estimate(settings: Settings, options: ExtractOptions) -> None:
    """Print what an extraction would cost. LookerError or VaultError if that cannot be found out."""
    from lookervault_core.extract.cost.estimate import as_before, from_listings
    from lookervault_core.extract.session import admitted, connected
    from lookervault_core.restore.report import spoken
    from lookervault_core.vault import Vault

    with connected(settings, threading.Event()) as looker:
        admitted(looker)
        found, path = None, Path(settings.db_path)
        if path.exists() and path.stat().st_size:
            with Vault.open(path, read_only=True) as vault:
                found = as_before(vault, options)
        found = found or from_listings(looker, options)
        per_second = looker.limiter.per_second
    seconds = round(found.calls / per_second) if per_second else None
    if settings.as_json:
        shown = {"calls": found.calls, "seconds": seconds, "per_second": per_second or None, "types": found.types}
        print_json(shown | {"like_snapshot": found.like, "more_for": found.more_for})
        return
    told = f"about {found.calls:,} calls" + (f", {spoken(seconds)} at {per_second:g} a second" if seconds else "")
    if found.like:
        console().print(f"{told}: as the run of snapshot {found.like} took")
        return
    most = sorted(found.types.items(), key=lambda pair: -pair[1])[:_NAMED]
    console().print(f"{told}; most for {', '.join(f'{name} ({calls:,})' for name, calls in most)}")
    if found.more_for:
        console().print(
            "and one for each merge query and each query in it: only the dashboards say how many. They are read once."
        )
