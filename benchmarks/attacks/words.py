"""Titles that would do something where they are shown, and secrets that are hard to keep."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from benchmarks.attacks.commands import Commands, Done, looker_at
from benchmarks.attacks.scores import Score
from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.inert import for_terminal

TITLES = {
    "terminal escapes in titles": "\x1b[2J\x1b]0;owned\x07\x9b31m\rgone",
    "bidirectional controls in titles": "invoice\u202egpj.exe\u2066\u2028next",
    "Markdown and HTML in titles": "[x](javascript:alert(1)) ![](http://127.0.0.1:9/x) <img src=x onerror=alert(1)>",
    "names of files in titles": "../../etc/passwd; rm -rf ~ $(id) `id`",
}
SECRETS = ('it\'s "quoted"', "100%25 %s {0}", "line end\n", "geheim-ü-日本-🔑", "--password", "a+b/c=d&e", "\\x41\\n")


def titles(commands: Commands, scratch: Path) -> Iterator[Score]:
    """A title is data on the way in, in the vault and on every way out."""
    for name, title in TITLES.items():
        score = Score(name)
        with Simulator(SimulatorOptions(scale="tiny")) as looker:
            where = scratch / "titles"
            where.mkdir()
            one = next(row["id"] for row in looker.world["dashboards"] if not row["deleted"])
            mutate(looker.world, "update", "dashboards", one, {"title": title})
            env = looker_at(looker.base_url)
            commands.run("extract", cwd=where, env=env).judge(score, (0,), name)
            mutate(looker.world, "update", "dashboards", one, {"title": f"{title} again"})
            for words in (
                ("list", "dashboards"),
                ("list", "dashboards", "--json"),
                ("history", "dashboard", one),
                ("verify", "--json"),
                ("restore", "single", "dashboard", one, "--dry-run"),
                ("restore", "single", "dashboard", one, "--dry-run", "--json"),
                ("export", "out"),
            ):
                score.tried += 1
                done = commands.run(*words, cwd=where, env=env)
                done.judge(score, (0,), f"{name}: {' '.join(words)}")
                active = for_terminal(done.out + done.err) != done.out + done.err
                score.check("leaked", not active, f"{name}: {' '.join(words)}: {done.out[-300:]!r}")
            kept = json.loads((where / "out" / "dashboards" / f"{one}.json").read_bytes())["title"]
            score.check("lost", kept == title, f"{name}: {kept!r}")
            shutil.rmtree(where)
        yield score


def secrets(commands: Commands, scratch: Path) -> Score:
    """No output and no file has the secret, as it is or in any coding."""
    score = Score("odd secrets looked for in outputs and files")
    for secret in SECRETS:
        with Simulator(SimulatorOptions(scale="tiny", client_secret=secret)) as looker:
            where = scratch / "secrets"
            where.mkdir()
            env = looker_at(looker.base_url, secret) | {"LOOKERSDK_CLIENT_ID": "simulator"}
            looker.faults.add("500_html", operation="all_boards")
            one = next(row["id"] for row in looker.world["dashboards"] if not row["deleted"])
            done = [commands.run("check", cwd=where, env=env), commands.run("extract", cwd=where, env=env)]
            wrong = env | {"LOOKERSDK_CLIENT_SECRET": f"{secret.strip()}-wrong"}
            done.append(commands.run("extract", cwd=where, env=wrong))
            mutate(looker.world, "update", "dashboards", one, {"title": "changed"})
            done.append(commands.run("restore", "single", "dashboard", one, "--yes", cwd=where, env=env))
            done.append(commands.run("export", "out", cwd=where, env=env))
            score.tried += len(done)
            for command in done:
                score.check("not one clear line", "Traceback" not in command.err, f"{secret!r}: {command.err[-300:]}")
            score.check("wrong exit code", [one.code for one in done][2] == 4, f"{secret!r}: a wrong one: {done[2]}")
            _look_for(score, secret, where, done)
            shutil.rmtree(where)
    return score


def _look_for(score: Score, secret: str, where: Path, done: list[Done]) -> None:
    text = secret.strip()
    codings = {text, json.dumps(text)[1:-1], quote(text), quote_plus(text), repr(text)[1:-1]}
    needles = [one.encode() for one in codings] + [base64.b64encode(text.encode()).rstrip(b"=")]
    shown = b"\n".join((one.out + one.err).encode(errors="replace") for one in done)
    for needle in needles:
        score.check("leaked", needle not in shown, f"{needle!r} was shown")
        held = [path.name for path in where.rglob("*") if path.is_file() and needle in path.read_bytes()]
        score.check("leaked", not held, f"{needle!r} is in {held}")


def attacks(commands: Commands, scratch: Path) -> Iterator[Score]:
    """Make all of them."""
    yield from titles(commands, scratch)
    yield secrets(commands, scratch)
