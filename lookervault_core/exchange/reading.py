"""Make a snapshot of an export, in a new vault or in one of the same instance, by the way that an extraction takes."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.columns import Columns
from lookervault_core.errors import CodecError, ExportChanged, ExportError, VaultError, WrongInstance
from lookervault_core.exchange.checking import Problem, columns_of, description, differences, read
from lookervault_core.exchange.manifest import UNFINISHED, Entry, Manifest, TypePart, read_manifest
from lookervault_core.exchange.writing import Watch
from lookervault_core.extract.report import ExtractReport, extract_report
from lookervault_core.model import Hole, Item, Range, Session, Snapshot
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import descriptions

PAGE_ITEMS = 200
PAGE_BYTES = 8_000_000

# A snapshot that is narrowed is never the one that speaks for a type; this one is older than the one that does.
OLDER = "older state, imported"


class ImportReport(msgspec.Struct, frozen=True):
    """What an import did. `edited`, `added` and `missing` are the files that are not as the export left them.

    `older_than` is the newer snapshot in the vault that stays the visible one, because the export is of an earlier time; else
    None."""

    done: ExtractReport
    edited: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    older_than: int | None = None


class _Checked(msgspec.Struct, frozen=True):
    """What is to be imported: the manifest's entries, accepted edits in their places."""

    manifest: Manifest
    entries: dict[str, list[Entry]]
    problems: tuple[Problem, ...]

    def files(self, kind: str) -> tuple[str, ...]:
        return tuple(problem.file for problem in self.problems if problem.kind == kind)


def import_directory(
    directory: Path,
    db_path: Path,
    *,
    accept_edits: bool = False,
    watch: Watch = lambda _name, _total: None,
) -> ImportReport:
    """Import the export in *directory* as a snapshot of the vault at *db_path*, made there if there is none.

    Every file is compared with the manifest first. ExportChanged names all that differ, and nothing is imported; with
    *accept_edits* what was edited or added is taken as it is now, and what is missing is a hole. WrongInstance if the vault
    is another instance's. Whether the snapshot is complete is computed: it is not if the exported one was not.
    """
    with _reading(directory):
        manifest = read_manifest(directory)
        if (directory / UNFINISHED).exists():
            raise ExportError(
                f"{directory}: an export into it was not finished; run `lookervault export {directory}` again"
            )
        if db_path.exists() and db_path.stat().st_size:
            with Vault.open(db_path) as vault:
                _require_same_instance(vault, manifest)
        checked = _checked(directory, manifest, accept_edits=accept_edits, watch=watch)
        with Vault.create_or_open(db_path) as vault, vault.run_lock():
            _require_same_instance(vault, manifest)
            if manifest.instance_url:
                vault.claim_instance(manifest.instance_url)
            return _import(vault, directory, checked, watch)


@contextmanager
def _reading(directory: Path) -> Generator[None]:
    """Raise what the file system says as an ExportError."""
    try:
        yield
    except OSError as exc:
        raise ExportError(f"{exc.filename or directory}: it cannot be read ({exc.strerror})") from exc


def _require_same_instance(vault: Vault, manifest: Manifest) -> None:
    """Raise WrongInstance if the vault is another instance's, or one instance's while nobody knows the export's."""
    owner = vault.instance_url
    if owner and not (manifest.instance_url and vault.is_of(manifest.instance_url)):
        raise WrongInstance(
            f"vault {vault.path}: it belongs to {owner}, and the export is of {manifest.instance_url or 'no known instance'}; "
            "name another --db-path for it"
        )


def _checked(directory: Path, manifest: Manifest, *, accept_edits: bool, watch: Watch) -> _Checked:
    entries: dict[str, list[Entry]] = {part.content_type: [] for part in manifest.types}
    problems: list[Problem] = []
    for found in differences(directory, manifest):
        entry = found
        if isinstance(found, Problem):
            problems.append(found)
            entry = found.entry if found.kind != "missing" else None
        if isinstance(entry, Entry):
            entries.setdefault(entry.content_type, []).append(entry)
        watch("checking", len(manifest.items))
    refused = [problem for problem in problems if problem.kind == "unusable" or not accept_edits]
    if refused:
        raise ExportChanged(
            f"{directory}: {len(refused)} files are not as the export left them, so nothing is imported"
            + _advice(refused, accept_edits=accept_edits),
            tuple((one.file, one.detail) for one in refused),
        )
    return _Checked(manifest, entries, tuple(problems))


def _advice(refused: list[Problem], *, accept_edits: bool) -> str:
    if accept_edits:
        return "; put them right"
    usable = all(one.kind != "unusable" for one in refused)
    return "; run the export again" + (", or import them as they are with --accept-edits" if usable else "")


def _import(vault: Vault, directory: Path, checked: _Checked, watch: Watch) -> ImportReport:
    manifest = checked.manifest
    _forget_killed(vault)
    newer = _newer(vault, manifest)
    session = vault.begin_session(
        list(checked.entries),
        manifest.folders or ((OLDER,) if newer else ()),
        {
            "import": {
                "directory": str(directory),
                "snapshots": [snapshot.snapshot_id for snapshot in manifest.snapshots],
            }
        },
        manifest.snapshots[0].release,
        taken_at=min(snapshot.started_at for snapshot in manifest.snapshots),
    )
    try:
        for name, entries in checked.entries.items():
            _keep(vault, session, directory, name, entries, watch, below=newer is not None)
        _record_gaps(vault, session, checked)
        raw = description(directory, manifest)
        if raw is not None:
            descriptions.keep(vault, session.snapshot_id, raw)
        vault.close_snapshot(session.session_id, _undecided(manifest))
    except BaseException:  # whatever ended it, half a snapshot is none
        with suppress(VaultError):
            _forget(vault, session)
        raise
    return ImportReport(
        done=extract_report(vault, session.session_id),
        edited=checked.files("edited"),
        added=checked.files("extra"),
        missing=checked.files("missing"),
        older_than=newer.snapshot_id if newer else None,
    )


def _newer(vault: Vault, manifest: Manifest) -> Snapshot | None:
    """Return a snapshot of the vault that is of a later time than the export and must go on speaking for its types."""
    for name, source in manifest.source.items():
        shown = vault.visible_snapshot(name)
        if shown and shown.started_at > source.started_at and (shown.status == "complete" or not manifest.is_complete):
            return shown
    return None


def _keep(
    vault: Vault, session: Session, directory: Path, name: str, entries: list[Entry], watch: Watch, *, below: bool
) -> None:
    """Keep the items of one type, page by page."""
    span = Range(name, 0, len(entries))
    for page in _pages(entries):
        items = [_item(directory, entry) for entry in page]
        at = span.next_offset + len(page)
        vault.keep_page(
            session.session_id,
            session.snapshot_id,
            span,
            items,
            [],
            at,
            at == span.stop,
            CATALOG[name].volatile,
            below=below,
        )
        span = msgspec.structs.replace(span, next_offset=at)
        for _ in page:
            watch(name, len(entries))


def _pages(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield *entries* in pages of so many items or bytes: all that is in memory at a time."""
    page: list[Entry] = []
    size = 0
    for entry in entries:
        page.append(entry)
        size += entry.size
        if len(page) == PAGE_ITEMS or size >= PAGE_BYTES:
            yield page
            page, size = [], 0
    if page:
        yield page


def _item(directory: Path, entry: Entry) -> Item:
    """Return the item of a file. One that was edited has no updated_at, so that no incremental run takes it for Looker's."""
    payload = read(directory, entry.file, entry)
    if payload is None:
        problem = (entry.file, "the file changed while it was being imported")
        raise ExportChanged(
            f"{directory}: {entry.file} changed while it was being imported; import it again", (problem,)
        )
    found = _columns(entry, payload)
    edited = entry.captured_at is None
    return Item(
        entry.content_type,
        entry.id,
        payload,
        name=entry.name,
        folder_id=found.folder_id,
        owner_id=found.owner_id,
        updated_at=None if edited else found.updated_at,
        captured_at=entry.captured_at,
        links=found.links,
    )


def _columns(entry: Entry, payload: bytes) -> Columns:
    """Return the columns of a payload; the manifest vouches for one that an older release understood and this one does not."""
    try:
        return columns_of(entry.key, payload)
    except CodecError:
        return Columns(entry.id)


def _record_gaps(vault: Vault, session: Session, checked: _Checked) -> None:
    """Enter what the exported snapshots should have held, so that whether this one is complete can be computed."""
    holes = [*checked.manifest.holes]
    missing = [problem.entry for problem in checked.problems if problem.kind == "missing" and problem.entry]
    holes += (
        Hole(item_id.content_type, item_id.id, f"{item_id.file} is missing from the export") for item_id in missing
    )
    for part in checked.manifest.types:
        if part.surveyed:
            vault.set_census(session.snapshot_id, part.content_type, _census(part, checked.manifest, holes))
    for hole in holes:
        vault.open_hole(session.snapshot_id, hole)


def _census(part: TypePart, manifest: Manifest, holes: list[Hole]) -> list[str]:
    """Return the ids that the listing named when the snapshot was taken."""
    held = [item.id for item in manifest.items if item.content_type == part.content_type]
    gone = [hole.id for hole in holes if hole.content_type == part.content_type and hole.id is not None]
    unlisted = set(part.unlisted)
    return [one for one in dict.fromkeys([*held, *part.missing, *gone]) if one not in unlisted]


def _undecided(manifest: Manifest) -> list[str]:
    """Return the types of which a snapshot that was not complete is no proof that anything was deleted."""
    return [name for name, source in manifest.source.items() if source.status != "complete"]


def _forget_killed(vault: Vault) -> None:
    """Remove what killed imports have left: they are not gone on with, and the run lock says that none is running."""
    for session in vault.sessions():
        if session.is_import and session.status == "running":
            _forget(vault, session)


def _forget(vault: Vault, session: Session) -> None:
    vault.fail_snapshot(session.session_id, "the import did not end")
    vault.delete_snapshot(session.snapshot_id)
