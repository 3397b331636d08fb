"""Copies off-site: what they cost beside `zstd | age | cp`, and what becomes of pushes that are cut off, altered or raced for.

    uv run python benchmarks/offsite.py size [--gigabytes 1] [--rounds 3]
    uv run python benchmarks/offsite.py kills [--times 100]      # a push killed at random bytes, over HTTP to an S3
    uv run python benchmarks/offsite.py bytes [--times 300]      # one altered byte in any object
    uv run python benchmarks/offsite.py races [--times 50]       # two workers without a disk at once

The S3 is moto's server on this machine. `age` is pyrage in a process of its own, which has the same code in it as the command rage.
Ratios within a run mean the same on any machine; seconds do not.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import pyrage

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.errors import NotTheNewest
from lookervault_core.extract.alone import extract_alone
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.offsite import Store, identities, listing, prove, push, recipients
from lookervault_core.offsite.manifest import COPIES, MANIFESTS
from lookervault_core.offsite.run import ground_of, with_copy
from lookervault_core.settings import Settings, load_settings
from lookervault_core.vault import Vault
from tests.offsite import s3
from tests.simulated import capture_all, client

COMMAND = str(Path(sys.executable).with_name("lookervault"))
AGE = "import sys, pyrage as p; p.{way}_io(sys.stdin.buffer, sys.stdout.buffer, [p.x25519.{key}.from_str(sys.argv[1])])"


def backup(path: Path) -> None:
    """Make a vault of a small instance."""
    with (
        Simulator(SimulatorOptions(scale="tiny")) as looker,
        Vault.create_or_open(path) as vault,
        client(looker) as one,
    ):
        capture_all(vault, one, looker)


def padded(path: Path, size: int) -> None:
    """Let a vault grow to *size* bytes by blobs that nobody needs; as those that are needed, they cannot be compressed further."""
    with Vault.open(path) as vault:
        while path.stat().st_size < size:
            rows = [(os.urandom(32), 42_000, os.urandom(5_700)) for _ in range(5_000)]
            with vault.write() as db:
                db.executemany("INSERT INTO blobs (sha256, size, data) VALUES (?, ?, ?)", rows)
            vault.shrink()


def measured(command: list[str] | str, **variables: str) -> tuple[float, float]:
    """Run a command, and return its seconds and the most memory that its own process took, in MB."""
    began, memory = time.monotonic(), 0.0
    process = subprocess.Popen(
        command, shell=isinstance(command, str), env=os.environ | variables, stdout=subprocess.DEVNULL
    )
    while process.poll() is None:
        memory = max(memory, peak_mb(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0, command
    return time.monotonic() - began, memory


def peak_mb(pid: int) -> float:
    """Return what /proc says, 0 for a process that has just ended. (`getrusage` counts what a process was forked from.)"""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000
    return 0.0


def size(room: Path, gigabytes: float, rounds: int) -> None:
    vault, elsewhere = room / "looker.db", room / "elsewhere"
    backup(vault)
    padded(vault, int(gigabytes * 1e9))
    secret = pyrage.x25519.Identity.generate()
    (room / "key.txt").write_text(str(secret))
    elsewhere.mkdir()
    found: dict[str, list[tuple[float, float]]] = {}
    for at in range(rounds):
        url, by_hand, back = f"file://{room}/store{at}", elsewhere / f"{at}.age", room / f"back{at}.db"
        seal = f"{sys.executable} -c '{AGE.format(way='encrypt', key='Recipient')}' {secret.to_public()}"
        unseal = f"{sys.executable} -c '{AGE.format(way='decrypt', key='Identity')}' {secret}"
        told = {
            "push": [COMMAND, "push", url, "-r", str(secret.to_public()), "--db-path", str(vault)],
            "zstd | age > file": f"zstd -q -3 -c {vault} | {seal} > {by_hand} && sync {by_hand}",
            "pull": [COMMAND, "pull", url, "-i", str(room / "key.txt"), "--to", str(back)],
            "age -d | zstd -d > file": f"{unseal} < {by_hand} | zstd -q -d > {room}/hand.db && sync {room}/hand.db",
        }
        for name, command in told.items():
            found.setdefault(name, []).append(measured(command))
        back.unlink()
    medians = {name: statistics.median(seconds for seconds, _ in runs) for name, runs in found.items()}
    for name, runs in found.items():
        memory = "" if "|" in name else f"  {max(memory for _, memory in runs):6.0f} MB at most"
        print(f"{name:24} {medians[name]:6.1f} s{memory}")
    print(f"push / by hand: {medians['push'] / medians['zstd | age > file']:.2f}")
    print(f"pull / by hand: {medians['pull'] / medians['age -d | zstd -d > file']:.2f}")


def killed(at: int, port: int, url: str, vault: Path) -> int:
    started: list[subprocess.Popen[bytes]] = []
    wire = s3.Wire(port, at, lambda: started[0].kill())
    environment = os.environ | s3.environment(wire.port) | {"LOOKERVAULT_MAX_ATTEMPTS": "1"}
    command = [COMMAND, "push", url, "--db-path", str(vault)]
    started.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    code = started[0].wait()
    wire.close()
    return code


def kills(room: Path, storage: s3.S3, times: int) -> None:
    vault = room / "looker.db"
    backup(vault)
    padded(vault, 30_000_000)  # some parts
    url, drawn = storage.new_bucket("kills"), random.Random(1)
    whole = s3.Wire(storage.port)
    measured([COMMAND, "push", url, "--db-path", str(vault)], **s3.environment(whole.port))
    store = Store(url)
    # One in four in the last 4 kB, where the manifest goes up.
    cuts = [
        whole.sent - drawn.randrange(1, 4000) if at % 4 == 0 else drawn.randrange(whole.sent) for at in range(times)
    ]
    with ThreadPoolExecutor(2) as pool:
        codes = Counter(pool.map(lambda at: killed(at, storage.port, url, vault), cuts))
    copies = listing(store).copies
    bad = [one.number for one in copies if prove(store, one, ()).problem]
    print(f"{times} pushes killed at random bytes of {whole.sent:,}: exit codes {dict(codes)}")
    print(
        f"{len(copies)} copies listed, {len(bad)} of them cannot be pulled and proven; {len(store.entries(COPIES))} objects"
    )


def altered(room: Path, times: int) -> None:
    vault, drawn = room / "looker.db", random.Random(2)
    backup(vault)
    secret = pyrage.x25519.Identity.generate()
    (room / "key.txt").write_text(str(secret))
    store, keys = Store(f"file://{room}/store"), identities(room / "key.txt")
    for to in ([str(secret.to_public())], []):
        push(vault, store, recipients(to))
    paths = [room / "store" / one.path for prefix in (COPIES, MANIFESTS) for one in store.entries(prefix)]
    found: Counter[tuple[str, bool]] = Counter()
    for _ in range(times):
        path = drawn.choice(paths)
        before = path.read_bytes()
        place = drawn.randrange(len(before))
        path.write_bytes(before[:place] + bytes([before[place] ^ drawn.randrange(1, 256)]) + before[place + 1 :])
        there = listing(store)
        noticed = bool(there.damaged) or any(prove(store, one, keys).problem for one in there.copies)
        found[path.parent.name, noticed] += 1
        path.write_bytes(before)
    for (what, noticed), count in sorted(found.items()):
        print(f"{what}: {count} altered bytes {'found' if noticed else 'NOT FOUND'}")


def races(room: Path, storage: s3.S3, times: int) -> None:
    url = storage.new_bucket("races")
    ends: Counter[str] = Counter()
    with Simulator(SimulatorOptions(scale="tiny")) as looker:
        settings = load_settings(
            base_url=looker.base_url,
            client_id=looker.options.client_id,
            client_secret=looker.options.client_secret,
            rate_limit_per_second=0,
            offsite_url=url,
            from_offsite=True,
        )
        tempfile.tempdir = str(room)
        for _ in range(times):
            both_have_pulled = threading.Barrier(2)
            with ThreadPoolExecutor(2) as pool:
                found = pool.map(lambda _, at=both_have_pulled: worked(settings, at), range(2))
                ends[" and ".join(sorted(found))] += 1
    copies = listing(Store(url)).copies
    print(
        f"{times} times two at once: {dict(ends)}; {len(copies)} copies, {len(copies[-1].snapshots)} snapshots in the last"
    )


def worked(settings: Settings, both_have_pulled: threading.Barrier) -> str:
    """Be a worker without a disk."""
    try:
        with ground_of(settings) as ground:
            both_have_pulled.wait()
            with_copy(extract_alone(ground.settings, ExtractOptions(("themes",), workers=1)), ground)
    except NotTheNewest:
        return "lost"
    return "won"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["size", "kills", "bytes", "races"])
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        room = Path(directory)
        if given.what == "size":
            size(room, given.gigabytes, given.rounds)
        elif given.what == "bytes":
            altered(room, given.times or 300)
        else:
            _over_http(
                kills if given.what == "kills" else races, room, given.times or (100 if given.what == "kills" else 50)
            )


def _over_http(run: Callable[[Path, s3.S3, int], Any], room: Path, times: int) -> None:
    with s3.running() as storage:
        os.environ |= storage.environment
        run(room, storage, times)


if __name__ == "__main__":
    main()
