"""What people see of a restore: the plan as a tree, the result by type, the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich.tree import Tree

from flows.cli.tables import console, print_table

STEPS_SHOWN = 40
FIELDS_SHOWN = 8
IDS_SHOWN = 5
UNCHANGED = "unchanged"
WORST_FIRST = {"failed": 0, "different": 1, "accepted_losses": 2}
MARKS = {"create": "+", "update": "~", "undelete": "↺", "remove": "-", "conflict": "!", "blocked": "✗", "skip": "·"}
COLUMNS = {
    "items": "total_items",
    "created": "created_count",
    "updated": "updated_count",
    "undeleted": "undeleted_count",
    "removed": "removed_count",
    "as it was": "skipped_count",
    "failed": "error_count",
}


def print_plan(plan: Any, headline: str, warnings: Iterable[str]) -> None:
    """Print what would be done, below its *headline*: what is written or in the way step by step, the rest as numbers."""
    out = console()
    tree, as_it_is = Tree(headline), []
    for name in dict.fromkeys(step.content_type for step in plan.steps):
        steps = plan.of(name, writing=False)
        told = [step for step in steps if step.action != "skip" or step.reason not in ("", UNCHANGED)]
        if told:
            _add_type(tree, name, told, len(steps) - len(told))
        else:
            as_it_is.append(f"{len(steps)} {name}")
    if as_it_is:
        tree.add(f"as in the backup: {', '.join(as_it_is)}")
    out.print(tree)
    for warning in warnings:
        out.print(f"warning: {warning}")


def _add_type(tree: Tree, name: str, told: Sequence[Any], same: int) -> None:
    """Add the steps of a type; of those that are left alone, one line a reason, behind all others."""
    actions = Counter(step.action for step in told)
    counts = [f"{actions[one]} {'left alone' if one == 'skip' else one}" for one in MARKS if actions[one]]
    branch = tree.add(f"{name}: {', '.join([*counts, *([f'{same} as in the backup'] if same else [])])}")
    for step in [step for step in told if step.action != "skip"][:STEPS_SHOWN]:
        _add_step(branch, step)
    if len(told) - actions["skip"] > STEPS_SHOWN:
        branch.add(f"… and {len(told) - actions['skip'] - STEPS_SHOWN} more; `--json` lists them all")
    alone: dict[tuple[str, Any], list[Any]] = {}
    for step in told:
        if step.action == "skip":
            alone.setdefault((step.reason, step.lost), []).append(step)
    for steps in list(alone.values())[:STEPS_SHOWN]:
        _add_left_alone(branch, steps)
    if len(alone) > STEPS_SHOWN:
        branch.add(f"… and more for {len(alone) - STEPS_SHOWN} other reasons; `--json` lists them all")


def _add_left_alone(branch: Tree, steps: Sequence[Any]) -> None:
    """Add one line for the *steps* that are left alone for one reason."""
    if len(steps) == 1:
        _add_step(branch, steps[0])
        return
    ids = ", ".join(step.id for step in steps[:IDS_SHOWN]) + (", …" if len(steps) > IDS_SHOWN else "")
    _add_losses(branch.add(f"{MARKS['skip']} {len(steps)} left alone: {ids} ({steps[0].reason})"), steps[0])


def _add_step(branch: Tree, step: Any) -> None:
    reason = f" ({step.reason})" if step.reason else ""
    node = branch.add(" ".join(filter(None, (MARKS[step.action], step.action, step.id, step.name))) + reason)
    if step.action == "blocked":  # nothing of it is written
        return
    for one in step.fields[:FIELDS_SHOWN]:
        node.add(str(one))
    if len(step.fields) > FIELDS_SHOWN:
        node.add(f"… and {len(step.fields) - FIELDS_SHOWN} more fields")
    _add_losses(node, step)


def _add_losses(node: Tree, step: Any) -> None:
    for path, why in step.lost:
        node.add(f"cannot be as in the backup: {path}: {why}")


def print_report(report: Any) -> None:
    """Print what was written and what the read-back proved."""
    columns = {heading: field for heading, field in COLUMNS.items() if _tells(report, field)}
    rows = [(name, *(getattr(counts, field) for field in columns.values())) for name, counts in report.types.items()]
    print_table(None, ("type", *columns), rows)
    proof, out = report.proof, console()
    out.print(
        f"\nrestore {report.session_id} is {report.status}: {report.summary.success_count:,} written, "
        f"{report.requests:,} requests, {report.duration_s:.1f} s"
    )
    out.print(
        f"read back: {len(proof.items):,} compared, {proof.count('identical'):,} identical, "
        f"{proof.count('accepted_losses'):,} with accepted losses, {proof.count('different'):,} different, "
        f"{proof.count('failed'):,} failed"
    )
    if report.stopped:
        out.print(f"stopped before the end: {report.stopped}")
    if report.removed:
        out.print(f"{report.removed:,} objects that the restore had made are removed again")
    _print_new_ids(report.new_ids)
    print_verdicts(proof)
    _print_not_tried(report.not_tried)
    for warning in report.warnings:
        out.print(f"warning: {warning}")
    if report.dead_letters:
        letters = "1 dead letter" if report.dead_letters == 1 else f"{report.dead_letters:,} dead letters"
        out.print(f"{letters}: `lookervault restore dlq list --session-id {report.session_id}`")
    if report.summary.success_count:
        out.print(f"To take it back: lookervault restore undo --session-id {report.session_id}")


def _tells(report: Any, field: str) -> bool:
    """Return whether a column has its place: a narrow terminal has none for what seldom happens and did not."""
    return field not in ("undeleted_count", "removed_count") or getattr(report.summary, field) > 0


def _print_new_ids(made: Sequence[Any]) -> None:
    rows = [(one.key.content_type, one.key.id, one.destination_id, one.name) for one in made]
    _print_first("made anew", ("type", "id", "new id", "name"), rows)


def print_verdicts(proof: Any) -> None:
    """Print what is not as in the backup, what failed first and what cannot be had last."""
    told = sorted((one for one in proof.items if one.verdict in WORST_FIRST), key=lambda one: WORST_FIRST[one.verdict])
    rows = [(one.verdict, one.key.content_type, one.key.id, one.name, _detail(one)) for one in told]
    _print_first("not identical", ("verdict", "type", "id", "name", "what"), rows)


def _print_first(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print as many rows as somebody may read, and how many there are beyond; nothing where there are none."""
    if rows:
        print_table(f"\n{title}", headings, rows[:STEPS_SHOWN])
    if len(rows) > STEPS_SHOWN:
        console().print(f"… and {len(rows) - STEPS_SHOWN} more; `--json` lists them all")


def _detail(one: Any) -> str:
    lost = [f"{path}: {why}" if path else why for path, why in one.lost]
    return "; ".join([*(str(field) for field in one.fields[:FIELDS_SHOWN]), *lost])


def _print_not_tried(steps: Sequence[Any]) -> None:
    rows = [(one.action, one.content_type, one.id, one.name, one.reason) for one in steps]
    _print_first("not tried", ("why", "type", "id", "name", "reason"), rows)


def print_progress(rows: Sequence[dict[str, Any]]) -> None:
    """Print restores with how far each type is."""
    if not rows:
        console().print("no restore has been made with this vault")
    for one in rows:
        spoke = ", ".join(map(str, one["snapshot_ids"]))
        source = f", from snapshot {spoke}" if spoke and not one["options"].get("undo_of") else ""
        console().print(f"{one['session_id']}  {one['status']}  {one['what']}{source}")
        name = f" (target {one['target']})" if one["options"].get("target") else ""
        console().print(
            f"  onto {one['options'].get('base_url', one['target'])}{name}, begun {one['started_at'][:16].replace('T', ' ')} UTC"
        )
        if one["cut_off"]:
            console().print(
                f"  cut off: no run goes on with it; `lookervault restore resume --session-id {one['session_id']}` does"
            )
        cells = [
            (p["content_type"], p["total"], p["success"], p["errors"], "yes" if p["done"] else "no")
            for p in one["progress"]
        ]
        if cells:
            print_table(None, ("type", "items", "written", "failed", "done"), cells)
