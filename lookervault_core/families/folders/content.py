"""The fields that looks and dashboards have in common: both lie in folders and can be certified. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.diff.documents.doc import text_of

RENAMED = frozenset({"certification_metadata", "deleted"})


def in_folder(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of content to compare: `folder_id` instead of the nested folder, and the certification by itself."""
    folder_id = content.get("folder_id") or (content.get("folder") or {}).get("id")
    return {**content, "folder_id": text_of(folder_id) or None, "certification": certification(content)}


def certification(content: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the status and notes of a certification, without who gave it and when; None if the content is not certified."""
    seal = content.get("certification_metadata") or {}
    certified = seal.get("certification_status") == "certified"
    return {key: seal[key] for key in ("certification_status", "notes") if seal.get(key)} if certified else None
