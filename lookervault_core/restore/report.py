"""A restore's plan and its result as plain documents: what `--json` prints and what the Prefect UI shows; what a plan takes, and
whether it is still the one that somebody agreed to."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, CONTENT, WRITES, restore_order
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.families.delivery import switching
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.outcome import Counts, Proof, Report
from lookervault_core.restore.backup import Backup, in_words, read_at, sources
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.vault.restoring import restorations
from lookervault_core.vault.restoring.restorations import Restoration

NAMED = 3
PlanRows = list[dict[str, Any]]
OUTDATED = "Looker has changed since the plan was shown; nothing was written. Plan again"


def plan_rows(plan: Plan) -> PlanRows:
    """Return one row per step; `fields` are the differing fields, raw (`old`, `new`) and in words (`text`)."""
    return [
        {
            "content_type": step.content_type,
            "id": step.id,
            "name": step.name,
            "action": step.action,
            "where": step.where,
            "fields": [
                {"path": field.path, "old": _plain(field.old), "new": _plain(field.new), "text": str(field)}
                for field in step.fields
            ],
            "reason": step.reason,
            "lost": [{"path": path, "reason": why} for path, why in step.lost],
        }
        for step in plan.steps
    ]


def session_document(session: Restoration) -> dict[str, Any]:
    """Return an entry of the list of restores; `what` says in words what it was to bring back."""
    return msgspec.to_builtins(session) | {
        "what": _what(session),
        "snapshot_ids": sorted(restorations.sources(session)),
    }


def _what(session: Restoration) -> str:
    if session.options.get("revert_of"):
        return f"revert of {', '.join(session.options['revert_of'])}"
    if session.options.get("handed_over"):
        return f"offboarding of user {' to user '.join(session.options['handed_over'])}"
    if session.options.get("undo_of"):
        return f"undo of {session.options['undo_of']}"
    asked = msgspec.convert(session.selection, Selection)
    named = [*(f"folder {folder}" for folder in asked.folders), *map(str, (*asked.keys, *asked.deletions))]
    named += ["all"] if asked.types == restore_order() else asked.types
    more = [f"and {len(named) - NAMED} more"] if len(named) > NAMED else []
    only = [f"only {' '.join(asked.only)}"] if asked.only else []
    without = [f"without {' '.join(asked.exclude)}"] if asked.exclude else []
    return ", ".join([*named[:NAMED], *more, *only, *without])


def onto(run: RestoreRun) -> str:
    """Return the destination in words: its address, and the name of the target if it is one."""
    target = run.options.target
    return run.looker.connection.base_url + (f" (target {target})" if target else "")


def headline(run: RestoreRun) -> str:
    """Return in one line where a plan writes to, what the objects come from and what it takes."""
    plan = run.plan()
    actions = ", ".join(f"{count} {action}" for action, count in sorted(plan.actions.items()))
    return f"plan onto {onto(run)}, from {_source(run)}: {actions or 'nothing'}; {estimate(run)}"


def estimate(run: RestoreRun) -> Estimate:
    """Return the estimate of calls and time for a restore whose plan was just made."""
    return estimated(run.plan(), run.backup, run.planned_with, run.looker.limiter.per_second)


def _source(run: RestoreRun) -> str:
    if run.options.revert_of:
        return f"what is there now without change {', '.join(run.options.revert_of)}"
    if run.options.handed_over:
        return f"what is there now, of user {' to user '.join(run.options.handed_over)}"
    if run.options.undo_of:
        return f"the state before restore {run.options.undo_of}"
    return in_words(run.backup, (step.content_type for step in run.plan().steps)) or "the vault"


def _sources(run: RestoreRun, plan: Plan) -> list[dict[str, Any]]:
    """Return the snapshots that a plan takes from; those of what is taken back are none."""
    if run.options.undo_of or run.options.from_now:
        return []
    return sources(run.backup, (step.content_type for step in plan.steps))


def planned_document(run: RestoreRun, plan: Plan) -> dict[str, Any]:
    """Return the document of a dry run: the plan and what it takes."""
    cost = estimate(run)
    types = {name: _planned(plan.of(name, writing=False)) for name in dict.fromkeys(s.content_type for s in plan.steps)}
    return {
        "session_id": run.session_id,
        "status": "planned",
        "base_url": run.looker.connection.base_url,
        "target": run.options.target,
        "summary": _planned(plan.steps) | {"duration_seconds": 0.0, "average_throughput": 0.0},
        "types": types,
        "plan": [
            row | {"read_at": read_at(run.backup, step.key)}
            for row, step in zip(plan_rows(plan), plan.steps, strict=True)
        ],
        "calls": cost.calls,
        "calls_to_write": cost.write,
        "seconds_at_limit": round(cost.seconds),
        "sources": []
        if run.options.undo_of or run.options.from_now
        else sources(run.backup, (step.content_type for step in plan.steps)),
        "warnings": list(run.planner.warnings),
        "deliveries": _deliveries(run, plan),
        "dead_letters": 0,
        "verified": _verified(Proof()),
        "requests": run.looker.requests,
    }


def _deliveries(run: RestoreRun, plan: Plan) -> dict[str, Any]:
    """Return which plans and alerts would be switched on, and which would stay off although they were on."""
    found = {"switched_on": switching.switched_on(plan, run.backup), "left_off": switching.left_off(plan)}
    rows = {
        name: [{"content_type": step.content_type, "id": step.id, "name": step.name} for step in steps]
        for name, steps in found.items()
    }
    return {"mode": run.options.delivers} | rows


def _planned(steps: tuple[Step, ...]) -> dict[str, Any]:
    counts = {
        action: sum(step.action == action for step in steps) for action in ("create", "update", "undelete", "remove")
    }
    return {
        "total_items": len(steps),
        "success_count": 0,
        "created_count": counts["create"],
        "updated_count": counts["update"],
        "undeleted_count": counts["undelete"],
        "skipped_count": sum(step.action in ("skip", "conflict") for step in steps),
        "error_count": sum(step.action == "blocked" for step in steps),
        "removed_count": counts["remove"],
    }


def references(run: RestoreRun) -> list[ContentKey]:
    """Return the objects outside the plan that its items name, of items that are not blocked; the plan made sure that they
    exist."""
    plan = run.plan()
    named = {
        key
        for step in plan.steps
        if step.action != "blocked" and run.backup.has(step.content_type, step.id)
        for key in run.destination.checked(run.backup.wanted(step.key))
    }
    return sorted(named - {step.key for step in plan.steps})


def report_document(report: Report) -> dict[str, Any]:
    """Return the document of a finished restore."""
    seconds = report.duration_s
    rate = report.summary.success_count / seconds if seconds > 0 else 0.0
    return {
        "session_id": report.session_id,
        "status": report.status,
        "summary": _counts(report.summary)
        | {"duration_seconds": round(seconds, 3), "average_throughput": round(rate, 2)},
        "types": {name: _counts(one) for name, one in report.types.items()},
        "dead_letters": report.dead_letters,
        "verified": _verified(report.proof),
        "not_restored": not_restored(report.proof),
        "not_tried": not_tried(report),
        "new_ids": new_ids(report),
        "accepted_losses": losses(report.proof),
        "requests": report.requests,
        "writes": report.writes,
        "removed": report.removed,
        "trashed": [
            {"content_type": one.key.content_type, "id": one.key.id, "name": one.name} for one in report.trashed
        ],
        "followed": [
            {"content_type": one.content_type, "id": one.id, "name": one.name, "reason": one.reason}
            for one in report.followed
        ],
        "undo_snapshot_id": report.undo_snapshot_id,
        "warnings": list(report.warnings),
        "stopped": report.stopped,
    }


def _counts(counts: Counts) -> dict[str, int]:
    return msgspec.to_builtins(counts) | {"success_count": counts.success_count}


def _verified(proof: Proof) -> dict[str, int]:
    return {
        "checked": len(proof.items),
        "equal": proof.count("identical"),
        "accepted_losses": proof.count("accepted_losses"),
        "different": proof.count("different"),
        "failed": proof.count("failed"),
    }


def not_restored(proof: Proof) -> list[dict[str, Any]]:
    """Return the items that the proof found different, or that could not be written, with the fields or the reason."""
    return [
        {
            "content_type": item.key.content_type,
            "id": item.key.id,
            "name": item.name,
            "verdict": item.verdict,
            "detail": "; ".join([*(str(field) for field in item.fields), *(_loss(*pair) for pair in item.lost)]),
        }
        for item in proof.items
        if item.verdict in ("different", "failed")
    ]


def not_tried(report: Report) -> list[dict[str, Any]]:
    """Return the items that were blocked, or left alone because they changed since the backup, with the reason."""
    return [
        {name: getattr(step, name) for name in ("content_type", "id", "name", "action", "reason")}
        for step in report.not_tried
    ]


def new_ids(report: Report) -> list[dict[str, str]]:
    """Return the recreated objects with their new ids."""
    return [
        {
            "content_type": item_id.key.content_type,
            "id": item_id.key.id,
            "name": item_id.name,
            "destination_id": item_id.destination_id,
        }
        for item_id in report.new_ids
    ]


def losses(proof: Proof) -> list[dict[str, Any]]:
    """Return what cannot be as in the backup, field by field, with the reason."""
    return [
        {"content_type": item.key.content_type, "id": item.key.id, "name": item.name, "field": field, "reason": reason}
        for item in proof.items
        if item.verdict == "accepted_losses"
        for field, reason in item.lost
    ]


def _loss(field: str, reason: str) -> str:
    return f"{field}: {reason}" if field else reason


def _plain(value: Any) -> Any:
    """Return a value without the raw JSON that stands for fractions and labels in it."""
    return msgspec.json.decode(msgspec.json.encode(value))


_encoder = msgspec.json.Encoder(order="sorted")
# What only helps people to read it.
_WORDS = frozenset({"text", "where"})


def digest(plan: Plan) -> str:
    """Return a SHA-256 in hex that plans share which write the same; neither the order of steps nor the wording counts."""
    return sha256(b"\n".join(sorted(map(_form, plan_rows(plan))))).hexdigest()


def is_as_agreed(plan: Plan, agreed_on: str | None) -> bool:
    """Return whether a plan has the digest *agreed_on*; always true if that is None, because nobody was asked."""
    return agreed_on is None or digest(plan) == agreed_on


def _form(row: dict[str, Any]) -> bytes:
    return _encoder.encode(_wordless(row) | {"fields": _sorted(row["fields"]), "lost": _sorted(row["lost"])})


def _sorted(entries: list[dict[str, Any]]) -> list[bytes]:
    return sorted(_encoder.encode(_wordless(entry)) for entry in entries)


def _wordless(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in _WORDS}


# Queries behind tiles are read back one by one. A plan does not say how many there are; of the writes they are about so many.
_READ_BACK = 0.15


class Estimate(msgspec.Struct, frozen=True):
    """Calls of a restore: those of its `plan`, to `write`, and to `read` again before and after that. `per_second` is the limit."""

    plan: int
    write: int
    read: int
    per_second: float = 0.0

    @property
    def calls(self) -> int:
        return self.plan + self.write + self.read

    @property
    def seconds(self) -> float:
        """Return the seconds that the calls take at the rate limit; 0 without a limit."""
        return self.calls / self.per_second if self.per_second else 0.0

    def __str__(self) -> str:
        if not self.write:
            return "nothing to write"
        told = f"about {self.calls:,} calls, {self.write:,} of them to write"
        return f"{told}; {spoken(self.seconds)} at the limit of {self.per_second:g} a second" if self.seconds else told


def estimated(plan: Plan, backup: Backup, plan_calls: int, per_second: float) -> Estimate:
    """Return the calls of *plan* until it is carried out and proven; *plan_calls* made it and will be made once more."""
    if not plan.changes_anything:
        return Estimate(plan_calls, 0, 0, per_second)
    read = sum(_reads(name, plan.of(name), backup) for name in plan.types())
    read += round(_READ_BACK * plan.calls) + sum(1 + WRITES[step.content_type].looked_at for step in plan.removals)
    return Estimate(plan_calls, plan.calls, read, per_second)


def _reads(name: str, steps: tuple[Step, ...], backup: Backup) -> int:
    """Return the calls that look at the objects of a type right before they are written, where they are there, and afterwards."""
    there = sum(step.destination_id is not None for step in steps)
    unlisted = sum(step.action in ("create", "undelete") for step in steps) if name in CONTENT else 0
    return _calls_for(name, there, backup) + _calls_for(name, len(steps), backup) + unlisted


def _calls_for(name: str, count: int, backup: Backup) -> int:
    """Return what it takes to read so many objects: one by one, or by the whole listing with its empty last page."""
    row = CATALOG[name]
    if row.is_part or not count:
        return count
    paged = row.listing == "paged" or row.census_paged or name in CONTENT
    pages = 2 + len(backup.rows(name)) // row.page_size if paged else 1
    return min(count, pages * (2 if name in CONTENT else 1))  # content is listed, and its trash


def spoken(seconds: float) -> str:
    """Return a duration as people say it: `40 s`, `12 min`, `1 h 5 min`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
