"""`notify`: send a test message to the addresses that get messages about partial, failed and unusual runs."""

from __future__ import annotations

import typer

from flows.cli.options import AsJson, Config
from flows.cli.printing import console
from flows.cli.tables import print_json
from lookervault_core.errors import ConfigurationError


def notify(config: Config = None, as_json: AsJson = False) -> None:
    """Send a test message to each address of LOOKERVAULT_NOTIFY, and say which took it."""
    from lookervault_core.notifying import Message, check_addresses, send_each
    from lookervault_core.settings import load_settings

    settings = load_settings(config)
    if not settings.notify:
        raise ConfigurationError(
            "nobody is to be told: set LOOKERVAULT_NOTIFY to one or more URLs of apprise, with blanks between them, "
            "such as mailto://… slack://… json://host/path"
        )
    check_addresses(settings.notify)
    lines = (f"This is a test. You are told of: {', '.join(settings.notify_on)}.", "Look: lookervault unusual")
    taken = send_each(settings.notify, Message((), "LookerVault: a test", lines))
    kinds = [one.get_secret_value().partition("://")[0] for one in settings.notify]
    rows = [{"address": n, "kind": kind, "taken": ok} for n, (kind, ok) in enumerate(zip(kinds, taken, strict=True), 1)]
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        console().print(f"address {row['address']} ({row['kind']}): {'taken' if row['taken'] else 'NOT taken'}")
    if not all(taken):
        raise typer.Exit(1)
