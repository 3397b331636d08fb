"""A vault that is damaged, foreign, locked, unwritable, too new, or on a full disk."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.attacks.commands import Commands, Done, environment, looker_at
from benchmarks.attacks.scores import Score
from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.session import extraction
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.settings import load_settings
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite import schema

UNUSABLE = (5,)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010101006000600000ffdb004300") + bytes(4000) + b"\xff\xd9"


class Original:
    """A vault of a small instance, once with what it holds in its WAL still, and what every item of it is."""

    def __init__(self, commands: Commands, scratch: Path) -> None:
        self.commands = commands
        self.scratch = scratch
        self.folder = scratch / "original"
        self.folder.mkdir()
        whole = self.folder / "looker.db"
        with Simulator(SimulatorOptions(scale="tiny")) as looker:
            _capture(looker, whole)
            kept = _with_wal(looker, whole, self.folder / "wal")
        self.files = {"vault": {"looker.db": whole.read_bytes()}, "WAL": kept}
        self.items = {name: self._exported(name) for name in self.files}

    def put(self, name: str, where: Path) -> Path:
        """Write the files of the vault *name* into a new directory, and return the vault's path."""
        where.mkdir()
        for file, content in self.files[name].items():
            (where / file).write_bytes(content)
        return where / "looker.db"

    def _exported(self, name: str) -> dict[str, bytes]:
        where = self.scratch / f"pristine-{name}"
        self.put(name, where)
        done = self.commands.run("export", "out", cwd=where)
        assert done.code == 0, done
        return exported(where / "out")


def exported(directory: Path) -> dict[str, bytes]:
    """Return the payloads that an export holds, by file."""
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.glob("*/*.json")}


def _capture(looker: Simulator, path: Path) -> None:
    settings = load_settings(
        None, base_url=looker.base_url, client_id="simulator", client_secret="simulator-secret", db_path=str(path),
        rate_limit_per_second=0,
    )  # fmt: skip
    with extraction(settings, ExtractOptions(workers=2)) as run:
        capture_on_threads(run, 2)


def _with_wal(looker: Simulator, path: Path, folder: Path) -> dict[str, bytes]:
    """Return the files of a vault whose second snapshot is in the WAL still, as a killed run leaves them."""
    folder.mkdir()
    later = folder / "looker.db"
    shutil.copy(path, later)
    with Vault.open(later) as keeps_it_open, keeps_it_open.read() as db:
        db.execute("SELECT count(*) FROM snapshots").fetchone()  # from here on SQLite keeps the log for this reader
        _capture(looker, later)
        return {name: (folder / name).read_bytes() for name in ("looker.db", "looker.db-wal")}


def bit_flips(original: Original, name: str, tries: int, seed: int = 1) -> Score:
    """One bit is another one: what is read is right or is named as damaged, and `verify` finds it."""
    score = Score(f"a bit of the {name} flipped")
    chance = random.Random(seed)
    file = {"vault": "looker.db", "WAL": "looker.db-wal"}[name]
    for number in range(tries):
        where = original.scratch / f"flip-{name}-{number}"
        path = original.put(name, where)
        content = bytearray(original.files[name][file])
        at, bit = chance.randrange(len(content)), chance.randrange(8)
        content[at] ^= 1 << bit
        path.with_name(file).write_bytes(content)
        _read_damaged(score, original, name, where, f"byte {at} bit {bit}")
        shutil.rmtree(where)
    return score


def _read_damaged(score: Score, original: Original, name: str, where: Path, what: str) -> None:
    score.tried += 1
    proven = original.commands.run("verify", cwd=where)
    told = original.commands.run("export", "out", cwd=where)
    proven.judge(score, (0, 3, 5), f"verify, {what}")
    told.judge(score, (0, 3, 5), f"export, {what}")
    found = exported(where / "out") if (where / "out").exists() else {}
    right = original.items[name]
    wrong = [file for file, payload in found.items() if right.get(file) != payload]
    score.check("lost", not wrong or told.code == 5, f"{what}: wrong bytes given out as good ones: {wrong[:3]}")
    missing = right.keys() - found.keys()
    if missing and proven.code == 0:
        score.fault("lost", f"{what}: verify is content, and the export lacks {sorted(missing)[:3]} ({told.code})")
    if told.code == 0:
        score.check("lost", not missing, f"{what}: the export ended 0 without {sorted(missing)[:3]}")
    score.notes.append(f"~ {what}: verify {proven.code}, export {told.code}, {len(found)} of {len(right)} readable")


def truncated(original: Original, tries: int, seed: int = 2) -> Score:
    """The file ends early."""
    score = Score("the vault cut short")
    chance = random.Random(seed)
    content = original.files["vault"]["looker.db"]
    for number in range(tries):
        where = original.scratch / f"cut-{number}"
        where.mkdir()
        length = chance.randrange(1, len(content))
        (where / "looker.db").write_bytes(content[:length])
        _read_damaged(score, original, "vault", where, f"cut at {length}")
        shutil.rmtree(where)
    return score


def foreign(original: Original) -> Iterator[Score]:
    """What is no vault is refused with 5, and left as it is."""
    yield _refused(original, "an empty file as the vault", lambda path: path.write_bytes(b""))
    yield _refused(original, "a picture as the vault", lambda path: path.write_bytes(JPEG))
    yield _refused(original, "another application's database as the vault", _other_database)
    yield _refused(original, "a directory as the vault", lambda path: path.mkdir())
    yield _refused(original, "a vault of a newer release", lambda path: _too_new(original, path))
    yield _refused(original, "a locked vault", lambda path: _whole(original, path), hold=True)


READS = (["verify"], ["show", "dashboard", "1"], ["list", "looks"], ["export", "out"], ["stats"])
WRITES = (["extract"], ["import", "{export}"])


def _refused(original: Original, attack: str, make: Callable[[Path], object], *, hold: bool = False) -> Score:
    score = Score(attack)
    with Simulator(SimulatorOptions(scale="tiny")) as looker:
        for words in (*READS, *WRITES):
            score.tried += 1
            where = original.scratch / "refused"
            where.mkdir()
            make(where / "looker.db")
            before = _content(where)
            export = original.scratch / "pristine-vault" / "out"
            arguments = [word.format(export=export) for word in words]
            done = _run_beside(original, arguments, where, looker, hold=hold)
            fills = attack.startswith("an empty") and words in WRITES
            done.judge(score, (0,) if fills or (hold and words in READS) else UNUSABLE, f"{attack}: {' '.join(words)}")
            if not fills:
                score.check("lost", _content(where) == before, f"{attack}: {words[0]} changed the file")
            shutil.rmtree(where)
    return score


def _run_beside(original: Original, arguments: list[str], where: Path, looker: Simulator, *, hold: bool) -> Done:
    env = looker_at(looker.base_url)
    if not hold:
        return original.commands.run(*arguments, cwd=where, env=env)
    with closing(sqlite3.connect(where / "looker.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        return original.commands.run(*arguments, cwd=where, env=env)


def _content(where: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in where.iterdir() if path.suffix == ".db" and path.is_file()}


def _other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE content_items (id TEXT)")
        other.commit()


def _too_new(original: Original, path: Path) -> None:
    _whole(original, path)
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
        newer.commit()


def _whole(original: Original, path: Path) -> None:
    path.write_bytes(original.files["vault"]["looker.db"])


def full_disk(original: Original, tries: int, seed: int = 3) -> Score:
    """No file may grow beyond some size: exit 5, and with room again the same command finishes."""
    score = Score("a disk that is full")
    chance = random.Random(seed)
    size = len(original.files["vault"]["looker.db"])
    with Simulator(SimulatorOptions(scale="tiny")) as looker:
        for number in range(tries):
            score.tried += 1
            where = original.scratch / f"full-{number}"
            where.mkdir()
            limit = chance.randrange(4096, size)
            done = original.commands.run("extract", cwd=where, env=looker_at(looker.base_url), file_limit=limit)
            done.judge(score, (0, *UNUSABLE), f"extract with {limit} bytes")
            _finish(score, original, where, looker, f"with room again after {limit} bytes")
            shutil.rmtree(where)
    return score


def _finish(score: Score, original: Original, where: Path, looker: Simulator, what: str) -> None:
    env = looker_at(looker.base_url)
    again = original.commands.run("extract", "--resume", cwd=where, env=env)
    if again.code == 2:  # there was nothing to go on with
        again = original.commands.run("extract", cwd=where, env=env)
    again.judge(score, (0,), what)
    proven = original.commands.run("verify", cwd=where, env=env)
    proven.judge(score, (0,), f"verify {what}")
    original.commands.run("export", "out", cwd=where)
    found = exported(where / "out").keys() if (where / "out").exists() else set()
    score.check("lost", found == original.items["vault"].keys(), f"{what}: {len(found)} items")
    with closing(sqlite3.connect(where / "looker.db")) as db:
        rows = db.execute("SELECT count(*), count(DISTINCT content_type || ' ' || id) FROM current_items").fetchone()
    score.check("doubled", rows[0] == rows[1], f"{what}: {rows}")


def unwritable(original: Original) -> Score:
    """The file, or its directory, is read-only for whoever runs the command; root may write anyway, so it is another user."""
    score = Score("a read-only vault or directory")
    for mode_of in ("file", "directory"):
        for words in (*READS[:3], ["prune", "--keep-last", "1", "--yes"]):
            score.tried += 1
            where = original.scratch / "unwritable"
            path = original.put("vault", where)
            path.chmod(0o444)
            if mode_of == "directory":
                where.chmod(0o555)
            done = _as_nobody(original, words, where)
            done.judge(score, (0,) if words in READS else UNUSABLE, f"{mode_of} read-only: {' '.join(words)}")
            score.check("lost", path.read_bytes() == original.files["vault"]["looker.db"], f"{words[0]} changed it")
            where.chmod(0o755)
            shutil.rmtree(where)
    return score


def _as_nobody(original: Original, words: list[str], where: Path) -> Done:
    """Run without the right to override permissions, which root has."""
    env = environment(ATTACK_AS_UID="65534") if os.getuid() == 0 else environment()
    return original.commands.run(*words, cwd=where, env=env)


def attacks(commands: Commands, scratch: Path, *, flips: int, others: int) -> Iterator[Score]:
    """Make all of them."""
    original = Original(commands, scratch)
    yield bit_flips(original, "vault", flips)
    yield bit_flips(original, "WAL", flips)
    yield truncated(original, others)
    yield from foreign(original)
    yield unwritable(original)
    yield full_disk(original, others)
