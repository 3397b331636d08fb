"""The text of a message. Pure. It holds counts, names of types, commands and the host of the instance; nothing that users wrote,
no address and no text of an error, which could hold either."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import msgspec


class Occasion(StrEnum):
    """The occasions on which a message is sent."""

    PARTIAL = "partial"
    FAILED = "failed"
    UNUSUAL = "unusual"
    STALE = "stale"


class Message(msgspec.Struct, frozen=True):
    """One message to people, with all occasions of a run in it."""

    occasions: tuple[Occasion, ...]
    title: str
    lines: tuple[str, ...]

    @property
    def body(self) -> str:
        return "\n".join(self.lines)


_TITLES = {
    Occasion.FAILED: "failed",
    Occasion.PARTIAL: "partial",
    Occasion.STALE: "no recent backup",
    Occasion.UNUSUAL: "an unusual night",
}


def of_extraction(
    base_url: str,
    snapshot_id: int,
    status: str,
    holes: Sequence[Mapping[str, Any]],
    unusual: Iterable[Mapping[str, Any]],
    wanted: Iterable[str],
    *,
    pushed: bool = True,
) -> Message | None:
    """Return the message about an extraction, None if no occasion of *wanted* came up. *pushed* is False if pushing its copy
    failed."""
    found: dict[Occasion, list[str]] = {}
    unpushed = [] if pushed else ["The vault was not pushed off-site.", "Push: lookervault push"]
    if status != "complete":
        occasion = Occasion.PARTIAL if status == "partial" else Occasion.FAILED
        lacks = f": {_holes(holes)}" if holes else ""
        found[occasion] = [
            f"Snapshot {snapshot_id} is {status}{lacks}.",
            "Go on: lookervault extract --resume",
            *unpushed,
        ]
    elif unpushed:
        found[Occasion.PARTIAL] = [f"Snapshot {snapshot_id} is complete.", *unpushed]
    odd = [
        line
        for one in unusual
        for line in (f"{_sentence(one['text'])}", f"Look: {one['look']}", f"Revert: {one['revert']}")
    ]
    if odd:
        found[Occasion.UNUSUAL] = [f"Snapshot {snapshot_id} is unlike the nights before it.", *odd]
    return _message(base_url, found, wanted)


def of_failure(base_url: str, what: str, error: BaseException, wanted: Iterable[str]) -> Message | None:
    """Return the message about a run of the command *what* that ended by an error, None if failures are not *wanted*.

    It has the error's class and not its text, which may quote anything."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    lines = [
        f"`lookervault {what}` ended by an error: {kind}.",
        "Look: its run in the Prefect UI, or its output; then lookervault check",
    ]
    return _message(base_url, {Occasion.FAILED: lines}, wanted)


def of_proof(
    base_url: str, findings: int, old: Sequence[str], max_age_hours: float | None, wanted: Iterable[str]
) -> Message | None:
    """Return the message about a verification: how much is damaged or missing, and which types have no recent backup; else
    None."""
    found: dict[Occasion, list[str]] = {}
    if findings:
        found[Occasion.FAILED] = [
            f"The newest snapshot is NOT proven: {findings:,} findings.",
            "Look: lookervault verify",
        ]
    if old:
        found[Occasion.STALE] = [
            f"No complete snapshot in the last {max_age_hours:g} hours of {_some(old)}.",
            "Look: lookervault snapshots; then lookervault extract",
        ]
    return _message(base_url, found, wanted)


def _message(base_url: str, found: Mapping[Occasion, list[str]], wanted: Iterable[str]) -> Message | None:
    chosen = set(wanted)
    told = {occasion: lines for occasion, lines in found.items() if occasion in chosen}
    if not told:
        return None
    of = " and ".join(_TITLES[one] for one in told)
    host = urlsplit(base_url).hostname or "no instance yet"
    return Message(tuple(told), f"LookerVault, {host}: {of}", tuple(line for lines in told.values() for line in lines))


def _holes(holes: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(str(hole["content_type"]) for hole in holes)
    word = "hole" if len(holes) == 1 else "holes"
    return f"{len(holes):,} {word} ({_some([f'{name} {count:,}' for name, count in counts.most_common()])})"


def _some(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
