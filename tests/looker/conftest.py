"""A scripted server, a fake clock and a client for every test here."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookervault_core.looker.client import Looker
from tests.looker.scripted import FakeTime, Scripted, connection_to, start


@pytest.fixture
def server() -> Iterator[Scripted]:
    scripted, listener = start()
    yield scripted
    listener.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for localhost and its key, in one file."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    path = tmp_path / "localhost.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    path.write_bytes((tmp_path / "cert.pem").read_bytes() + (tmp_path / "key.pem").read_bytes())
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[Scripted]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    scripted, listener = start(context)
    yield scripted
    listener.close()


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def looker(server: Scripted, fake_time: FakeTime) -> Iterator[Looker]:
    """A client without limits whose waiting costs no time."""
    with Looker(
        connection_to(server.base_url), per_second=0, clock=fake_time.clock, sleep=fake_time.sleep, random=lambda: 0.5
    ) as client:
        yield client
