"""Extractions that push what they made, and those of workers without a disk."""

from __future__ import annotations

import json
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from looker_simulator import Simulator
from lookervault_core.errors import NotTheNewest
from lookervault_core.extract.alone import extract_alone
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.report import ExtractReport
from lookervault_core.offsite import Store, listing, prove
from lookervault_core.offsite.run import ground_of, with_copy
from lookervault_core.settings import Settings, load_settings
from lookervault_core.vault import Vault
from tests.cli.conftest import SECRET, Run
from tests.conftest import PATIENCE_S, PrefectServer
from tests.offsite.conftest import Key
from tests.offsite.s3 import S3

THEMES = ("extract", "themes", "--no-prefect")


def test_a_run_pushes_what_it_made_and_names_the_root_hash(cli: Run, url: str, storage: S3) -> None:
    made = cli(*THEMES, "--json", LOOKERVAULT_OFFSITE_URL=url, **storage.environment)
    report = json.loads(made.stdout)
    assert (made.returncode, report["offsite"]["status"], report["offsite"]["number"]) == (0, "pushed", 1), made.stderr
    (copy,) = json.loads(cli("offsite", "list", url, "--json", **storage.environment).stdout)
    assert [one["root"] for one in copy["snapshots"]] == [report["root"]]
    told = cli(*THEMES, "--offsite-url", url, **storage.environment).stdout
    assert "copy 2 is at" in told
    checked = cli("check", LOOKERVAULT_OFFSITE_URL=url, **storage.environment)
    assert (checked.returncode, "2 copies, the newest of" in checked.stdout) == (0, True), checked.stdout
    assert report["root"] in cli("verify", "--snapshot", "1").stdout
    assert "root hash" in told


def test_a_push_that_fails_makes_the_run_partial_and_loses_nothing(cli: Run, storage: S3) -> None:
    failed = cli(*THEMES, "--json", LOOKERVAULT_OFFSITE_URL="s3://no-such-bucket/x", **storage.environment)
    report = json.loads(failed.stdout)
    assert (failed.returncode, report["status"], report["offsite"]["status"]) == (3, "complete", "failed")
    assert "the vault was not pushed" in failed.stderr
    allowed = cli(*THEMES, "--allow-partial", LOOKERVAULT_OFFSITE_URL="s3://no-such-bucket/x", **storage.environment)
    assert allowed.returncode == 0
    assert len(json.loads(cli("snapshots", "--json").stdout)) == 2
    checked = cli("check", LOOKERVAULT_OFFSITE_URL="s3://no-such-bucket/x", **storage.environment)
    assert (checked.returncode, "NoSuchBucket" in checked.stdout) == (1, True)


def test_a_worker_without_a_disk_goes_on_from_the_newest_copy(
    cli: Run, url: str, key: Key, storage: S3, tmp_path: Path
) -> None:
    variables = storage.environment | {
        "LOOKERVAULT_OFFSITE_URL": url,
        "LOOKERVAULT_OFFSITE_RECIPIENTS": key.public,
        "LOOKERVAULT_OFFSITE_IDENTITY": str(key.path),
        "TMPDIR": str(tmp_path),
    }
    for number in (1, 2):
        made = cli(*THEMES, "--from-offsite", "--json", **variables)
        assert (made.returncode, json.loads(made.stdout)["snapshot_id"]) == (0, number), made.stderr
    assert json.loads(made.stdout)["types"]["themes"]["unchanged"] > 0
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("lookervault-") or one.suffix == ".db"] == []
    nobody = cli(*THEMES, "--from-offsite", **(variables | {"LOOKERVAULT_OFFSITE_IDENTITY": ""}))
    assert (nobody.returncode, "name the identity" in nobody.stderr) == (2, True)
    both = cli(*THEMES, "--from-offsite", "--db-path", "x.db", **variables)
    assert (both.returncode, "leave out --db-path" in both.stderr) == (2, True)
    nowhere = cli(*THEMES, "--from-offsite", **storage.environment)
    assert (nowhere.returncode, "LOOKERVAULT_OFFSITE_URL" in nowhere.stderr) == (2, True)


def test_of_two_workers_without_a_disk_one_wins_and_nothing_is_lost(
    url: str, looker: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings = load_settings(
        base_url=looker.base_url,
        client_id="simulator",
        client_secret=SECRET,
        rate_limit_per_second=0,
        offsite_url=url,
        from_offsite=True,
    )
    for number in (1, 2, 3):
        with ThreadPoolExecutor(2) as pool:
            both_have_pulled = threading.Barrier(2)
            ends = list(pool.map(lambda _, at=both_have_pulled: worked(settings, at), range(2)))
        (lost,) = [one for one in ends if isinstance(one, NotTheNewest)]
        assert "was pushed after this run pulled" in str(lost)
        with Vault.open(str(lost).split(" is in ")[1], read_only=True) as vault:
            assert len(vault.snapshots()) == number
        copies = listing(Store(url)).copies
        assert [len(one.snapshots) for one in copies] == list(range(1, number + 1))
    assert [prove(Store(url), one, ()).problem for one in copies] == ["", "", ""]


def worked(settings: Settings, both_have_pulled: threading.Barrier) -> ExtractReport | NotTheNewest:
    """Be a worker without a disk, and return the report, or why there is none."""
    try:
        with ground_of(settings) as ground:
            both_have_pulled.wait(PATIENCE_S)
            report = extract_alone(ground.settings, ExtractOptions(("themes",), workers=1))
            return with_copy(report, ground)
    except NotTheNewest as exc:
        return exc


@pytest.mark.prefect
def test_the_flow_pushes_by_a_task_and_is_partial_where_that_fails(
    cli: Run, s3: S3, bucket: str, prefect_server: PrefectServer
) -> None:
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    url = s3.new_bucket(bucket)
    server = prefect_server.environment | s3.environment
    pushed = cli("extract", "themes", "--json", LOOKERVAULT_OFFSITE_URL=url, **server)
    assert (pushed.returncode, json.loads(pushed.stdout)["offsite"]["number"]) == (0, 1), pushed.stderr
    failed = cli("extract", "themes", "--json", LOOKERVAULT_OFFSITE_URL="s3://no-such-bucket/x", **server)
    assert (failed.returncode, json.loads(failed.stdout)["status"]) == (3, "complete"), failed.stderr
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}), get_client(sync_client=True) as client:
        runs = {str(one.expected_start_time): one.state_name for one in client.read_flow_runs()}
        assert [runs[at] for at in sorted(runs)][-2:] == ["Completed", "Partial"]
        tasks = [one.name for one in client.read_task_runs() if one.name.startswith("push ")]
    assert f"push {url}" in tasks
