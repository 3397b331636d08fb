"""`access`: who may see or edit what, by which group and role, from the vault alone."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.cli.browse import open_vault
from flows.cli.naming import At, object_of, snapshot_of
from flows.cli.options import AsJson, DbPath, SnapshotId
from flows.cli.printing import console
from flows.cli.tables import print_found, print_json, print_table
from lookervault_core.catalog import row
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.families.rights.book import KINDS, Book, Place, book_of
from lookervault_core.families.rights.changes import Difference, differences
from lookervault_core.families.rights.rules import Access, Rights, access, all_access, rights_of
from lookervault_core.vault import Vault

NOTHING = "nothing"


def access_(
    user: Annotated[
        str | None, typer.Argument(metavar="[USER]", help="Id, e-mail or name; everybody by default")
    ] = None,
    snapshot: SnapshotId = None,
    at: At = None,
    diff: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="What people got and lost since then, roles and groups too; as for --at"),
    ] = None,
    on: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="TYPE OBJECT", help="Who may do what with one folder, board, dashboard or look"),
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            help="Of these types [default: folders and boards; all four where --diff is of one USER]",
        ),
    ] = None,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Say who may see or edit what, and by which group and role.

    It is read from the backup, so it can be asked of any time; Looker is not.
    """
    if diff is not None and on is not None:
        raise UsageError("--diff is told of people and --on of one object; leave one of them out")
    kinds = _kinds([on[0]] if on else of or [])
    with open_vault(db_path) as vault:
        chosen = snapshot_of(vault, snapshot, at)
        if diff is not None:
            _show_changes(vault, (snapshot_of(vault, None, diff), chosen), user, kinds, as_json=as_json)
            return
        book = book_of(vault, chosen, kinds or KINDS[:2])
        one = _user(vault, book, user, chosen) if user else None
        if on is not None:
            key = object_of(vault, kinds[0], on[1], chosen)
            if key not in book.places:
                raise NotFound(f"{key}: it is not in that snapshot, or lies in the trash")
            _show_place(book, book.places[key], one, as_json=as_json)
        elif one is not None:
            _show_user(book, rights_of(book, one), as_json=as_json)
        else:
            _show_everybody(book, as_json=as_json)


def _kinds(said: list[str]) -> tuple[str, ...]:
    names = tuple(row(word).name for one in said for word in one.replace(",", " ").split())
    wrong = [name for name in names if name not in KINDS]
    if wrong:
        raise UsageError(f"{', '.join(wrong)}: access is told of {', '.join(KINDS)}")
    return names


def _user(vault: Vault, book: Book, said: str, snapshot: int | None) -> str:
    """Return the id of who is meant: by id, e-mail, or name."""
    if said in book.people:
        return said
    mails = [
        person.id for person in book.people.values() if person.email and person.email.casefold() == said.casefold()
    ]
    found = mails[0] if len(mails) == 1 else object_of(vault, row("user").name, said, snapshot).id
    if found not in book.people:
        raise NotFound(f"user {said}: nobody of that id, e-mail or name is in that snapshot; `lookervault list users`")
    return found


def _show_user(book: Book, rights: Rights, *, as_json: bool) -> None:
    found = list(all_access(book, rights))
    if as_json:
        print_json(_person(book, rights) | {"objects": [_row(one) for one in found if one.may]})
        return
    who, out = rights.person, console()
    state = ", disabled: cannot sign in" if who.disabled else ""
    out.print(f"user {who.id}, {who.name}, {who.email or 'no e-mail'}{state}\n")
    print_table(None, ("role", "by"), [(book.roles[role.role].name, _by(role.by)) for role in rights.roles])
    cells = [(one.key.content_type, one.key.id, one.name, one.may, one.by) for one in found if one.may]
    out.print("")
    print_found(("type", "id", "name", "may", "by"), sorted(cells, key=lambda cell: (cell[0], str(cell[2]).casefold())))
    hidden = len(found) - len(cells)
    out.print(
        f"\nmay edit {sum(c[3] == 'edit' for c in cells):,}, view {sum(c[3] == 'view' for c in cells):,}; not {hidden:,}"
    )


def _show_place(book: Book, place: Place, one: str | None, *, as_json: bool) -> None:
    everybody = [rights_of(book, user) for user in ([one] if one else book.people)]
    found = [(rights.person, access(book, rights, place)) for rights in everybody]
    shown = [(who, may) for who, may in found if may.may or one]
    if as_json:
        people = [{"user": who.id, "user_name": who.name, "email": who.email} | _row(may) for who, may in shown]
        print_json({"content_type": place.key.content_type, "id": place.key.id, "name": place.name, "people": people})
        return
    console().print(f"{place.key} {place.name}\n")
    print_found(
        ("user", "name", "e-mail", "may", "by"),
        [(who.id, who.name, who.email, may.may or NOTHING, may.by) for who, may in shown],
    )


def _show_everybody(book: Book, *, as_json: bool) -> None:
    found = []
    for user in book.people:
        rights = rights_of(book, user)
        levels = [one.may for one in all_access(book, rights)]
        found.append((rights, levels.count("view"), levels.count("edit")))
    if as_json:
        print_json([_person(book, rights) | {"view": view, "edit": edit} for rights, view, edit in found])
        return
    cells = [
        (r.person.id, r.person.name, r.person.email, "yes" if r.person.disabled else "", _roles(book, r), view, edit)
        for r, view, edit in found
    ]
    print_found(("user", "name", "e-mail", "disabled", "roles", "may view", "may edit"), cells)


def _show_changes(
    vault: Vault, snapshots: tuple[int | None, int | None], user: str | None, said: tuple[str, ...], *, as_json: bool
) -> None:
    """Show what people got and lost between two snapshots; who is in the first alone counts as well."""
    kinds = said or (KINDS if user else KINDS[:2])
    before, after = (book_of(vault, one, kinds) for one in snapshots)
    one = _user_of_either(vault, before, after, user, snapshots) if user else None
    found = list(differences(before, after, [one] if one else None))
    if as_json:
        print_json(
            [
                {
                    "user": d.user_id,
                    "user_name": d.user,
                    "email": d.email,
                    "content_type": d.key.content_type,
                    "id": d.key.id,
                    "name": d.name,
                }
                | {"before": d.before or NOTHING, "after": d.after or NOTHING, "by": d.by}
                for d in found
            ]
        )
        return
    print_found(
        ("user", "type", "id", "name", "before", "now", "by"),
        [
            (_called(d), d.key.content_type, d.key.id, d.name, d.before or NOTHING, d.after or NOTHING, d.by)
            for d in found
        ],
    )
    left = [one for one in KINDS if one not in kinds]
    also = f"; not {', '.join(left)}: --type {','.join(left)}" if left else ""
    console(stderr=True).print(f"compared: sign-in, roles, groups, {', '.join(kinds)}{also}")


def _called(one: Difference) -> str:
    return one.email or one.user or f"user {one.user_id}"


def _user_of_either(
    vault: Vault, before: Book, after: Book, user: str, snapshots: tuple[int | None, int | None]
) -> str:
    try:
        return _user(vault, after, user, snapshots[1])
    except NotFound:
        return _user(vault, before, user, snapshots[0])


def _person(book: Book, rights: Rights) -> dict[str, Any]:
    who = rights.person
    return {
        "user": who.id,
        "user_name": who.name,
        "email": who.email,
        "disabled": who.disabled,
        "admin": rights.is_admin,
        "roles": [{"id": role.role, "name": book.roles[role.role].name, "by": list(role.by)} for role in rights.roles],
        "permissions": sorted(rights.permissions),
        "models": sorted(rights.models),
    }


def _row(one: Access) -> dict[str, Any]:
    return {
        "content_type": one.key.content_type,
        "id": one.key.id,
        "name": one.name,
        "may": one.may or NOTHING,
        "by": one.by,
    }


def _roles(book: Book, rights: Rights) -> str:
    return ", ".join(book.roles[role.role].name for role in rights.roles)


def _by(way: tuple[str, ...]) -> str:
    return "group " + " in ".join(way) if way else "given to them"
