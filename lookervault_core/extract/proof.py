"""Find out by a listing alone which objects are still as the vault has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import ContentType
from lookervault_core.codec import same_but_for
from lookervault_core.errors import CodecError
from lookervault_core.extract.listing import proofs
from lookervault_core.looker.client import Looker
from lookervault_core.vault import Vault

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def proven(vault: Vault, looker: Looker, snapshot_id: int, row: ContentType) -> set[str]:
    """Return the ids of the objects whose row in the listing proves that the item in the base of *snapshot_id* is unchanged.

    Items from an export prove nothing: somebody may have edited fields that the row does not have.
    """
    of_looker = vault.base_ages(snapshot_id, row.name).keys()
    rows = {_id(row, raw): bytes(raw) for raw in proofs(looker, row)}
    return {
        item_id
        for item_id, payload in vault.base_payloads(snapshot_id, row.name)
        if item_id in of_looker and item_id in rows and says_all(rows[item_id], payload, row.proof_by, row.volatile)
    }


def says_all(listed: bytes, payload: bytes, decided_by: Mapping[str, str], volatile: frozenset[str]) -> bool:
    """Return whether *listed* proves that an object still is what *payload* says.

    Every field of either must be in both and equal, but for the volatile ones and those that another field decides: that
    one must have a value. A row that leaves anything else out proves nothing.
    """
    try:
        row, kept = _members.decode(listed), _members.decode(payload)
        if any(not _decides(row, kept, field, by) for field, by in decided_by.items()):
            return False
        left_out = volatile | decided_by.keys()
        if row.keys() - left_out != kept.keys() - left_out:
            return False
        return same_but_for(_without(row, left_out), _without(kept, left_out), volatile)
    except (msgspec.DecodeError, CodecError):
        return False


def _decides(row: Mapping[str, msgspec.Raw], kept: Mapping[str, msgspec.Raw], field: str, by: str) -> bool:
    """True if *kept* has what the deciding field of *row* stands for; that it is the same one is compared as a field."""
    return by in row and (field not in kept or _value(kept[field]) is not None or _value(row[by]) is None)


def _without(members: Mapping[str, msgspec.Raw], left_out: frozenset[str]) -> bytes:
    return msgspec.json.encode({name: value for name, value in members.items() if name not in left_out})


def _value(raw: msgspec.Raw) -> Any:
    return msgspec.json.decode(raw)


def _id(row: ContentType, raw: msgspec.Raw) -> str:
    return str(_value(_members.decode(raw)[row.id_field]))
