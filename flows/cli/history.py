"""`log`, `diff` and `blame`: what changed, when and by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from flows.cli.browse import TypeName, indexed_vault
from flows.cli.naming import At, Object, object_of, snapshot_of
from flows.cli.options import AsJson, Block, Config, DbPath, Limit, SnapshotId
from flows.cli.printing import console
from flows.cli.tables import print_found, print_json
from lookervault_core.catalog import CATALOG, row
from lookervault_core.catalog.looking_up import HOLDER, PERSON
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.model import ContentKey, Snapshot
from lookervault_core.vault import Vault

SHOWN, LISTED = 50, 500
When = Annotated[str | None, typer.Option(metavar="WHEN", help='As for --at: 2026-11-24, yesterday, "3 days ago"')]


def log(
    content_type: Annotated[str | None, typer.Argument(metavar="[TYPE]", help="Only of this type")] = None,
    item: Annotated[str | None, typer.Argument(metavar="[OBJECT]", help="Only of this object")] = None,
    since: When = None,
    until: When = None,
    by: Annotated[str | None, typer.Option(metavar="USER", help="By this user: id, e-mail address or name")] = None,
    folder: Annotated[str | None, typer.Option(metavar="FOLDER", help="In this folder and below")] = None,
    kind: Annotated[Literal["created", "changed", "deleted", "moved"] | None, typer.Option(help="Only these")] = None,
    limit: Limit = None,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Tell what changed, newest first: what, in which fields, between which snapshots, by whom."""
    from lookervault_core.history import log as changes
    from lookervault_core.history import to_json

    with indexed_vault(db_path) as vault:
        request = _request(vault, content_type, item, since, until, by, folder)
        wanted = msgspec.structs.replace(request, kind=kind, limit=limit if as_json or limit is not None else SHOWN + 1)
        found = changes(vault, wanted)
    if as_json:
        print_json([to_json(one) for one in found])
        return
    shown = found if limit is not None else found[:SHOWN]
    for one in shown:
        _print_change(one)
    if len(shown) < len(found):
        console(stderr=True).print(f"these are the newest {SHOWN}; --limit N shows more, --json all")
    if not found:
        console(stderr=True).print("nothing found")


def _request(
    vault: Vault,
    content_type: str | None,
    item: str | None,
    since: str | None,
    until: str | None,
    by: str | None,
    folder: str | None,
) -> Any:
    from lookervault_core import history

    name = row(content_type).name if content_type else None
    return history.LogRequest(
        content_type=name,
        id=_known(vault, name, item) if name and item is not None else None,
        since=history.since(since, vault.now()) if since else None,
        until=history.until(until, vault.now()) if until else None,
        by=_person(vault, by) if by else None,
        folder=_known(vault, HOLDER, folder) if folder else None,
    )


def _known(vault: Vault, content_type: str, said: str) -> str:
    """Return the id of an object that the vault has had; NotFound for what it never had."""
    key = object_of(vault, content_type, said)
    vault.history(key)
    return key.id


def _person(vault: Vault, said: str) -> str:
    from lookervault_core.history import person_called

    return person_called(vault, said) or _known(vault, PERSON, said)


def _print_change(one: Any) -> None:
    out = console()
    out.print(f"{one.change_id}  {_between(one)}  {_kind(one)}{_where(one)}", style="bold" if out.is_terminal else "")
    out.print(f"    {one.text}", soft_wrap=not out.is_terminal)


def _between(one: Any) -> str:
    return f"{one.not_before:%Y-%m-%d %H:%M} – {one.not_after:%Y-%m-%d %H:%M} UTC"


def _kind(one: Any) -> str:
    known = one.content_type in CATALOG
    return f"{CATALOG[one.content_type].singular.replace('_', ' ') if known else one.content_type} {one.id}"


def _where(one: Any) -> str:
    return f" in {one.folder}" if one.folder else ""


def diff(
    first: Annotated[str, typer.Argument(metavar="A | TYPE", help="The earlier snapshot, or the type of an object")],
    second: Annotated[str, typer.Argument(metavar="B | OBJECT", help="The later snapshot, or the object")],
    before: Annotated[str | None, typer.Argument(metavar="[A]", help="Of an object: a snapshot or a time")] = None,
    after: Annotated[str | None, typer.Argument(metavar="[B]", help="A later one [default: the newest]")] = None,
    live: Annotated[bool, typer.Option("--live", help="Compare an object with what Looker has now")] = False,
    fields: Annotated[bool, typer.Option("--fields", help="Also tell what differs in each object")] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="Of two snapshots: show so many objects at the most; 0 shows all")
    ] = LISTED,
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
    as_json: AsJson = False,
) -> None:
    """Tell what differs between two snapshots, or between two versions of one object.

    Snapshots are named by number or by time. Of an object the last two versions that differ are compared by default.
    """
    if _is_snapshot(first):
        if before is not None or live:
            raise UsageError("two snapshots are compared by `diff A B`; an object by `diff TYPE OBJECT [A] [B]`")
        _diff_snapshots(first, second, db_path, None if as_json or not limit else limit, fields=fields, as_json=as_json)
        return
    name = row(first).name
    if live:
        found = _against_live(name, second, before, (db_path, config, credentials_block))
    else:
        with indexed_vault(db_path) as vault:
            found = _of_object(vault, name, second, before, after)
    _print_compared(found, as_json=as_json)


def _is_snapshot(said: str) -> bool:
    """Return whether a word names a snapshot: a number, or what begins as no type does."""
    try:
        row(said)
    except UsageError:
        return said[:1].isdigit() or " " in said or said in ("now", "today", "yesterday")
    return False


def _snapshot(vault: Vault, said: str | None, content_type: str | None = None) -> int | None:
    from lookervault_core.history import snapshot_at

    if said is None:
        return None
    if said.isdecimal() and len(said) < 19:
        return vault.snapshot(int(said)).snapshot_id
    return snapshot_at(vault, said, content_type).snapshot_id


def _of_object(vault: Vault, name: str, said: str, before: str | None, after: str | None) -> Any:
    from lookervault_core.history import compare_object

    first, second = _snapshot(vault, before, name), _snapshot(vault, after, name)
    return compare_object(vault, object_of(vault, name, said), first, second)


def _against_live(name: str, said: str, before: str | None, how: tuple[Any, ...]) -> Any:
    import threading

    from flows.cli.connection import reaching_settings
    from lookervault_core.history import compare_with
    from lookervault_core.history.live import payload_now
    from lookervault_core.restore.runs import opened

    db_path, config, block = how
    settings = reaching_settings(config, db_path=db_path, credentials_block=block)
    with opened(settings, threading.Event(), dry_run=True) as (vault, looker):
        key = object_of(vault, name, said)
        at = _snapshot(vault, before, name)
        vault.item(key, at)
        now = payload_now(looker, key)
        if now is None:
            raise NotFound(f"{key}: Looker does not have it any more; `lookervault restore single` brings it back")
        return compare_with(vault, key, at, now)


def _print_compared(found: Any, *, as_json: bool) -> None:
    if as_json:
        base = {"content_type": found.content_type, "id": found.id, "name": found.name}
        base |= {"from_snapshot": found.from_snapshot, "to_snapshot": found.to_snapshot}
        print_json([base | _plain(one) for one in found.fields])
        return
    to = "Looker now" if found.to_snapshot is None else f"snapshot {found.to_snapshot}"
    console(stderr=True).print(f"{found.content_type} {found.id} *{found.name}*: snapshot {found.from_snapshot} → {to}")
    _print_fields(found.fields)
    if not found.fields:
        console(stderr=True).print("nothing differs")


def _plain(one: Any) -> dict[str, Any]:
    from lookervault_core.history import plain

    return plain(one)


def _print_fields(fields: Iterable[Any], indent: str = "") -> None:
    """Print what differs; on a terminal what was in red and what is in green."""
    from lookervault_core.history.wording import pair

    out = console()
    for one in fields:
        out.print(f"{indent}{one.text}", soft_wrap=not out.is_terminal, style="bold" if out.is_terminal else "")
        if out.is_terminal:
            old, new = pair(one)
            for mark, value, color in (("-", old, "red"), ("+", new, "green")):
                if value:
                    out.print(f"{indent}  {mark} {value}", style=color)


def _diff_snapshots(
    first: str, second: str, db_path: Path | None, limit: int | None, *, fields: bool, as_json: bool
) -> None:
    from lookervault_core.drift import compared_by_tables
    from lookervault_core.history import surely_changed

    with indexed_vault(db_path) as vault:
        before, after = _snapshot(vault, first), _snapshot(vault, second)
        assert before is not None
        assert after is not None
        surely = set() if as_json else surely_changed(vault, before, after)
        found = compared_by_tables(vault, before, after, () if fields else surely, limit)
        told = _what_both_hold(vault.snapshot(before), vault.snapshot(after))
        more = [_fields_of(vault, one, before, after) for one in found[:limit]] if fields else []
    console(stderr=as_json).print(told)
    if as_json:
        rows = [msgspec.to_builtins(one) for one in found]
        print_json(
            [r | {"fields": [_plain(f) for f in m]} for r, m in zip(rows, more, strict=True)] if fields else rows
        )
        return
    if fields:
        for one, changed in zip(found[:limit], more, strict=True):
            console().print(f"{one.change}  {one.content_type} {_ids(one)}  {one.name[:120]}")
            _print_fields(changed, "    ")
    else:
        print_found(
            ("change", "type", "id", "name"), [(d.change, d.content_type, _ids(d), d.name) for d in found[:limit]]
        )
    _print_counts(found)
    _print_rest(found, limit or len(found), surely)


def _print_rest(found: Sequence[Any], limit: int, surely: Container[ContentKey]) -> None:
    """Say of how many the first *limit* are, and how many of the others nobody has looked at: changed since, maybe back again."""
    rest = found[limit:]
    unsure = sum(one.change == "changed" and ContentKey(one.content_type, one.id) not in surely for one in rest)
    again = f"; {unsure:,} of the others changed more than once, and may be as they were" if unsure else ""
    if rest:
        console(stderr=True).print(f"these are the first {limit:,}{again}; --limit 0 shows all")


def _ids(one: Any) -> str:
    return f"{one.id} → {one.new_id}" if one.new_id else one.id


def _print_counts(found: Sequence[Any]) -> None:
    counts = Counter((one.content_type, one.change) for one in found)
    told = [f"{count:,} {kind} {change}" for (kind, change), count in counts.items()]
    if told:
        console(stderr=True).print(", ".join(told))


def _fields_of(vault: Vault, one: Any, before: int, after: int) -> Sequence[Any]:
    from lookervault_core.history import FieldEdit, compare_object

    if one.change != "changed":
        return ()
    if one.new_id:  # what is nested in it has other ids too
        return [FieldEdit(path, "", None, None, path) for path in one.paths]
    return compare_object(vault, ContentKey(one.content_type, one.id), before, after).fields


def _what_both_hold(before: Snapshot, after: Snapshot) -> str:
    """Return what a comparison of two snapshots covers."""
    types = [name for name in before.types if name in after.types]
    named = [name for name in types if name not in CATALOG or not CATALOG[name].is_part]
    alike = set(before.types) == set(after.types)
    told = "all types of both" if alike else f"{', '.join(named) or 'nothing'}, which is what both have"
    narrow = [one for one in (before, after) if one.folders]
    if not narrow:
        return f"compared: {told}"
    which = " and ".join(f"snapshot {one.snapshot_id} is narrowed ({', '.join(one.folders)})" for one in narrow)
    return f"compared: {told}; {which}, so only the objects that both hold, and none is called created or deleted"


def where_used(
    field: Annotated[str, typer.Argument(metavar="MODEL.EXPLORE.FIELD", help="Such as ecommerce.orders.orders.total")],
    snapshot: SnapshotId = None,
    at: At = None,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """List what uses a field: tiles, filters, looks, merge queries, and the plans and alerts on those."""
    from lookervault_core.history import where_used as used

    with indexed_vault(db_path) as vault:
        found = used(vault, field, snapshot_of(vault, snapshot, at))
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    cells = [(one.content_type, one.id, one.name, one.folder, one.place, _used_in(one)) for one in found]
    print_found(("type", "id", "name", "folder", "as", "where"), cells)


def _used_in(one: Any) -> str:
    """Return the part that uses a field, or what it is used by way of: `Revenue, by look 5`."""
    if not one.part_id or not one.via or one.place == "alert":
        return one.part or one.via
    kind, _, key = one.via.partition(" ")
    return ", ".join(filter(None, (one.part, f"by {row(kind).singular} {key}")))


def blame(content_type: TypeName, item: Object, db_path: DbPath = None, as_json: AsJson = False) -> None:
    """Tell for each field and part of an object when it got its present value, and from whom."""
    from lookervault_core.history import blame as blamed

    with indexed_vault(db_path) as vault:
        found = blamed(vault, object_of(vault, row(content_type).name, item))
    if as_json:
        print_json([_plain(one) for one in found])
        return
    cells = [
        (one.part or one.path, _set_at(one), one.author.name or "–", one.change_id or "–", one.text[:160])
        for one in found
    ]
    print_found(("field or part", "set", "by", "change", "what"), cells)


def _set_at(one: Any) -> str:
    return f"by {one.not_after:%Y-%m-%d %H:%M}" if one.change_id else f"before {one.not_after:%Y-%m-%d}"
