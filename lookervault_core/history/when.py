"""Times as people say them, and the snapshot that shows an instance as it was then. Times are UTC unless they name a zone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from lookervault_core.errors import NotFound, UsageError
from lookervault_core.model import Snapshot
from lookervault_core.vault import Vault

FORMS = '2026-11-24, "2026-11-24 14:00", yesterday, "3 days ago"'
_DAY = timedelta(days=1)
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": _DAY,
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_AGO = re.compile(rf"(an?|one|\d{{1,6}}) ({'|'.join(_UNITS)})s? ago")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Span(msgspec.Struct, frozen=True):
    """The first and last moment of a time in words: of a whole day, or twice the same moment."""

    first: datetime
    last: datetime


def span(text: str, now: datetime) -> Span:
    """Return the first and last moment of the time that *text* names. Raises UsageError if it names none."""
    said = " ".join(text.lower().split())
    found = _named_day(said, now) or _ago(said, now) or _iso(said)
    if found is None:
        raise UsageError(f"{text[:60]!r} is no time; say it as {FORMS}")
    return found


def since(text: str, now: datetime) -> datetime:
    """Return the first moment of the time that *text* names."""
    return span(text, now).first


def until(text: str, now: datetime) -> datetime:
    """Return the last moment of the time that *text* names."""
    return span(text, now).last


def snapshot_at(vault: Vault, text: str, content_type: str | None = None) -> Snapshot:
    """Return the newest snapshot up to the time that *text* names; for a type, one that has all of the type before one with holes.

    A day means its end. Raises UsageError if *text* names no time or one ahead, NotFound for a time before the first snapshot;
    the message names the nearest snapshots."""
    now = vault.now()
    said = span(text, now)
    shown = [snapshot for snapshot in vault.snapshots() if _shows(snapshot, content_type)]
    if not shown:
        raise NotFound(f"{content_type or 'vault'}: no snapshot is finished; run `lookervault extract`")
    shown.sort(key=lambda one: (one.started_at, one.snapshot_id))
    if said.first > now:
        raise UsageError(f"{text!r} lies ahead; the newest snapshot is {_told(shown[-1])}")
    before = [one for one in shown if one.started_at <= said.last]
    if not before:
        raise NotFound(f"{text!r} is before the first snapshot, which is {_told(shown[0])}")
    return _best(vault, before, content_type)


def _best(vault: Vault, before: list[Snapshot], content_type: str | None) -> Snapshot:
    """Return the newest one, but never one with holes that hides one without."""
    if content_type is None:
        return next((one for one in reversed(before) if one.status == "complete"), before[-1])
    whole = (one for one in reversed(before) if vault.is_whole(one.snapshot_id, content_type))
    return next(whole, before[-1])


def nearest(snapshots: Iterable[Snapshot], moment: datetime) -> list[Snapshot]:
    """Return the last snapshot before a moment and the first one after it, as far as there are such."""
    ordered = sorted(snapshots, key=lambda one: one.started_at)
    before = [one for one in ordered if one.started_at <= moment]
    return [*before[-1:], *[one for one in ordered if one.started_at > moment][:1]]


def _shows(one: Snapshot, content_type: str | None) -> bool:
    of_type = content_type is None or content_type in one.types
    return one.status in ("complete", "partial") and not one.folders and of_type


def _told(one: Snapshot) -> str:
    return f"snapshot {one.snapshot_id} of {one.started_at:%Y-%m-%d %H:%M} UTC"


def _named_day(said: str, now: datetime) -> Span | None:
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if said == "now":
        return Span(now, now)
    if said in ("today", "yesterday"):
        return _whole(today if said == "today" else today - _DAY)
    if said.removeprefix("last ") in _WEEKDAYS:
        back = (today.weekday() - _WEEKDAYS.index(said.removeprefix("last "))) % 7
        return _whole(today - timedelta(days=back or 7))
    return None


def _whole(day: datetime) -> Span:
    return Span(day, day + _DAY - timedelta(microseconds=1))


def _ago(said: str, now: datetime) -> Span | None:
    found = _AGO.fullmatch(said)
    if found is None:
        return None
    count = int(found[1]) if found[1].isdigit() else 1
    try:
        moment = now - count * _UNITS[found[2]]
    except OverflowError:
        return None
    return Span(moment, moment)


def _iso(said: str) -> Span | None:
    try:
        moment = datetime.fromisoformat(said.upper().removesuffix(" UTC"))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _whole(moment) if re.fullmatch(r"\d{4}-\d\d-\d\d", said) else Span(moment, _to_the_end(said, moment))
    except (ValueError, OverflowError):
        return None


def _to_the_end(said: str, moment: datetime) -> datetime:
    """Return the end of the minute where no second is said."""
    return moment + timedelta(seconds=59) if re.fullmatch(r"[\d-]+[ t]\d\d:\d\d", said) else moment
