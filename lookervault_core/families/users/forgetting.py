"""Find and remove a person's data in payloads. Pure.

A person is known by e-mail addresses, names and ids that other systems gave. The user's own payloads keep what others refer to
(ids, groups, roles, folders), and nothing that says who the person is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.looking_up import PERSON
from lookervault_core.families.users.finding import anchor, finding, plain

FORGOTTEN = "(forgotten)"
# What of a user's own payload says nothing of who it is.
_KEPT = frozenset(
    {
        "id", "can", "group_ids", "role_ids", "home_folder_id", "personal_folder_id", "is_disabled", "is_service_account",
        "is_embed_user", "roles_externally_managed", "allow_direct_roles", "allow_normal_group_membership",
        "allow_roles_from_normal_groups", "can_manage_api3_creds", "presumed_looker_employee",
        "verified_looker_employee", "models_dir_validated", "embed_group_space_id", "embed_group_folder_id",
    }
)  # fmt: skip
_WHOLE, _PARTS = ("display_name", "service_account_name"), ("first_name", "last_name")
_CREATOR, _BY = "created_by_user_id", "created_by_"
_KNOWN_BY = (
    "external_user_id",
    "saml_user_id",
    "oidc_user_id",
    "google_user_id",
    "ldap_id",
    "ldap_dn",
    "workforce_user_id",
)
_SHORT = 5  # letters; a shorter name of one word is found in everything


class Traces(msgspec.Struct, frozen=True):
    """The texts that identify a person: those that are theirs `anywhere`, and `names`, which are theirs only where a field says
    whose they are, since others may have the same name."""

    user_id: str
    anywhere: tuple[str, ...]
    names: frozenset[str]
    parts: frozenset[str]

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """Return a pattern that finds the person's texts in other objects; None if there are none."""
        return finding(self.anywhere)

    def may_stand_in(self, text: str) -> bool:
        """Return whether *text*, which is folded, may contain a text or name of the person; a cheap first check."""
        needles = {*self.anywhere, *self.names, *self.parts}
        return any(anchor(one) in text for one in needles)


def traces_of(user_id: str, payloads: Iterable[Mapping[str, Any]]) -> Traces:
    """Return the texts that identify a user, from all versions of the user's payload."""
    anywhere, names, parts = set[str](), set[str](), set[str]()
    for payload in payloads:
        whole = _texts(payload, _WHOLE)
        names |= whole
        parts |= whole | _texts(payload, _PARTS)
        first, last = (plain(str(payload.get(field) or "")) for field in _PARTS)
        called = whole | ({f"{first} {last}", f"{last}, {first}"} if first and last else set())
        anywhere |= {one for one in called if " " in one and len(one) > _SHORT}
        anywhere |= {one for one in _known_by(payload) if len(one) > _SHORT}
    return Traces(user_id, tuple(sorted(anywhere)), frozenset(names), frozenset(parts))


def _texts(payload: Mapping[str, Any], fields: Iterable[str]) -> set[str]:
    return {text for field in fields if (text := plain(str(payload.get(field) or "")))}


def _known_by(value: Any, field: str = "") -> Iterator[str]:
    """Yield the addresses and the ids elsewhere that stand in a user's payload."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _known_by(below, str(key))
    elif isinstance(value, list):
        for below in value:
            yield from _known_by(below, field)
    elif isinstance(value, str) and (field == "email" or field in _KNOWN_BY):
        yield value.strip()


def is_own(content_type: str, item_id: str, user_id: str) -> bool:
    """Return whether an item is the user itself or a list that belongs to the user, as the attribute values."""
    row = CATALOG.get(content_type)
    return (
        item_id == user_id
        and row is not None
        and (content_type == PERSON or (row.is_answer and row.targets_from == PERSON))
    )


def redacted(content_type: str, item_id: str, payload: Any, traces: Traces) -> Any:
    """Return *payload* without the texts in *traces*; an equal payload if it has none."""
    if is_own(content_type, item_id, traces.user_id):
        return _own(payload)
    return _without(payload, traces, traces.pattern)


def _own(payload: Any) -> Any:
    """Return what is left of a payload that is all about the person."""
    if isinstance(payload, list):
        return [{**row, "value": None} if isinstance(row, Mapping) and "value" in row else row for row in payload]
    return {key: value if key in _KEPT else None for key, value in payload.items()}


def _without(value: Any, traces: Traces, pattern: re.Pattern[str] | None) -> Any:
    if isinstance(value, Mapping):
        about, by = _is_about(value, traces), _is_by(value, traces)
        return {
            key: _named(str(key), below, traces, pattern, about=about or (by and str(key).startswith(_BY)))
            for key, below in value.items()
        }
    if isinstance(value, list):
        return [_without(below, traces, pattern) for below in value]
    return pattern.sub(FORGOTTEN, value) if pattern and isinstance(value, str) else value


def _is_about(value: Mapping[str, Any], traces: Traces) -> bool:
    """Return whether an object is the person, as plans show who owns them."""
    return str(value.get("id")) == traces.user_id and ("first_name" in value or "display_name" in value)


def _is_by(value: Mapping[str, Any], traces: Traces) -> bool:
    """Return whether an object says who made it, and that is the person."""
    return str(value.get(_CREATOR)) == traces.user_id


def _tells_who(key: str) -> bool:
    return key.endswith("_name") or key in ("content_created_by", "name")


def _named(key: str, value: Any, traces: Traces, pattern: re.Pattern[str] | None, *, about: bool) -> Any:
    if isinstance(value, str) and plain(value) in (traces.parts if about else traces.names if _tells_who(key) else ()):
        return FORGOTTEN
    return None if about and key.startswith("avatar_url") else _without(value, traces, pattern)
