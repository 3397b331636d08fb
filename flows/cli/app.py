"""All commands under one name."""

from __future__ import annotations

from flows.cli.commands import PLACES, made

app = made(PLACES)
