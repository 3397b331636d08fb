"""The words in which the catalog says how a content type is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from lookervault_core.references import Ref

Verb = Literal["POST", "PATCH", "PUT", "DELETE"]


class WriteCall(msgspec.Struct, frozen=True):
    """One write operation; `{id}` and `{other}` in the path stand for ids."""

    operation: str
    verb: Verb
    path: str
    db_query: bool = False


class NaturalKey(msgspec.Struct, frozen=True):
    """Fields that tell one object from another without its id. `unique`: Looker itself refuses a second one; `in_trash`: also
    beside one that lies in the trash, and a new object can do without. `newborn`: they tell only what a create has just made,
    before it got what the other keys know it by. `ownerless`: without the owner, a user that this field names, they tell on
    another instance also what was given to somebody else, and on its own only what nobody has any more. `at_home` ones tell on the
    own instance only. Where both sides have the field `unless`, and not the same in it, they are two objects of one name."""

    fields: tuple[str, ...]
    unique: bool = True
    in_trash: bool = False
    newborn: bool = False
    ownerless: str = ""
    at_home: bool = False
    unless: str = ""


class Protected(msgspec.Struct, frozen=True):
    """Objects whose `field` equals `value` cannot be written; they still serve as what others refer to, and are compared.

    `takes` are the fields that Looker may take all the same: they are sent, and a refusal is a loss with the same reason. Those
    that are `passing` come and go by themselves, so that nobody misses one.
    """

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
    """Objects nested in a payload under `field`, which the parent's own write calls ignore."""

    field: str
    content_type: str


class Renewed(msgspec.Struct, frozen=True):
    """What an object that is made anew does not have as in the backup, and nothing that is read back shows: `field`, wherever the
    backup's payload has `where`; also where `made_with` is given to an object that is there and has none."""

    field: str
    reason: str
    where: str
    made_with: str = ""


class WriteFacts(msgspec.Struct, frozen=True):
    """How one type is written.

    `schema` names its body in the specification; `forced` are fields that it marks read-only and needs all the same.
    `late` fields are written in the second pass, after everything that they refer to or would set going exists.
    `born` is the state of a late field in which objects are made. `undelete` is the PATCH that takes an object out of the
    trash. `fixed` says by field why it cannot be written once the object exists, `unsent` why it is
    compared and never written, `lasting` why not once it
    has a value.
    `shows` are the fields by which what a create without an answer has made is told from another object of the same name.
    `additions` says by field why a value that the backup has not at all stays unless the restore is exact.
    `renewed` is what comes back as another one, or not at all, with an object that is made anew.
    `secrets` names by field the `type` of those rows in it whose secret Looker takes and never gives.
    `permanent` objects can be written and not removed.
    `irremovable` says why an exact restore leaves alone what the backup does not have.
    `serial` types are written one after the other; `level` orders a type's own hierarchy, parents first.
    """

    name: str
    schema: str = ""
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
    collections: tuple[Collection, ...] = ()
    children: tuple[Child, ...] = ()
    late: tuple[str, ...] = ()
    born: Mapping[str, object] = {}
    fixed: Mapping[str, str] = {}
    unsent: Mapping[str, str] = {}
    lasting: Mapping[str, str] = {}
    additions: Mapping[str, str] = {}
    irremovable: str = ""
    renewed: tuple[Renewed, ...] = ()
    secrets: Mapping[str, tuple[str, ...]] = {}
    undelete: Mapping[str, object] | None = None
    serial: bool = False
    level: str | None = None
