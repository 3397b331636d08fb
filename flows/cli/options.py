"""Options that several commands share, with their help texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DbPath = Annotated[Path | None, typer.Option("--db-path", help="The vault [default: looker.db]", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="A lookervault.toml or looker.ini to read settings from")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=50, help="Requests at a time; 1 is sequential [default: 8]")
]
PerSecond = Annotated[
    float | None,
    typer.Option("--rate-limit-per-second", min=0, help="At most so many requests a second; 0 lifts the limit"),
]
PerMinute = Annotated[
    float | None,
    typer.Option("--rate-limit-per-minute", min=0, help="At most so many requests a minute; 0 lifts the limit"),
]
Ceiling = Annotated[
    float | None,
    typer.Option(
        "--rate-limit-ceiling",
        min=0,
        help="Let the limit rise to so many a second while Looker answers no slower; 0 does not",
    ),
]
MaxCalls = Annotated[
    int | None, typer.Option("--max-calls", min=0, help="Stop after so many requests; 0 has no such budget")
]
Block = Annotated[str | None, typer.Option("--credentials-block", help="Name of a Prefect block with the connection")]
SnapshotId = Annotated[
    int | None, typer.Option("--snapshot", help="A snapshot's number [default: the newest complete one]")
]
Limit = Annotated[int | None, typer.Option("--limit", min=0, help="At most so many rows [default: all]")]
Offset = Annotated[int, typer.Option("--offset", min=0, help="Leave out so many rows at the start")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show everything, also what is many times the same")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what somebody has to look after")]
