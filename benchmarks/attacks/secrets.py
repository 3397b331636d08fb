"""Secrets that are hard to keep, looked for in everything that a command shows, writes, or hands to another process."""

from __future__ import annotations

import base64
import html
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

from benchmarks.attacks.commands import Commands, Done, ended, looker_at
from benchmarks.attacks.processes import free_port, lookervault, prefect_server
from benchmarks.attacks.scores import Score
from benchmarks.attacks.words import TITLES, in_prefect
from looker_simulator import Simulator, SimulatorOptions, mutate

KERNEL = "Kern7el"  # whoever shows a part of the secret shows this
SECRETS = {
    "quotes": f'it\'s "{KERNEL}" `x`',
    "percent": f"100%25 %s %({KERNEL})s {{0}} %0a",
    "line ends": f"a\\n{KERNEL}\\r\\x41\\u0041",
    "unicode": f"geheim-ü-日本-🔑-{KERNEL}",
    "HTML": f"</script><b>{KERNEL}&amp;",
    "shell": f"--password $({KERNEL}); rm -rf ~ | `id` > &1",
    "coded": f"a+b/{KERNEL}=d&e?f#g",
}
PROXY_PASSWORD = f"proxy-{KERNEL}-Geheim"
CLOSED = "http://127.0.0.1:9"


def codings(secret: str) -> set[bytes]:
    """Return *secret* as it may stand in what somebody else wrote: as it is, quoted, escaped, in hex, in base64 at any place."""
    found = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    found |= {quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), secret[:12]}
    raw = {one.encode() for one in found}
    raw |= {secret.encode("utf-16-le"), secret.encode("latin-1", "replace")}
    for one in (secret.encode(), KERNEL.encode()):
        raw |= {one.hex().encode(), one.hex().upper().encode()}
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + one)[(0, 2, 3)[before] :].rstrip(b"=")[:-1]
            raw |= {coded, coded.replace(b"+", b"-").replace(b"/", b"_")}
    return raw | {KERNEL.encode()}


def on_core(commands: Commands, scratch: Path, names: tuple[str, ...] = ()) -> Score:
    """Commands without Prefect: right and wrong secrets, refusals, a host that does not answer, and a proxy with a password."""
    score = Score("odd secrets looked for in outputs and files")
    for name in names or SECRETS:
        secret = SECRETS[name]
        with _place(scratch) as where, Simulator(SimulatorOptions(scale="tiny", client_secret=secret)) as looker:
            done = list(_commands(commands, looker, where, secret))
            score.tried += len(done)
            for words, expected, command in done:
                command.judge(score, expected, f"{name}: {words}")
            shown = b"\n".join((one.out + one.err).encode(errors="replace") for _, _, one in done)
            _look_for(score, name, secret, where, shown)
    return score


def _commands(
    commands: Commands, looker: Simulator, where: Path, secret: str
) -> Iterator[tuple[str, tuple[int, ...], Done]]:
    env = looker_at(looker.base_url, secret)
    one = next(row["id"] for row in looker.world["dashboards"] if not row["deleted"])

    def run(*words: str, codes: tuple[int, ...] = (0,), **more: str) -> tuple[str, tuple[int, ...], Done]:
        return " ".join(words), codes, commands.run(*words, cwd=where, env=env | more)

    yield run("check")
    yield run("info")
    yield run("extract", codes=(4,), LOOKERSDK_CLIENT_SECRET=f"{secret}-wrong")
    yield run("extract", codes=(2,), LOOKERSDK_TIMEOUT=secret)
    yield run("extract", codes=(1,), LOOKERSDK_BASE_URL=CLOSED)
    yield run("extract", codes=(1, 2), LOOKERSDK_BASE_URL=f"http://user:{quote(secret, safe='')}@looker.invalid")
    proxy = f"http://user:{PROXY_PASSWORD}@127.0.0.1:9"
    yield run("extract", codes=(1,), LOOKERSDK_BASE_URL="http://looker.invalid", HTTP_PROXY=proxy, http_proxy=proxy)
    looker.faults.add("500_html", operation="all_boards")
    looker.faults.add("401", operation="all_themes")
    yield run("extract", codes=(3, 4))
    looker.faults.clear()
    yield run("extract")
    mutate(looker.world, "update", "dashboards", one, {"title": "changed"})
    looker.faults.add("422", operation="update_dashboard")
    yield run("restore", "single", "dashboard", one, "--yes", codes=(3,))
    looker.faults.clear()
    yield run("restore", "single", "dashboard", one, "--yes", "--json")
    yield run("restore", "dlq", "list", "--json")
    yield run("verify", "--against-live")
    yield run("export", "out")


@contextmanager
def _place(scratch: Path) -> Generator[Path]:
    where = scratch / "secrets"
    where.mkdir()
    try:
        yield where
    finally:
        shutil.rmtree(where)


def _look_for(score: Score, name: str, secret: str, where: Path, shown: bytes) -> None:
    """No coding of the secret is in what was *shown*, nor in any file below *where*."""
    held = {path: path.read_bytes() for path in where.rglob("*") if path.is_file() and not path.is_symlink()}
    for needle in codings(secret):
        at = shown.find(needle)
        score.check("leaked", at < 0, f"{name}: {needle!r} was shown: {shown[max(0, at - 200) : at + 100]!r}")
        files = [str(path.relative_to(where)) for path, content in held.items() if needle in content]
        score.check("leaked", not files, f"{name}: {needle!r} is in {files}")


# With Prefect ---------------------------------------------------------------------------------------------------------


def with_prefect(scratch: Path, name: str = "coded") -> Iterator[Score]:
    """Flows, good and bad ones, with a server of their own and with one that runs already: its database, logs, artifacts and
    results, and what other processes can see. Titles that would do something are on their way through as well."""
    score = Score("odd secrets looked for in Prefect, and in what other processes see")
    secret = SECRETS[name]
    with _place(scratch) as where, Simulator(SimulatorOptions(scale="tiny", client_secret=secret)) as looker:
        env = looker_at(looker.base_url, secret) | {"PREFECT_HOME": str(where / "prefect"), "DO_NOT_TRACK": "1"}
        (where / "prefect").mkdir()
        for one, title in zip(_dashboards(looker), TITLES.values(), strict=False):
            mutate(looker.world, "update", "dashboards", one, {"title": title})
        shown = [_watched(score, secret, where, env, ("extract",), (0,))]
        port = free_port()
        env |= {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
        with prefect_server(where / "prefect", port):
            _keep_as_block(env, where)
            mine = {key: value for key, value in env.items() if not key.startswith("LOOKERSDK_")}
            wrong = env | {"LOOKERSDK_CLIENT_SECRET": f"{secret}-wrong"}
            looker.faults.add("500_html", path="*/boards*")
            shown.append(_watched(score, secret, where, mine, ("extract", "--credentials-block", "odd"), (3,)))
            looker.faults.clear()
            shown.append(_watched(score, secret, where, wrong, ("extract",), (4,)))
            looker.faults.add("401", operation="all_looks")
            shown.append(_watched(score, secret, where, env, ("extract",), (1, 3, 4)))
            looker.faults.clear()
            for one in _dashboards(looker):
                mutate(looker.world, "update", "dashboards", one, {"description": "changed"})
            looker.faults.add("422", operation="update_dashboard", first=1)
            shown.append(_watched(score, secret, where, env, ("restore", "bulk", "dashboards", "--yes"), (3,)))
        score.tried += len(shown)
        _look_for(score, name, secret, where, b"\n".join(shown))
        score.check("lost", len(_artifacts(where)) > 3, "there is nothing in the database that was looked through")
        yield score
        yield in_prefect(_artifacts(where), _rows(where, "SELECT message FROM log"))


def _dashboards(looker: Simulator) -> list[str]:
    return [row["id"] for row in looker.world["dashboards"] if not row["deleted"]]


def _artifacts(where: Path) -> list[str]:
    return _rows(
        where,
        "SELECT coalesce(key, '') || ': ' || coalesce(data, '') || ' ' || coalesce(description, '') FROM artifact",
    )


def _rows(where: Path, query: str) -> list[str]:
    with closing(sqlite3.connect(where / "prefect" / "prefect.db")) as db:
        return [text for (text,) in db.execute(query)]


def _watched(
    score: Score, secret: str, where: Path, env: dict[str, str], words: tuple[str, ...], codes: tuple[int, ...]
) -> bytes:
    """Run a command while its process and those that it starts are looked at; return what it printed."""
    process = lookervault(words, where, env)
    over = threading.Event()
    seen: set[str] = set()
    watch = threading.Thread(target=_look_at_processes, args=(process.pid, secret, over, seen))
    watch.start()
    done = ended(process)
    over.set()
    watch.join()
    done.judge(score, codes, " ".join(words))
    for what in seen:
        score.fault("leaked", f"{' '.join(words)}: {what}")
    return (done.out + done.err).encode(errors="replace")


def _look_at_processes(pid: int, secret: str, over: threading.Event, seen: set[str]) -> None:
    """Note in *seen* each command line with the secret, and each environment of a process that the command has started."""
    needles = codings(secret)
    while not over.wait(0.2):
        for one in _descendants(pid):
            for kind in ("cmdline",) if one == pid else ("cmdline", "environ"):
                content = _read(Path(f"/proc/{one}/{kind}"))
                if any(needle in content for needle in needles):
                    seen.add(f"it is in the {kind} of {_read(Path(f'/proc/{one}/cmdline'))[:200]!r}")


def _descendants(pid: int) -> set[int]:
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parent(process: Path) -> int:
    fields = _read(process / "stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""


KEEP = """
import os
from pydantic import SecretStr
from tasks.blocks import LookerCredentials
LookerCredentials.register_type_and_schema()
LookerCredentials(
    base_url=os.environ["LOOKERSDK_BASE_URL"], client_id=SecretStr(os.environ["LOOKERSDK_CLIENT_ID"]),
    client_secret=SecretStr(os.environ["LOOKERSDK_CLIENT_SECRET"]),
).save("odd", overwrite=True)
"""


def _keep_as_block(env: dict[str, str], where: Path) -> None:
    paths = os.pathsep.join(path for path in sys.path if path)
    root = str(Path(__file__).parents[2])
    subprocess.run(
        [sys.executable, "-c", KEEP], cwd=where, env=env | {"PYTHONPATH": f"{root}{os.pathsep}{paths}"}, check=True,
        capture_output=True,
    )  # fmt: skip


def attacks(commands: Commands, scratch: Path) -> Iterator[Score]:
    """Make all of them."""
    yield on_core(commands, scratch)
    yield from with_prefect(scratch)
