"""What stands in deploy/ for machines to read: it parses, names what there is, and does what it says."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lookervault_core.offsite import Store, listing, prove
from lookervault_core.settings import _RENAMED, Settings
from tests.cli.conftest import Run
from tests.conftest import PATIENCE_S
from tests.offsite.s3 import S3

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*"))
MANIFESTS = sorted(DEPLOY.glob("kubernetes/*.yaml"))


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def unit(path: Path) -> dict[str, list[str]]:
    """Return the settings of a unit, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        name, mark, value = line.partition("=")
        if mark and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def commands() -> Iterator[list[str]]:
    """Yield every command of ours that deploy/ starts, without its name."""
    for path in UNITS:
        for line in unit(path).get("ExecStart", []):
            yield shlex.split(line)
    yield cron_job()["command"]


def cron_job() -> dict[str, Any]:
    (job,) = documents(DEPLOY / "kubernetes" / "backup.yaml")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return container


def test_every_command_in_it_is_one_that_there_is(cli: Run) -> None:
    ours = [words[1:] for words in commands() if Path(words[0]).name == "lookervault"]
    assert len(ours) == 4
    for words in ours:
        name = [word for word in words[:2] if not word.startswith("-") and not word.isdigit()]
        known = cli(*name, "--help")
        assert known.returncode == 0, words
        options = [word for word in words if word.startswith("--")]
        assert [one for one in options if one not in known.stdout] == []


def test_every_setting_in_it_is_one_that_there_is() -> None:
    known = {f"LOOKERVAULT_{name.upper()}" for name in (*Settings.model_fields, *_RENAMED)} | {"LOOKERVAULT_ROOT"}
    text = "".join(path.read_text() for path in DEPLOY.rglob("*") if path.is_file())
    named = set(re.findall(r"LOOKERVAULT_[A-Z_]*[A-Z]", text))
    assert named >= {"LOOKERVAULT_OFFSITE_URL", "LOOKERVAULT_DB_PATH"}
    assert named - known <= {"LOOKERVAULT_OFFSITE"}  # of LOOKERVAULT_OFFSITE_…


def test_the_pod_of_every_night_needs_no_disk(cli: Run, s3: S3, bucket: str, tmp_path: Path) -> None:
    """Run the container's own command twice, with what its secret holds, in an empty directory each."""
    url = s3.new_bucket(bucket)
    container = cron_job()
    (scratch,) = [one["value"] for one in container["env"] if one["name"] == "TMPDIR"]
    assert scratch in [one["mountPath"] for one in container["volumeMounts"]]
    for _ in range(2):
        done = cli(*container["command"][1:], LOOKERVAULT_OFFSITE_URL=url, LOOKERVAULT_TYPES="themes", **s3.environment)
        assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("*.db"))
    copies = listing(Store(url)).copies
    assert [len(one.snapshots) for one in copies] == [1, 2]
    assert prove(Store(url), copies[-1], ()).problem == ""


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_has_what_kubernetes_asks_for_and_names_only_what_it_makes(path: Path) -> None:
    made = documents(path)
    assert all({"apiVersion", "kind", "metadata"} <= one.keys() and one["metadata"]["name"] for one in made)
    names = {(one["kind"], one["metadata"]["name"]) for one in made}
    for one in made:
        if one["kind"] == "Deployment":
            labels = one["spec"]["template"]["metadata"]["labels"]
            assert one["spec"]["selector"]["matchLabels"].items() <= labels.items()
            assert ("ServiceAccount", one["spec"]["template"]["spec"]["serviceAccountName"]) in names
        if one["kind"] == "RoleBinding":
            assert {(one["roleRef"]["kind"], one["roleRef"]["name"])} <= names
            assert {(who["kind"], who["name"]) for who in one["subjects"]} <= names


def test_the_compose_file_starts_only_what_it_has_and_asks_for_every_secret() -> None:
    (found,) = documents(DEPLOY / "compose.yaml")
    services = found["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= services.keys()
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in found["volumes"]
    worker = services["worker"]
    assert (DEPLOY / worker["build"]["context"] / worker["build"]["dockerfile"]).is_file()
    asked = re.findall(r"\$\{(\w+):\?", (DEPLOY / "compose.yaml").read_text())
    assert set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text())) == set(asked)
    assert not [
        value
        for value in worker["environment"].values()
        if re.search("(?i)password|secret", value) and "$" not in value
    ]


@pytest.mark.skipif(not shutil.which("uv"), reason="there is no uv here to build it")
def test_the_image_has_all_that_the_wheel_is_built_of(tmp_path: Path) -> None:
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        for word in line.split()[1:-1] if line.startswith("COPY ") else ():
            one, to = DEPLOY.parent / word, tmp_path / "image" / word
            if one.is_dir():
                shutil.copytree(one, to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                to.parent.mkdir(exist_ok=True)
                shutil.copy(one, to)
    build = ["uv", "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), str(tmp_path / "image")]
    done = subprocess.run(build, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops >= {"flows", "tasks", "lookervault_core", "looker_simulator"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_one_of_systemd(path: Path) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # ty: ignore[invalid-assignment]
    parser.read_string(path.read_text())
    assert set(parser.sections()) <= {"Unit", "Service", "Timer", "Install"}
    if path.suffix == ".timer":
        assert path.with_suffix(".service").is_file()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_has_nothing_to_say_of_the_units(tmp_path: Path) -> None:
    for path in UNITS:  # what is not on this machine is another matter
        text = re.sub(r"(?m)^ExecStart=.*", "ExecStart=/bin/true", path.read_text())
        (tmp_path / path.name).write_text(re.sub(r"(?m)^(User|WorkingDirectory)=.*\n", "", text))
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.glob("lookervault-*")))],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert [line for line in done.stderr.splitlines() if "lookervault" in line] == []
