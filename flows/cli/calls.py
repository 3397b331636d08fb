"""`calls`: how many calls the runs made to Looker, day by day."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

import typer

from flows.cli.browse import open_vault
from flows.cli.options import AsJson, DbPath
from flows.cli.printing import console
from flows.cli.tables import print_found, print_json
from lookervault_core.accounts import ALLOWANCES, by_allowance, forecast
from lookervault_core.errors import UsageError


def calls(
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Of this month [default: the current one]")
    ] = None,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Say how many calls extractions and restores made, by day and by Looker's allowances, and what the month comes to."""
    today = datetime.now(UTC).date()
    chosen = month or f"{today:%Y-%m}"
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", chosen):
        raise UsageError(f"--month {chosen}: write it like {today:%Y-%m}")
    with open_vault(db_path) as vault:
        days = vault.calls_by_day(chosen)
    total = by_allowance(pair for counts in days.values() for pair in counts.items())
    coming = forecast(days, chosen, today)
    if as_json:
        shown = [{"day": day, **by_allowance(counts.items())} for day, counts in days.items()]
        print_json({"month": chosen, "days": shown, "total": total, "forecast": coming})
        return
    rows = [(day, *by_allowance(counts.items()).values()) for day, counts in days.items()]
    print_found(("day (UTC)", *ALLOWANCES), rows)
    console().print(f"{chosen}: {_said(total)}; the month comes to {_said(coming)} at this rate")


def _said(counts: dict[str, int]) -> str:
    return f"{counts['non_query']:,} administrative calls and {counts['db_query']:,} of queries"
