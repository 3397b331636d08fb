"""What the plan needs beyond itself: items that can come along, and LookML models, connections and attributes that cannot.

Content without the latter can be written and shows errors, so they are warnings: the plan's reader decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookervault_core.catalog import CONTENT, WRITES, lies_in_trash
from lookervault_core.diff.describe import called
from lookervault_core.diff.plan import Plan, Step
from lookervault_core.diff.references import find
from lookervault_core.diff.words import Names
from lookervault_core.documents import decode
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.models.connections import chosen
from lookervault_core.families.queries.unwritten import address_of, addresses
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live
from lookervault_core.restore.planning.selection import item_of, with_own_parts

# Liquid in filters, fields and links: {{ _user_attributes['region'] }}; inside a JSON string the quotes may be escaped.
_ATTRIBUTE = re.compile(rb"_user_attributes\[\s*\\*[\"'](\w+)\\*[\"']\s*\]")


def missing_needs(backup: Backup, live: Live, plan: Plan, *, same_instance: bool) -> tuple[str, ...]:
    """Return a warning for each model, connection, user attribute and action hub that what the plan writes needs and that is
    neither at the destination nor made by the plan. Costs at most one listing of each kind; on its own instance only what is
    made anew is looked at, for what is there has what it needs or shows its errors already."""
    models: Counter[str] = Counter()
    attributes: Counter[str] = Counter()
    for step in (step for name in CONTENT for step in plan.of(name)):
        if same_instance and step.action != "create":
            continue
        payload = backup.payload(step.content_type, step.id)
        models.update(models_of(decode(payload)))
        attributes.update({name.decode() for name in _ATTRIBUTE.findall(payload)})
    hubs = Counter[str]() if same_instance else _hubs_of(backup, (*plan.of("scheduled_plans"), *plan.of("alerts")))
    connections = _connections_of(backup, plan.of("lookml_models"), models)
    return (
        *_absent(models, lambda: _names(live, "lookml_models") | {step.id for step in plan.of("lookml_models")},
                 "the model {} is not there: {} of the objects to restore would show errors; deploy its LookML first"),
        *_absent(connections, lambda: _names(live, "connections") | {step.id for step in plan.of("connections")},
                 "the connection {} is not there: {} of the models to be used cannot run a query; "
                 + ("`lookervault restore bulk connections` makes it, without its password" if same_instance else
                    "create it first, a backup has no passwords")),
        *_absent(attributes, lambda: _names(live, "user_attributes") | _made(backup, plan.of("user_attributes")),
                 "the user attribute {} is not there: {} of the objects to restore filter by it; restore user_attributes too"),
        *_absent(hubs, lambda: addresses(live),
                 "the action hub {} is not there: {} of the plans and alerts to restore send through it; add it in Looker first"),
    )  # fmt: skip


def in_trash(backup: Backup, destination: Destination, plan: Plan) -> dict[ContentKey, list[ContentKey]]:
    """Return, by what the plan makes or takes out of the trash, the dashboards and looks named in it that lie in the trash and did
    not when they were backed up."""
    named = {
        step.key: [one for one in destination.checked(backup.wanted(step.key)) if one.content_type in CONTENT]
        for step in plan.steps
        if step.action in ("create", "undelete")
    }
    comes = {step.key for step in plan.steps}
    asked = {one for ones in named.values() for one in ones if backup.has(one.content_type, one.id)} - comes
    for name in CONTENT:
        destination.read(name, [one.id for one in asked if one.content_type == name])
    trashed = {one for one in asked if _is_trashed_since(backup, destination, one)}
    found = {key: [one for one in ones if one in trashed] for key, ones in named.items()}
    return {key: ones for key, ones in found.items() if ones}


def _is_trashed_since(backup: Backup, destination: Destination, key: ContentKey) -> bool:
    try:
        wanted = backup.wanted(key)
    except (BlobDamaged, CodecError):
        return False
    found = destination.find(wanted)
    return found is not None and found.trashed and not lies_in_trash(wanted.decoded)


def told_of_trash(trashed: Mapping[ContentKey, Sequence[ContentKey]], names: Names) -> Iterator[str]:
    """Yield a warning for each object with something in it that lies in the trash."""
    for key, ones in trashed.items():
        shown = ", ".join(called(one.content_type, one.id, names) for one in ones)
        whole = called(key.content_type, key.id, names)
        yield f"{whole}: what it shows lies in the trash ({shown}); restore that too, or use --with-dependencies"


def models_of(payload: Any) -> set[str]:
    """Return the LookML models that a look or dashboard asks."""
    tiles = [payload, *(payload.get("dashboard_elements") or ())]
    queries = (one.get("query") or (one.get("result_maker") or {}).get("query") or {} for one in tiles)
    return {str(query["model"]) for query in queries if isinstance(query, Mapping) and query.get("model")}


def _connections_of(backup: Backup, written: tuple[Step, ...], models: Counter[str]) -> Counter[str]:
    """Count the connections that the models in use may query, as the backup has their configuration."""
    used = {step.id for step in written} | set(models)
    found: Counter[str] = Counter()
    for name in used:
        model = chosen(backup.readable("lookml_models", name) or {})
        found.update(set(model.get("allowed_db_connection_names") or ()))
    return found


def _hubs_of(backup: Backup, written: tuple[Step, ...]) -> Counter[str]:
    """Count the action hubs that plans and alerts send through, by their addresses, as far as the backup has those."""
    found: Counter[str] = Counter()
    for step in written:
        refs = [ref for ref in WRITES[step.content_type].references if ref.kind == "hub" or ref.to == "integrations"]
        named = find(backup.decoded(step.content_type, step.id), refs)
        found.update({address_of(backup, one.id.partition("::")[0]) or "" for one in named})
    del found[""]
    return found


def _absent(needed: Counter[str], known: Any, text: str) -> list[str]:
    if not needed:
        return []
    there = known()
    return [text.format(name, count) for name, count in sorted(needed.items()) if name not in there]


def _names(live: Live, content_type: str) -> set[str]:
    rows = live.rows(content_type)
    if content_type != "user_attributes":
        return set(rows)
    return {str(decode(body or live.read(content_type, one) or b"{}").get("name")) for one, body in rows.items()}


def _made(backup: Backup, steps: tuple[Step, ...]) -> set[str]:
    return {str((backup.decoded("user_attributes", step.id) or {}).get("name")) for step in steps}


def dependencies(destination: Destination, plan: Plan, asked: set[ContentKey]) -> list[ContentKey]:
    """Return items of the backup that steps of *plan* need and that nobody has *asked* for yet."""
    backup = destination.backup
    needed = {item_of(backup, key) for step in plan.steps for key in step.needs}
    needed |= {key for keys in in_trash(backup, destination, plan).values() for key in keys}
    items = [key for key in needed if key is not None and key.content_type in WRITES]
    folders = (key.id for key in items if key.content_type == "folders")
    owners = {backup.owner_of_personal_folder(one) for one in folders}
    items += [ContentKey("users", one) for one in owners if one is not None]
    return sorted({part for key in items for part in with_own_parts(backup, key)} - asked)
