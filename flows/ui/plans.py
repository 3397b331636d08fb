"""Plans of restores: made in the background, shown with what they change, and where that is allowed approved and carried out."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any
from urllib.parse import parse_qs

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from flows.cli.connection import reaching_settings
from flows.cli.revert import told
from flows.ui.jobs import Job
from flows.ui.site import Site
from flows.ui.story import as_edits, grouped, titles
from lookervault_core.catalog import row as row_of
from lookervault_core.diff.planning.plan import Step
from lookervault_core.drawing.svg import Marked, Scale, picture
from lookervault_core.errors import LookerVaultError, UsageError
from lookervault_core.families.drawn import DrawnStep, drawn_steps
from lookervault_core.history import change
from lookervault_core.history.reverting import reverting
from lookervault_core.model import ContentKey
from lookervault_core.restore.report import digest, headline
from lookervault_core.restore.request import RestoreOptions, RestoreRequest, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import opened, restoration
from lookervault_core.vault.restoring import restorations

BESIDE = Scale(column=24.0, row=26.0)
DRAWN = 6


def ask(site: Site, _: Request, form: dict[str, str]) -> Response:
    """Start making a plan that restores one object, or reverts one change, and redirect to its page."""
    if form.get("change"):
        one = change(site.vault, form["change"])
        return _begun(site, site.jobs.begin(one.key, one.name, one.from_snapshot, change=one.change_id))
    key = ContentKey(row_of(form.get("type", "")).name, form.get("id", ""))
    number = form.get("snapshot", "")
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        raise UsageError("snapshot: the number of a snapshot is wanted")
    name = site.vault.item(key, int(number)).name
    return _begun(site, site.jobs.begin(key, name, int(number), form.get("tile", "")))


def _begun(site: Site, job: Job) -> Response:
    threading.Thread(target=_plan, args=(site, job), daemon=True).start()
    return RedirectResponse(f"/plans/{job.number}", status_code=303)


def _plan(site: Site, job: Job) -> None:
    try:
        _read(site, job)
        job.state = "planned"
    except LookerVaultError as error:
        job.told, job.state = str(error), "failed"
    except BaseException:  # the page waits for an end, whatever it is; the thread ends with it as ever
        job.told, job.state = "something went wrong on our side; the terminal of `lookervault ui` says what", "failed"
        raise


def _read(site: Site, job: Job) -> None:
    settings = reaching_settings(site.config, db_path=site.vault.path)
    if job.change:
        with opened(settings, threading.Event(), dry_run=True) as (vault, looker):
            found = reverting(vault, looker, [job.change], RestoreOptions(workers=settings.workers))
            _show(job, found.run, [told(conflict) for conflict in found.left_alone()])
        return
    options = RestoreOptions(workers=settings.workers, deliveries=settings.deliveries)
    request = RestoreRequest(Selection.single(job.key.content_type, job.key.id), options, job.snapshot)
    with restoration(settings, request, dry_run=True) as run:
        _show(job, run, [])


def _show(job: Job, run: RestoreRun, warnings: list[str]) -> None:
    plan = run.plan()
    job.told, job.warnings, job.digest = headline(run), [*warnings, *run.planner.warnings], digest(plan)
    job.changes = plan.changes_anything
    drawn = drawn_steps(plan, run.backup, run.planner.found, DRAWN)
    shown = (step for step in plan.steps if step.action != "skip" or step.key == job.key or step.lost)
    job.steps = [_step(step, drawn) for step in shown]
    job.pictures = [_pictures(one) for one in drawn]


def _step(step: Step, drawn: list[DrawnStep]) -> dict[str, Any]:
    drawings = [one for each in drawn if each.step.key == step.key for one in (each.before, each.after) if one]
    return {
        "key": step.key,
        "name": step.name,
        "action": step.action,
        "reason": step.reason,
        "groups": grouped(as_edits(step.fields, drawings)),
        "lost": step.lost,
    }


def _pictures(drawn: DrawnStep) -> dict[str, Any]:
    marked = Marked(drawn.marks, {tile: f"#tile-{tile}" for tile in drawn.marks})
    shown = [drawn.before, drawn.after]
    return {
        "key": drawn.step.key,
        "name": drawn.step.name,
        "svgs": [Markup(picture(one, marked, BESIDE, headed=False)) if one else None for one in shown],  # noqa: S704
        "marks": dict(drawn.marks),
        "titles": titles(*(one for one in shown if one)),
    }


def show(site: Site, request: Request) -> Response:
    """Show a plan, or the progress of an approved one."""
    job = site.jobs.get(int(request.path_params["number"]))
    return site.page(request, "plan.html", job=job, words=_words(site, job))


def state(site: Site, request: Request) -> Response:
    """Return the state of a plan as JSON, for the script of its page."""
    job = site.jobs.get(int(request.path_params["number"]))
    return JSONResponse({"state": job.state, "words": _words(site, job)})


def _words(site: Site, job: Job) -> str:
    """Return in a line what is going on."""
    if job.state == "planning":
        return "reading what Looker has now"
    if job.state != "restoring" or job.began_at is None:
        return ""
    began = job.began_at
    session = next((one for one in restorations.newest_first(site.vault) if one.started_at >= began), None)
    if session is None and job.change:
        return "the revert is starting"
    if session is None:
        return "the Prefect flow is starting, which takes some twenty seconds where no server runs"
    done = restorations.progress(site.vault, session.session_id)
    written = ", ".join(f"{one.content_type} {one.success} of {one.total}" for one in done)
    return f"session {session.session_id}: {written or 'keeping the state before it'}"


def approve(site: Site, request: Request, _: dict[str, str]) -> Response:
    """Carry out a plan that was shown and approved, in a process of its own: a restore as the Prefect flow, a revert as
    `revert` does."""
    if not site.may_restore:
        return PlainTextResponse("403: start `lookervault ui` with --allow-restore to write\n", status_code=403)
    job = site.jobs.get(int(request.path_params["number"]))
    if site.jobs.approve(job):
        job.began_at = site.vault.now()
        threading.Thread(target=_carry_out, args=(site, job), daemon=True).start()
    return RedirectResponse(f"/plans/{job.number}", status_code=303)


def _carry_out(site: Site, job: Job) -> None:
    asked = {
        "types": [job.key.content_type],
        "item_id": job.key.id,
        "snapshot": job.snapshot,
        "db_path": str(site.vault.path.absolute()),
        "config": str(site.config.absolute()) if site.config else None,
        "digest": job.digest,
        "change": job.change,
    }
    command = [sys.executable, "-m", "flows.ui.approved"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)  # noqa: S603
    try:
        job.report = json.loads(done.stdout)
        job.state = "done"
    except ValueError:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        job.told, job.state = lines[-1] if lines else f"the run ended with {done.returncode}", "failed"


def form_of(body: bytes) -> dict[str, str]:
    """Return the fields of a form as browsers send it."""
    return {name: values[-1] for name, values in parse_qs(body.decode(errors="replace")).items()}
