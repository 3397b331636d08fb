"""The dashboard filters that an alert applies. Pure."""

from __future__ import annotations

from typing import Any

APPLIED = "applied_dashboard_filters"
UNTITLED = "its filter has no title, and Looker takes no such entry (422): look at what the alert measures"


def without_untitled(wanted: Any, live: Any) -> tuple[Any, dict[str, str]]:
    """Return the applied filters that can be sent, and the losses by path. Looker shows filters with a blank title and refuses
    them: those that the live alert has stay, others are lost."""
    if not isinstance(wanted, list) or wanted == live:
        return wanted, {}
    standing = iter([entry for entry in live or () if not _is_titled(entry)])
    kept = [entry if _is_titled(entry) else next(standing, None) for entry in wanted]
    lost = {f"{APPLIED}[{number}]": UNTITLED for number, entry in enumerate(wanted) if not _is_titled(entry)}
    return [entry for entry in kept if entry is not None], lost


def _is_titled(entry: Any) -> bool:
    return not isinstance(entry, dict) or bool(str(entry.get("filter_title") or "").strip())
