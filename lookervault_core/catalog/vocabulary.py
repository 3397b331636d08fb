"""The words in which the catalog says how a content type is listed, read, named and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Listing = Literal["paged", "whole", "targets"]
Shape = Literal["plain", "look", "dashboard", "merge_query", "plan"]
Kind = Literal["id", "links", "colors", "hub", "name"]
Verb = Literal["POST", "PATCH", "PUT", "DELETE"]

SINGLE = "default"
PART_PAGE = 5_000  # rows of a list that belongs to one object


class Call(msgspec.Struct, frozen=True):
    """One read operation: its `operationId`, its path below /api/4.0 and fixed query parameters.

    `{id}` in the path or in a parameter stands for the id (or the target) asked for; `{head}` and `{tail}` for what stands
    before and behind its `::`. The answer of a `media` call is no JSON, and is kept as the bytes that it is.
    """

    operation: str
    path: str
    params: Mapping[str, str | int | bool] = {}
    db_query: bool = False
    media: bool = False

    @property
    def is_whole(self) -> bool:
        """Return whether the call lists all objects of a type, instead of reading those of one id."""
        return "{" not in self.path and "{id}" not in self.params.values()

    @property
    def is_by_pair(self) -> bool:
        """Return whether the id of an object of this call is a pair: its owner's id, `::`, its own."""
        return "{head}" in self.path


class Ref(msgspec.Struct, frozen=True):
    """One place of a type's payload that names another object: `a.b[].c`, where `[]` walks a list.

    Without the object of an `optional` reference the owner can still be made: the reference is left out and reported. A list that
    `needs_one` keeps at least one. A reference by `name` is the same on every instance: it only says what must come first.
    """

    path: str
    to: str = ""
    kind: Kind = "id"
    optional: bool = False
    needs_one: bool = False

    @property
    def is_owner(self) -> bool:
        """Return whether the reference names the object's owner."""
        return self.to == "users" and self.path in ("user_id", "owner_id")

    @property
    def field(self) -> str:
        """Return the top-level field with which the path begins."""
        return self.path.partition(".")[0].partition("[")[0]


class WriteCall(msgspec.Struct, frozen=True):
    """One write operation; `{id}` and `{other}` in the path stand for ids."""

    operation: str
    verb: Verb
    path: str
    db_query: bool = False


class NaturalKey(msgspec.Struct, frozen=True):
    """Fields that tell one object from another without its id. `unique`: Looker refuses a second object with the same;
    `in_trash`: also one beside an object in the trash, and a new object can do without. `newborn`: used only to find what a
    create has just made. `ownerless`: the field with the owner; without it the key finds, on another instance, an object given to
    somebody else, and on its own one that nobody owns any more. `at_home`: used on the own instance only. `unless`: two objects
    whose values in this field differ are not the same, though their names are."""

    fields: tuple[str, ...]
    unique: bool = True
    in_trash: bool = False
    newborn: bool = False
    ownerless: str = ""
    at_home: bool = False
    unless: str = ""


class Protected(msgspec.Struct, frozen=True):
    """Objects whose `field` equals `value` cannot be written; they still serve as what others refer to, and are compared.

    `takes` are the fields that Looker may take all the same: they are sent, and a refusal is a loss with the same reason.
    `passing` objects come and go by themselves, so that a missing one is no loss."""

    field: str
    value: object
    reason: str
    takes: tuple[str, ...] = ()
    passing: bool = False


class Collection(msgspec.Struct, frozen=True):
    """A list field that is a set of rows told apart by `keys` (none: plain values); rows beyond the backup's go only with exact.

    `unread` is the field with the keys of rows that the backup knows of and could not read: those stay even then.
    """

    field: str
    keys: tuple[str, ...] = ()
    unread: str = ""


class Child(msgspec.Struct, frozen=True):
    """Objects nested in a payload under `field`, which the parent's own write calls ignore, or only link where it `is_linked`.

    `order` is the field of the parent that lists their ids in order. `comes_with`: Looker makes one of them by itself with the
    parent. `named`: other objects name them, so that each is looked up by itself. `work`: people's own work in the parent.
    """

    field: str
    content_type: str
    is_linked: bool = False
    order: str = ""
    comes_with: bool = False
    named: bool = False
    work: bool = False


class RecreatedDifferently(msgspec.Struct, frozen=True):
    """What a recreated object cannot get back, though no payload shows it: `field`, if the backup's payload has `where`.

    The same holds for a live object that lacks `made_with` and is given it. `is_shown`: the payload of a live object shows that
    the thing is gone from it."""

    field: str
    reason: str
    where: str
    made_with: str = ""
    is_shown: bool = False


class Document(msgspec.Struct, frozen=True):
    """One document of the instance's settings: how it is read and written, and which of its fields are not.

    `schema` names its body in the specification. `login`: it says how people sign in. `unshown` are dotted paths that are not
    compared, because Looker computes them or another field or document has the same. `never` says by field why it is compared
    and not written, `away` why not on another instance. `whole`: it is sent with all its fields."""

    read: Call
    write: WriteCall | None = None
    schema: str = ""
    login: bool = False
    unshown: tuple[str, ...] = ()
    never: Mapping[str, str] = {}
    away: Mapping[str, str] = {}
    whole: bool = False


class Shown(msgspec.Struct, frozen=True):
    """Where else the members of a list are shown: each object of type `by` names in its `field` the owners of the lists it is in.

    Looker may also name there what an object has only through its groups: those in `through`, those around them, or what all
    these give in `gives`. An entry that can come from there proves nothing. `counted` lists how many members each list has, as
    `user_count`, which must agree."""

    by: str
    field: str
    through: str
    gives: str = ""
    counted: Call | None = None
    groups: str = "groups"
    above: str = "parent_group_ids"


class WriteFacts(msgspec.Struct, frozen=True):
    """How one type is written.

    `name` is that of its row, or of a nested type its own; `read` then reads one object by itself. `schema` names its body in the
    specification; `forced` are fields that the specification calls read-only and that are written all the same. `late` fields are
    written in the second pass, when everything that they name, or would set off, exists; `born` are the values of late fields
    with which objects are created. `undelete` is the PATCH that takes an object out of the trash. By field, a reason: `away` why
    its id means nothing on another instance, `fixed` why only a create can write it, `unsent` why it is compared and never
    written, `lasting` why it cannot be written once it has a value, `additions` why a value that the backup lacks stays unless
    the restore is exact. `shows` are the fields that tell what a create without an answer has made from another object of the
    same name. `recreated_differently` are the things that a recreated object gets as another one, or not at all. `label` is what
    people call nested objects. `joins` are the words for a row that is added to a list of members and removed from it, `row_text`
    those for the rest of a row; {0} is the row, {1} the list's owner. `filled`: Looker itself adds rows to the list when its
    owner is written with the fields `copying`. `protected_with_owner`: the list is protected if its owner is. `level_by` names
    the object whose depth counts for this one. `more_creates` are other operations that create one. `made_by_name`: Looker
    refuses a create that arrives twice. `sent_whole`: all fields are written, whichever differ. `in_order`: the order of a list's
    rows counts. `looked_at` is how many calls find out, right before an object is removed, what would be deleted with it.
    `names_in_trash`: an object in the trash still names others. `made_along` is the field that is true for the one that Looker
    makes with its owner, `made_with` the type of the sibling with which each is made and removed. `secrets` has by field the
    `type` of rows whose secret Looker takes and never shows. `permanent` objects can be written and not removed. `absent` says
    why a missing one cannot be created; that is a loss then, and blocks nothing. `irremovable` says why an exact restore leaves
    objects that the backup lacks. `serial` types are written one after the other; `level` orders a type's own hierarchy, parents
    first."""

    name: str = ""
    schema: str = ""
    read: Call | None = None
    create: WriteCall | None = None
    update: WriteCall | None = None
    delete: WriteCall | None = None
    writable: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    references: tuple[Ref, ...] = ()
    natural: tuple[NaturalKey, ...] = ()
    shows: tuple[str, ...] = ()
    protected: tuple[Protected, ...] = ()
    permanent: tuple[Protected, ...] = ()
    absent: str = ""
    collections: tuple[Collection, ...] = ()
    children: tuple[Child, ...] = ()
    late: tuple[str, ...] = ()
    born: Mapping[str, object] = {}
    away: Mapping[str, str] = {}
    fixed: Mapping[str, str] = {}
    unsent: Mapping[str, str] = {}
    lasting: Mapping[str, str] = {}
    additions: Mapping[str, str] = {}
    irremovable: str = ""
    recreated_differently: tuple[RecreatedDifferently, ...] = ()
    secrets: Mapping[str, tuple[str, ...]] = {}
    label: str = ""
    joins: tuple[str, str] | None = None
    row_text: str = ""
    filled: bool = False
    copying: Mapping[str, object] = {}
    protected_with_owner: bool = False
    level_by: Ref | None = None
    more_creates: tuple[str, ...] = ()
    made_by_name: bool = False
    sent_whole: bool = False
    in_order: bool = False
    looked_at: int = 0
    names_in_trash: bool = False
    made_along: str = ""
    made_with: str = ""
    undelete: Mapping[str, object] | None = None
    serial: bool = False
    level: str | None = None


class ContentType(msgspec.Struct, frozen=True):
    """How one content type is listed, read, named and completed.

    `listing`: `paged` walks limit and offset; `whole` is one call that returns everything; `targets` makes one call per entry of
    `targets_from`. With `many` such a call returns rows that are items; without, the answer itself is the item and the target is
    its id. `census` is the independent listing of ids that proves completeness; a part has none, its ids follow from what was
    captured. `by_id` reads one whole item; `unwrap` takes the only row of a list answer. `full_keys` are missing from a thin
    payload; such an item is read again by id. `by_folder` lists one folder, for captures that are narrowed to folders; the census
    then names the folder of each id. `proof` lists whole rows, except the fields in `proof_by`, each with the field that decides
    it: an object whose row equals the vault's is not read again. Types without `proof` are read whole each time, since
    `updated_at` need not move with every change; but a list that is `shown` elsewhere, equal to the vault's, is not read again.
    `exists` answers 404 if an object of an `unwrap` type is gone; an empty list does not say so. `has_slugs`: objects can also be
    read by a slug that payloads name beside the id. `linked`: objects are read if a payload names them. `immutable`: an object
    never changes under its id, so it is read once. `audited`: no listing proves an object unchanged; an incremental run reads it
    when its owner changed, or in its turn. `single`: there is one object for the whole instance, with the id `SINGLE`.
    `unsorted`: the listing takes limit and offset but no sorts: it is read in one call, and rows that a server leaves out of a
    long answer are looked for. `archive`: the type is kept to look things up in, and cannot be restored. If `list` may leave out
    objects that are switched off, `every_state` lists all of them on some releases, `other_states` list the rest, and `listed_on`
    has by type of content the call that lists those on one object. `poll` lists ids, with the time of the last change if Looker
    shows it. `since` is the first release that has the type. `only_here` says by field what nothing but Looker has where an object
    has no value in it: a note names those objects. `trash` is the type whose items are this type's trashed objects.
    `payload` is the schema of a payload, or of the rows of a list. The items of a type with `documents` are the answers of these
    calls, by their names. `optional`: a release may lack the type, or not serve it while a feature is off: a 403 or 404 is then a
    note and no hole. `nobody` are the words for a reference to no object of the type. `seen_by` is the type that says who may see
    an object. `holds_content`: others lie in its objects. `search` finds objects without fields that the listing shows.
    `in_lists`: objects are members of groups and roles. `census_too` are other types whose ids the census names. `volatile` are
    the paths that may differ between two payloads of an unchanged object; `writes` says how it is written, if it is."""

    name: str
    singular: str
    list: Call
    listing: Listing = "whole"
    by_id: Call | None = None
    unwrap: bool = False
    exists: Call | None = None
    census: Call | None = None
    census_paged: bool = False
    id_field: str = "id"
    name_fields: tuple[str, ...] = ("name",)
    sorts: str | None = None
    page_size: int = 500
    many: bool = True
    targets_from: str | None = None
    part_of: str | None = None
    full_keys: tuple[str, ...] = ()
    shape: Shape = "plain"
    proof: Call | None = None
    proof_by: Mapping[str, str] = {}
    shown: Shown | None = None
    restorable: bool = True
    lookml: bool | None = None
    by_folder: Call | None = None
    volatile: frozenset[str] = frozenset()
    nobody: str = "nothing"
    seen_by: str = ""
    holds_content: bool = False
    search: Call | None = None
    in_lists: bool = False
    census_too: tuple[str, ...] = ()
    single: bool = False
    trash: str | None = None
    payload: str = ""
    has_slugs: bool = False
    immutable: bool = False
    linked: bool = False
    audited: bool = False
    unsorted: bool = False
    archive: bool = False
    every_state: Call | None = None
    poll: Call | None = None
    other_states: tuple[Call, ...] = ()
    listed_on: Mapping[str, Call] = {}
    documents: Mapping[str, Document] = {}
    optional: bool = False
    only_here: Mapping[str, str] = {}
    since: str = ""
    writes: WriteFacts | None = None

    @property
    def is_part(self) -> bool:
        return self.part_of is not None

    @property
    def is_answer(self) -> bool:
        """Return whether an item is the whole answer of a call, without an id in it: its id is then the target asked for."""
        return bool(self.documents) or (self.is_part and not self.many)

    @property
    def is_chosen(self) -> bool:
        """Return whether an item is a choice of another object, whose id stands in the path of the write call."""
        update = self.writes.update if self.writes is not None else None
        return update is not None and "={id}" in update.path

    def call_of(self, item_id: str) -> Call | None:
        """Return the call that reads one whole item, None if there is none."""
        document = self.documents.get(item_id)
        return document.read if document is not None else self.by_id


def part(name: str, of: str, call: Call, **more: Any) -> ContentType:
    """Return the row of a part: one answer per `of` item, kept under the id of that item."""
    facts: dict[str, Any] = {
        "singular": name,
        "listing": "targets",
        "by_id": call,
        "many": False,
        "targets_from": of,
        "part_of": of,
        "name_fields": (),
        "page_size": 100,
    }
    return ContentType(name=name, list=call, **(facts | more))


def crud(singular: str, path: str, *, replace: str = "") -> dict[str, Any]:
    """Return the `create`, `update` and `delete` calls of a type; *replace* is the operation of an update that is a PUT."""
    verb: Verb = "PUT" if replace else "PATCH"
    return {
        "create": WriteCall(f"create_{singular}", "POST", path),
        "update": WriteCall(replace or f"update_{singular}", verb, path + "/{id}"),
        "delete": WriteCall(f"delete_{singular}", "DELETE", path + "/{id}"),
    }


def words(text: str) -> tuple[str, ...]:
    """Return the names in *text*, which are separated by spaces."""
    return tuple(text.split())


OWNER = Ref("user_id", "users", optional=True)


def within_query(path: str = "") -> tuple[Ref, ...]:
    """Return the references in a query's settings: colours, and content that its drills and custom fields link to."""
    at = f"{path}." if path else ""
    return (
        Ref(f"{at}vis_config", kind="colors"),
        Ref(f"{at}vis_config", kind="links"),
        Ref(f"{at}dynamic_fields", kind="links"),
    )
