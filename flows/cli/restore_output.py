"""Print a restore: the plan as a tree, the result by type, the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flows.cli.printing import console
from flows.cli.tables import print_table
from lookervault_core.catalog import CATALOG
from lookervault_core.diff.wording.words import titled

if TYPE_CHECKING:
    from rich.tree import Tree

STEPS_SHOWN = 40
FIELDS_SHOWN = 8
IDS_SHOWN = 5
ALL_OF_THEM = "--verbose and `--json` show all of them"
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


def print_plan(plan: Any, headline: str, warnings: Iterable[str], *, verbose: bool = False) -> None:
    """Print a plan below its *headline*: each step that writes, the blocked ones by their cause, the rest as numbers. With
    *verbose* nothing is cut and every step has a line."""
    from rich.tree import Tree

    out = console()
    tree, as_it_is = Tree(headline), {}
    for name in dict.fromkeys(step.content_type for step in plan.steps):
        steps = plan.of(name, writing=False)
        told = [step for step in steps if step.is_told]
        if told:
            _add_type(tree, name, told, len(steps) - len(told), verbose=verbose)
        else:
            as_it_is[name] = len(steps)
    _add_blocked(tree, [] if verbose else [step for step in plan.steps if step.action == "blocked"])
    if as_it_is:
        tree.add(f"as in the backup: {', '.join(_untold(as_it_is, verbose=verbose))}")
    out.print(tree)
    for warning in warnings:
        out.print(f"warning: {warning}")


def _untold(counts: Mapping[str, int], *, verbose: bool) -> Iterator[str]:
    """Yield how many objects of each type are as in the backup; lists that belong to other objects together, without *verbose*."""
    parts = set() if verbose else {name for name in counts if CATALOG[name].is_part}
    yield from (f"{count} {name}" for name, count in counts.items() if name not in parts)
    if parts:
        yield f"and {sum(counts[name] for name in parts)} lists that belong to objects: members, access, values"


def _add_type(tree: Tree, name: str, told: Sequence[Any], same: int, *, verbose: bool) -> None:
    """Add the steps of a type; of those that are left alone, one line a reason, behind all others. What is blocked has a place of
    its own."""
    actions, most = Counter(step.action for step in told), len(told) if verbose else STEPS_SHOWN
    counts = [f"{actions[one]} {'left alone' if one == 'skip' else one}" for one in MARKS if actions[one]]
    branch = tree.add(f"{name}: {', '.join([*counts, *([f'{same} as in the backup'] if same else [])])}")
    elsewhere = {"skip"} if verbose else {"skip", "blocked"}
    shown = [step for step in told if step.action not in elsewhere]
    for step in shown[:most]:
        _add_step(branch, step, verbose=verbose)
    if len(shown) > most:
        branch.add(f"… and {len(shown) - most} more; {ALL_OF_THEM}")
    alone: dict[tuple[str, Any], list[Any]] = {}
    for step in told:
        if step.action == "skip":
            alone.setdefault((step.reason, step.lost), []).append(step)
    for steps in list(alone.values())[:most]:
        _add_left_alone(branch, steps)
    if len(alone) > most:
        branch.add(f"… and more for {len(alone) - most} other reasons; {ALL_OF_THEM}")


def _add_blocked(tree: Tree, blocked: Sequence[Any]) -> None:
    """Add what is in the way, one line a cause, the one that blocks most first, and examples of what it blocks."""
    causes = by_cause(blocked)
    if not causes:
        return
    branch = tree.add(f"blocked, nothing of it is written: {len(blocked)}")
    for reason, steps in causes[:STEPS_SHOWN]:
        node = branch.add(f"{MARKS['blocked']} {_counted(steps)}: {reason}")
        for name, ones in _by_type(steps).items():
            node.add(f"{name}: {_examples(ones)}")
    if len(causes) > STEPS_SHOWN:
        branch.add(f"… and {len(causes) - STEPS_SHOWN} other causes; {ALL_OF_THEM}")


def by_cause(steps: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Return pairs of a reason and the steps that have it, the most frequent reason first."""
    found: dict[str, list[Any]] = {}
    for step in steps:
        found.setdefault(step.reason, []).append(step)
    return sorted(found.items(), key=lambda cause: -len(cause[1]))


def _by_type(steps: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for step in steps:
        found.setdefault(step.content_type, []).append(step)
    return found


def _counted(steps: Sequence[Any]) -> str:
    return "1 object" if len(steps) == 1 else f"{len(steps)} objects"


def _add_left_alone(branch: Tree, steps: Sequence[Any]) -> None:
    """Add one line for the *steps* that are left alone for one reason."""
    if len(steps) == 1:
        _add_step(branch, steps[0])
        return
    _add_losses(
        branch.add(f"{MARKS['skip']} {len(steps)} left alone: {_examples(steps)} ({steps[0].reason})"), steps[0]
    )


def _examples(steps: Sequence[Any]) -> str:
    """Return the first of *steps* by name."""
    named = ", ".join(titled(step.id, step.name) for step in steps[:IDS_SHOWN])
    return named + (", …" if len(steps) > IDS_SHOWN else "")


def _add_step(branch: Tree, step: Any, *, verbose: bool = False) -> None:
    reason = f" ({step.reason})" if step.reason else ""
    node = branch.add(f"{MARKS[step.action]} {step.action} {titled(step.id, step.name, step.where)}{reason}")
    if step.action == "blocked":  # nothing of it is written
        return
    most = len(step.fields) if verbose else FIELDS_SHOWN
    for one in step.fields[:most]:
        node.add(str(one))
    if len(step.fields) > most:
        node.add(f"… and {len(step.fields) - most} more fields")
    _add_losses(node, step)


def _add_losses(node: Tree, step: Any) -> None:
    for path, why in step.lost:
        node.add(f"cannot be as in the backup: {path}: {why}")


def print_report(report: Any, *, verbose: bool = False) -> None:
    """Print the report of a restore: what was written, and the verdicts of the proof; with *verbose* no list is cut."""
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
        out.print("1 object is removed" if report.removed == 1 else f"{report.removed:,} objects are removed")
    rows = [(one.key.content_type, one.key.id, one.name) for one in report.trashed]
    _print_first("removed into the trash", ("type", "id", "name"), rows, verbose=verbose)
    _print_new_ids(report.new_ids, verbose=verbose)
    rows = [(one.content_type, one.id, one.name, one.reason) for one in report.followed]
    _print_first("written too, for what it names", ("type", "id", "name", "why"), rows, verbose=verbose)
    print_verdicts(proof, verbose=verbose)
    _print_not_tried(report.not_tried, verbose=verbose)
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


def _print_new_ids(made: Sequence[Any], *, verbose: bool) -> None:
    rows = [(one.key.content_type, one.key.id, one.destination_id, one.name) for one in made]
    _print_first("made anew", ("type", "id", "new id", "name"), rows, verbose=verbose)


def print_verdicts(proof: Any, *, verbose: bool = False) -> None:
    """Print the items that the proof did not find identical: failed ones first, then different ones, then those with losses."""
    told = sorted(
        (item for item in proof.items if item.verdict in WORST_FIRST), key=lambda one: WORST_FIRST[one.verdict]
    )
    rows = [(one.verdict, one.key.content_type, one.key.id, one.name, _detail(one)) for one in told]
    _print_first("not identical", ("verdict", "type", "id", "name", "what"), rows, verbose=verbose)


def _print_first(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]], *, verbose: bool) -> None:
    """Print as many rows as somebody may read, and how many there are beyond; nothing where there are none."""
    most = len(rows) if verbose else STEPS_SHOWN
    if rows:
        print_table(f"\n{title}", headings, rows[:most])
    if len(rows) > most:
        console().print(f"… and {len(rows) - most} more; `--json` lists them all")


def _detail(one: Any) -> str:
    lost = [f"{path}: {why}" if path else why for path, why in one.lost]
    return "; ".join([*(str(field) for field in one.fields[:FIELDS_SHOWN]), *lost])


def _print_not_tried(steps: Sequence[Any], *, verbose: bool) -> None:
    """Print what was blocked or left alone, by its cause; with *verbose* object by object."""
    if verbose:
        rows = [(step.action, step.content_type, step.id, step.name, step.reason) for step in steps]
        _print_first("not tried", ("why", "type", "id", "name", "reason"), rows, verbose=True)
        return
    rows = [
        (ones[0].action, f"{len(ones)} {name}", _examples(ones), reason)
        for reason, same in by_cause(steps)
        for name, ones in _by_type(same).items()
    ]
    _print_first("not tried", ("why", "what", "such as", "reason"), rows, verbose=False)


def print_progress(rows: Sequence[dict[str, Any]]) -> None:
    """Print restores with the progress of each type."""
    if not rows:
        console().print("no restore has been made with this vault")
    for row in rows:
        spoke = ", ".join(map(str, row["snapshot_ids"]))
        source = f", from snapshot {spoke}" if spoke and not row["options"].get("undo_of") else ""
        console().print(f"{row['session_id']}  {row['status']}  {row['what']}{source}")
        name = f" (target {row['target']})" if row["options"].get("target") else ""
        console().print(
            f"  onto {row['options'].get('base_url', row['target'])}{name}, begun {row['started_at'][:16].replace('T', ' ')} UTC"
        )
        if row["cut_off"]:
            console().print(
                f"  cut off: no run goes on with it; `lookervault restore resume --session-id {row['session_id']}` does"
            )
        if row["status"] == "interrupted":
            console().print(
                f"  somebody stopped it: `lookervault restore resume --session-id {row['session_id']}` goes on with it"
            )
        cells = [
            (p["content_type"], p["total"], p["success"], p["errors"], "yes" if p["done"] else "no")
            for p in row["progress"]
        ]
        if cells:
            print_table(None, ("type", "items", "written", "failed", "done"), cells)
