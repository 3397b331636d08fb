"""Names of alerts without a title, and what a schedule sends, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.diff.wording.words import Names, kind_of, named

_DELIVERED = {"dashboard_id": "dashboards", "look_id": "looks", "lookml_dashboard_id": "lookml_dashboards"}


def name_of_alert(alert: Mapping[str, Any]) -> str:
    """Return how an alert without a title is called: by what it watches."""
    watched = (alert.get("field") or {}).get("title") or ""
    return " ".join(filter(None, (watched, str(alert.get("comparison_type") or "").lower().replace("_", " "))))


def what_it_sends(names: Names, plan: Mapping[str, Any]) -> str:
    """Return in words what a schedule sends."""
    sent = [(kind, str(plan[field])) for field, kind in _DELIVERED.items() if plan.get(field)]
    return " ".join(f"of {kind_of(kind)} {named(kind, item_id, names, live=False)}" for kind, item_id in sent)
