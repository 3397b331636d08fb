"""Print an extraction's report: a table of its types, its holes and its unusual signs."""

from __future__ import annotations

from typing import Any

from flows.cli.printing import console
from flows.cli.tables import print_table, size, to_second
from flows.cli.unusual import print_unusual


def print_alarms(report: Any) -> None:
    """Print what people should look at: unusual signs, the status, and holes; nothing for a snapshot that is complete and
    usual."""
    print_unusual(report.unusual)
    if report.status != "complete":
        console().print(
            f"snapshot {report.snapshot_id} is {report.status}{f': {report.stopped}' * bool(report.stopped)}"
        )
        _print_holes(report)


def print_report(report: Any, *, verbose: bool, vault: str) -> None:
    rows = [
        (name, c["listed"], c["captured"], c["new"], c["changed"], c["unchanged"], c["deleted"], c["holes"])
        for name, c in report.types.items()
    ]
    print_table(None, ("type", "listed", "captured", "new", "changed", "unchanged", "deleted", "holes"), rows)
    out = console()
    out.print(
        f"\nsnapshot {report.snapshot_id} is {report.status}: {report.items:,} items, {report.requests:,} requests, "
        f"{report.requests_per_second:,.1f} a second, {report.duration_seconds:.1f} s, "
        f"{report.items_per_second:,.0f} items a second; vault {vault}"
    )
    out.print(f"root hash {report.root}")
    if report.offsite and "error" not in report.offsite:
        made = report.offsite
        out.print(
            f"copy {made['number']} is at {made['url']}/{made['path']} ({size(made['stored_bytes'])}), read back and equal"
        )
    taken_over = [(name, c) for name, c in report.types.items() if c["carried"]]
    for name, c in taken_over:
        as_of = to_second(c["oldest_read_at"])
        out.print(f"{name}: {c['carried']:,} of {c['captured']:,} taken over unread; all of them are as of {as_of} UTC")
    if report.stopped:
        out.print(f"stopped before the end: {report.stopped}")
    for note in report.notes:
        named = f" {note['id']}" if note["id"] else ""
        out.print(f"note on {note['content_type']}{named}: {note['detail']}")
    print_unusual(report.unusual)
    if report.told.get("undelivered"):
        from lookervault_core.notifying import in_words

        console(stderr=True).print(f"note: {in_words(report.told)}")
    if report.holes:
        _print_holes(report)
    if verbose:
        _print_verbose(report)


def _print_holes(report: Any) -> None:
    shown = report.holes[:20]
    print_table(
        f"\n{len(report.holes)} holes",
        ("type", "id", "reason"),
        [(h["content_type"], h["id"], h["reason"]) for h in shown],
    )
    if len(report.holes) > len(shown):
        console().print(f"… and {len(report.holes) - len(shown)} more; `--json` lists them all")
    console().print("`lookervault extract --resume` tries the holes again; the next full run heals them too.")


def _print_verbose(report: Any) -> None:
    calls = sorted(report.calls_by_operation.items(), key=lambda pair: -pair[1])
    print_table("\nrequests", ("operation", "calls"), calls)
    for line in report.advice:
        console().print(line)
