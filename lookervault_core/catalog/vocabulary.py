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

    `schema` names its body in the specification. `login` documents say how people sign in. `unshown` are dotted paths that are not
    compared: what Looker works out, and what another field or document says as well. `never` says by field why it is compared and
    not written, `away` why not on another instance. `whole` is sent with all its fields.
    """

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

    `name` is that of the row it stands in, or for what is nested in others its own; `read` then reads one by itself.
    `schema` names its body in the specification; `forced` are fields that it marks read-only and needs all the same.
    `late` fields are written in the second pass, after everything that they refer to or would set going exists.
    `born` is the state of a late field in which objects are made. `undelete` is the PATCH that takes an object out of the
    trash. `away` says by field why the id in it names nothing on another instance, `fixed` why it cannot be written once the
    object exists, `unsent` why it is compared and never written, `lasting` why not once it has a value.
    `shows` are the fields by which what a create without an answer has made is distinguished from another object of the same name.
    `additions` says by field why a value that the backup has not at all stays unless the restore is exact.
    `recreated_differently` is what comes back as another one, or not at all, with an object that is made anew.
    `label` is what people call nested objects. `joins` says how a row of a list that makes somebody belong somewhere comes and
    goes, `row_text` the rest of a row; {0} is the row, {1} the list's owner.
    A list that is `filled` gets rows from Looker itself where what it belongs to is written
    with `copying`.
    A `protected_with_owner` list is protected with what it belongs to. `level_by` names the object in whose hierarchy one stands.
    `more_creates` are operations that make one beside `create`. Of what is `made_by_name` a create that arrives twice is refused.
    An object that is `sent_whole` is written with all its fields, whatever differs; of a list `in_order` the order counts.
    `looked_at` is how many calls look, right before one is removed, for what would go with it.
    What `names_in_trash` goes on naming others while it lies there.
    `made_along` is the field that tells which one of them Looker makes by itself together with the owner, `made_with` the type of
    sibling that each comes and goes with.
    `secrets` names by field the `type` of those rows in it whose secret Looker takes and never gives.
    `permanent` objects can be written and not removed. `absent` says why one that is not there cannot be made, where nobody need
    be stopped by that: it is a loss then.
    `irremovable` says why an exact restore leaves alone what the backup does not have.
    `serial` types are written one after the other; `level` orders a type's own hierarchy, parents first.
    """

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

    `listing`: `paged` walks limit and offset; `whole` is one call that returns everything; `targets` makes one call per
    entry of `targets_from`. With `many` such a call returns rows that are items; without, the answer itself is the item and
    the target is its id. `census` is the independent listing of ids that proves completeness; a part has none, its ids
    follow from what was captured. `by_id` reads one whole item; `unwrap` takes the only row of a list answer.
    `full_keys` are missing from a thin payload; such an item is read again by id. `by_folder` lists one folder, for
    captures that are narrowed to folders; the census then names the folder of each id. `proof` lists whole rows, but for
    the fields that `proof_by` names with the field that decides each: an object whose row is as the vault has it is not
    read again. Types without one are read whole each time: nothing says that updated_at moves with every change. A list that
    is `shown` elsewhere as the vault has it is not read again either.
    `exists` tells by its 404 that an object of an `unwrap` type is gone, which an empty list does not.
    What `has_slugs` is also shown under the slug that names it beside its number.
    What is `linked` is read for the payloads that name it.
    Nothing changes an `immutable` one under its id: what was read once is not read again.
    No listing proves an `audited` one unchanged: an incremental run reads it when what it belongs to changed, or in its turn.
    Of a `single` part there is one for the whole instance; its id is `SINGLE`. An `unsorted` listing takes limit and offset but
    no sorts: it is asked for in one call, and what a server leaves out of a long one is looked for. An `archive` is kept to look
    things up in: nothing of it can ever be restored. Of a type whose `list` may leave out what is switched off, `every_state`
    lists all of it where a release has it, `other_states` the rest where another parameter does, and `listed_on` says by type
    of content which call names what is on one object of it. `poll` lists ids, and when each was changed where Looker says it.
    `since` is the first release that has a type; none before it is asked for it.
    What lies in the `trash` of a type is listed as another one. `payload` is the schema of what is read, or of the rows of a list.
    The items of a type with `documents` are the answers of these calls, each under the name that it has there. What is `optional`
    a release may lack, or not serve while a feature is off: a 403 or 404 is then noted and no hole.
    `nobody` is what a field is said to name that names none of them.
    `seen_by` is the type of what says who may see an object. A type that `holds_content` is what others lie in. `search` lists one
    without what its own listing shows; those `in_lists` are members of groups and roles. The census names objects `census_too`.
    `volatile` are the paths of what may differ between two payloads of an object that has not changed; `writes` says how it is
    written, where it can be.
    """

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
        """Return whether an item is which other object was chosen: the path of its write names that one."""
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
    """Return what the settings of a query name: colours, and content that its drills and custom fields link to."""
    at = f"{path}." if path else ""
    return (
        Ref(f"{at}vis_config", kind="colors"),
        Ref(f"{at}vis_config", kind="links"),
        Ref(f"{at}dynamic_fields", kind="links"),
    )
