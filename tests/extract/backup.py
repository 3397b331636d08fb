"""One instance, one vault, and a witness that reads the instance without any of our code."""

from __future__ import annotations

import json
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from looker_simulator import Simulator, mutate
from lookervault_core.errors import BudgetSpent
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.report import ExtractReport, extract_report
from lookervault_core.extract.session import connected, extraction
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.model import ContentKey
from lookervault_core.settings import Settings, load_settings
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.file import Clock, utc_now

DASHBOARD = "/dashboards/search?deleted=false&sorts=id&limit=5000"


class Backup:
    """Backs *looker* up into the vault at *path*, on plain threads."""

    def __init__(self, looker: Simulator, path: Path) -> None:
        self.looker = looker
        self.path = path
        self.seen: list[str] = []

    def settings(self, **more: Any) -> Settings:
        patient = {
            "rate_limit_per_second": 0,
            "rate_limit_per_minute": 0,
            "max_attempts": 4,
            "retry_deadline_s": 20.0,
            "workers": 4,
        }
        known = {"base_url": self.looker.base_url, "client_id": "simulator", "client_secret": "simulator-secret"}
        return load_settings(None, **(patient | known | {"db_path": str(self.path)} | more))

    def run(
        self,
        *types: str,
        resume: str | None = None,
        exclude: tuple[str, ...] = (),
        folders: tuple[str, ...] = (),
        incremental: bool = False,
        stop: threading.Event | None = None,
        on_page: Callable[[Any], None] | None = None,
        clock: Clock = utc_now,
        **settings: Any,
    ) -> ExtractReport:
        chosen = self.settings(**settings)
        days = settings.get("audit_days", 0)
        options = ExtractOptions(types or None, exclude, folders, chosen.workers, chosen.page_size, incremental, days)
        with extraction(chosen, options, resume=resume, stop=stop, on_page=on_page, clock=clock) as run:
            try:
                capture_on_threads(run, chosen.workers)
            except BudgetSpent:
                run.close()
            return extract_report(run.vault, run.session.session_id)

    def vault(self) -> Vault:
        return Vault.open(self.path, read_only=True)

    def ids(self, content_type: str, snapshot_id: int | None = None) -> set[str]:
        with self.vault() as vault:
            return {one.id for one in vault.items(content_type, snapshot_id)}

    def payload(self, content_type: str, id: str, snapshot_id: int | None = None) -> bytes:
        with self.vault() as vault:
            return vault.payload(ContentKey(content_type, id), snapshot_id)

    def change(self, action: str, content_type: str, id: str | None = None, **values: Any) -> str:
        return mutate(self.looker.world, action, content_type, id, values)

    def write(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Change the instance through its API, as a person does."""
        with connected(self.settings(), threading.Event()) as looker:
            send = {"PATCH": looker.patch, "POST": looker.post}.get(method)
            reply = send("test", path, json.dumps(body).encode()) if send else looker.delete("test", path)
            return json.loads(reply.body) if reply.body else {}

    # The witness ------------------------------------------------------------------------------------------------------

    def ask(self, path: str) -> bytes:
        """Return the body of one GET, as the server sends it."""
        form = urllib.parse.urlencode({"client_id": "simulator", "client_secret": "simulator-secret"}).encode()
        with urllib.request.urlopen(f"{self.looker.base_url}/api/4.0/login", form, timeout=10) as reply:
            token = json.loads(reply.read())["access_token"]
        request = urllib.request.Request(
            f"{self.looker.base_url}/api/4.0{path}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.read()

    def rows(self, path: str) -> dict[str, bytes]:
        """Return the rows of a list answer by id, each as the bytes that came."""
        text = self.ask(path).decode()
        decoder, at, found = json.JSONDecoder(), 1, {}
        while text[at] != "]":
            row, end = decoder.raw_decode(text, at)
            found[str(row["id"])] = text[at:end].encode()
            at = end + 1 if text[end] == "," else end
        return found

    def counts(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.looker.base_url}/_sim/counts", timeout=10) as reply:
            return json.loads(reply.read())

    def asked(self, operation: str) -> int:
        """Return how often an operation was asked for since the last reset."""
        return self.looker.calls.by_operation[operation]
