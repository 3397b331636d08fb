"""A directory that calls itself an export and is not: what it says, what lies in it, and where it leads."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.attacks.commands import Commands
from benchmarks.attacks.scores import Score
from benchmarks.attacks.vaults import Original, exported

FOREIGN = b'{"id": "1", "title": "what-lies-outside"}'
Change = Callable[[dict[str, Any]], object]


def _says(change: Change) -> Callable[[Path, Path], object]:
    """Return what rewrites the manifest."""

    def make(export: Path, _: Path) -> None:
        path = export / "manifest.json"
        manifest = json.loads(path.read_bytes())
        change(manifest)
        path.write_text(json.dumps(manifest))

    return make


def _first(export: Path) -> Path:
    return min((export / "dashboards").glob("*.json"))


def _instead(put: Callable[[Path, Path], object]) -> Callable[[Path, Path], object]:
    """Return what puts something in the place of the first dashboard."""

    def make(export: Path, outside: Path) -> None:
        path = _first(export)
        path.unlink()
        put(path, outside)

    return make


def _elsewhere(export: Path, outside: Path) -> None:
    shutil.move(export / "dashboards", outside.parent / "moved")
    (export / "dashboards").symlink_to(outside.parent / "moved")


def _manifest(put: Callable[[Path, Path], object]) -> Callable[[Path, Path], object]:
    def make(export: Path, outside: Path) -> None:
        (export / "manifest.json").unlink()
        put(export / "manifest.json", outside)

    return make


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _entry(manifest: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in manifest["items"] if one["content_type"] == "dashboards")


def _twice(manifest: dict[str, Any]) -> None:
    manifest["items"].append(dict(_entry(manifest)))


def _as_large_as_said(export: Path, _: Path) -> None:
    size = 40 << 30
    _says(lambda manifest: _entry(manifest).update(size=size))(export, _)
    _sparse(_first(export), size)


KINDS: dict[str, dict[str, Callable[[Path, Path], object]]] = {
    "an import with names that lead out": {
        "file ../": _says(lambda m: _entry(m).update(file="../outside.json")),
        "absolute file": _says(lambda m: _entry(m).update(file="/etc/passwd")),
        "id ../": _says(lambda m: _entry(m).update(id="../../outside", file="dashboards/../../outside.json")),
        "id with NUL": _says(lambda m: _entry(m).update(id="1\0", file="dashboards/1\0.json")),
        "type ..": _says(lambda m: m["types"][0].update(content_type="..")),
        "surrogate": _says(lambda m: _entry(m).update(id="\ud800")),
    },
    "an import with links": {
        "symbolic link": _instead(lambda path, outside: path.symlink_to(outside)),
        "hard link": _instead(lambda path, outside: os.link(outside, path)),
        "link to itself": _instead(lambda path, _: path.symlink_to(path)),
        "linked folder": _elsewhere,
        "linked manifest": _manifest(lambda path, outside: path.symlink_to(outside)),
    },
    "an import with pipes, sockets and devices": {
        "pipe": _instead(lambda path, _: os.mkfifo(path)),
        "pipe as manifest": _manifest(lambda path, _: os.mkfifo(path)),
        "device": _instead(lambda path, _: path.symlink_to("/dev/zero")),
        "device as manifest": _manifest(lambda path, _: path.symlink_to("/dev/zero")),
        "directory": _instead(lambda path, _: path.mkdir()),
    },
    "an import that is a bomb": {
        "40 GB file": _instead(lambda path, _: _sparse(path, 40 << 30)),
        "40 GB file, as said": _as_large_as_said,
        "40 GB manifest": _manifest(lambda path, _: _sparse(path, 40 << 30)),
        "deep file": _instead(lambda path, _: path.write_bytes(b"[" * 100_000 + b"]" * 100_000)),
        "deep manifest": _manifest(lambda path, _: path.write_bytes(b"[" * 100_000)),
    },
    "an import whose manifest lies": {
        "hash": _says(lambda m: _entry(m).update(sha256="0" * 64)),
        "size": _says(lambda m: _entry(m).update(size=-1)),
        "twice": _says(_twice),
        "count": _says(lambda m: m["types"][0].update(items=10**9)),
        "type unknown": _says(lambda m: m["types"][0].update(content_type="nothing")),
        "date": _says(lambda m: m["snapshots"][0].update(started_at="0000-00-00")),
        "snapshot": _says(lambda m: m["types"][0].update(snapshot_id=99)),
        "id number": _says(lambda m: _entry(m).update(id=10**400)),
        "format": _says(lambda m: m.update(format=99)),
        "instance": _says(lambda m: m.update(instance_url="javascript:alert(1)")),
        "less": _says(lambda m: m["items"].pop()),
    },
    "an import with names that differ in case": {
        "upper-case twin": _instead(lambda path, _: path.with_name(path.stem.upper() + "X.JSON").write_bytes(FOREIGN)),
        "twin beside": lambda export, _: (export / "dashboards" / "A.json").write_bytes(FOREIGN),
        "folder": lambda export, _: shutil.copytree(export / "dashboards", export / "DASHBOARDS"),
    },
}


def attacks(
    commands: Commands, scratch: Path, kinds: tuple[str, ...] = (), *, most: int = 99, only: str = ""
) -> Iterator[Score]:
    """Import each of them, plainly and with --accept-edits, into a vault that has something to lose."""
    original = Original(commands, scratch)
    for kind in kinds or KINDS:
        score = Score(kind)
        for name, make in [one for one in KINDS[kind].items() if only in one[0]][:most]:
            for words in ((), ("--accept-edits",)):
                score.tried += 1
                _try(score, original, f"{name} {' '.join(words)}", make, words)
        yield score


def _try(
    score: Score, original: Original, what: str, make: Callable[[Path, Path], object], words: tuple[str, ...]
) -> None:
    where = original.scratch / "import"
    path = original.put("vault", where)
    outside = where / "outside.json"
    outside.write_bytes(FOREIGN)
    shutil.copytree(original.scratch / "pristine-vault" / "out", where / "in")
    make(where / "in", outside)
    done = original.commands.run("import", "in", *words, "--db-path", "looker.db", cwd=where)
    allowed = (0, 3) if words else ()
    clear = "Traceback" not in done.err and (done.code in (0, 3) or done.err.count("error: ") == 1)
    score.check("wrong exit code", done.code in (1, 2, 5, *allowed), f"{what}: {done.code} {done.err[-300:]}")
    score.check("not one clear line", clear, f"{what}: {done.err[-400:]}")
    score.check("lost", outside.read_bytes() == FOREIGN, f"{what}: it wrote outside")
    _judge_vault(score, original, where, path, what, done.code)
    score.notes.append(f"~ {what}: {done.code} {done.err[-200:]}")
    shutil.rmtree(where)


def _judge_vault(score: Score, original: Original, where: Path, path: Path, what: str, code: int) -> None:
    """Snapshot 1 is as it was, nothing of outside is in the file, and what is in it can be proven."""
    shutil.rmtree(where / "in")
    original.commands.run("export", "out", "--snapshot", "1", cwd=where)
    kept = exported(where / "out") if (where / "out").exists() else {}
    score.check("lost", kept == original.items["vault"], f"{what}: snapshot 1 has changed")
    inside = any(b"what-lies-outside" in one.read_bytes() for one in (path, *path.parent.glob("looker.db-*")))
    score.check(
        "leaked", not inside or "beside" in what or "hard" in what, f"{what}: what lies outside is in the vault"
    )
    proven = original.commands.run("verify", "--snapshot", "1", cwd=where)
    score.check("lost", proven.code == 0, f"{what}: {proven} after {code}")
