"""LookML models, connections, user attributes and hubs that content needs and no restore of it makes.

Content without them can be written and shows errors, so they are warnings: the plan's reader decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import CONTENT, WRITES
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.references import find
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.families.models.connections import chosen
from lookervault_core.families.queries.unwritten import address_of, addresses
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live

# Liquid in filters, fields and links: {{ _user_attributes['region'] }}; inside a JSON string the quotes may be escaped.
_ATTRIBUTE = re.compile(rb"_user_attributes\[\s*\\*[\"'](\w+)\\*[\"']\s*\]")


def missing_needs(backup: Backup, live: Live, plan: Plan, *, same_instance: bool) -> tuple[str, ...]:
    """Return a warning for each model, connection, user attribute and action hub that the plan's objects need and the destination
    lacks, unless the plan makes it. Costs at most one listing of each kind. On its own instance only new objects are looked at:
    live ones have what they need, or show their errors already."""
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


def models_of(payload: Any) -> set[str]:
    """Return the names of the LookML models that the queries of a look or dashboard use."""
    tiles = [payload, *(payload.get("dashboard_elements") or ())]
    queries = (tile.get("query") or (tile.get("result_maker") or {}).get("query") or {} for tile in tiles)
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
