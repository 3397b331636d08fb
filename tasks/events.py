"""Events that a run sends to the Prefect server about a Looker instance; automations act on them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from prefect.events import emit_event

from lookervault_core.extract.report import ExtractReport
from tasks.server import recorded

COMPLETE, PARTIAL = "lookervault.snapshot.complete", "lookervault.snapshot.partial"
UNUSUAL = "lookervault.changes.unusual"
PROVEN = "lookervault.restore.proven"
STALE = "lookervault.vault.stale"


def resource_of(base_url: str) -> dict[str, str]:
    """Return an instance as the resource of an event: `lookervault.instance.example.cloud.looker.com`."""
    parts = urlsplit(base_url)
    place = f"{parts.hostname or 'unknown'}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"
    return {"prefect.resource.id": f"lookervault.instance.{place}", "prefect.resource.name": place}


def emit(event: str, base_url: str, payload: dict[str, Any]) -> None:
    """Emit *event* about an instance, unless the server has stopped answering. *payload* holds counts, our own ids and
    commands."""
    recorded(lambda: emit_event(event=event, resource=resource_of(base_url), payload=payload))


def emit_extraction(base_url: str, report: ExtractReport) -> None:
    """Emit an event that a snapshot is complete or partial, and one for its unusual signs."""
    counts = {
        name: sum(content_type[name] for content_type in report.types.values())
        for name in ("new", "changed", "deleted")
    }
    told = {"snapshot_id": report.snapshot_id, "session_id": report.session_id, "items": report.items} | counts
    if report.status in ("complete", "partial"):
        holes = {"holes": len(report.holes), "requests": report.requests, "duration_seconds": report.duration_seconds}
        emit(COMPLETE if report.status == "complete" else PARTIAL, base_url, told | holes)
    if report.unusual:
        shown = ("sign", "content_type", "count", "usual", "nights", "text", "look", "revert")
        signs = [{name: one[name] for name in shown} for one in report.unusual]
        text = "\n".join(f"{one['text']}: {one['look']}" for one in report.unusual)
        emit(UNUSUAL, base_url, {"snapshot_id": report.snapshot_id, "signs": signs, "text": text})
