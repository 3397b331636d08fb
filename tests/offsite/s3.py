"""An S3 over HTTP: moto's server on a port of its own, and a wire before it that can be cut."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

REGION = "us-east-1"


class S3:
    """A running server; `environment` is what a process needs to use it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name=REGION,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.port)

    def new_bucket(self, name: str, *, locked_days: int = 0) -> str:
        self.client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=bool(locked_days))
        if locked_days:
            rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": locked_days}}
            self.client.put_object_lock_configuration(
                Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
            )
        return f"s3://{name}/vaults/looker"

    def objects(self, bucket: str) -> dict[str, bytes]:
        found = self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {one["Key"]: self.client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in found}


def environment(port: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }


@contextmanager
def running() -> Generator[S3]:
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)  # a request that was cut off is no fault of the server
    server = make_server("127.0.0.1", 0, _as_amazon(DomainDispatcherApplication(create_backend_app)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield S3(server.server_port)
    finally:
        server.shutdown()
        thread.join()


def _as_amazon(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Let moto be as S3 is: a bucket with object lock takes any checksum header, where moto knows the one that names the algorithm
    only; and nothing comes between the look whether an object is there and the making of it."""
    one_at_a_time = threading.Lock()

    def served(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "HTTP_X_AMZ_CHECKSUM_SHA256" in environ:
            environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = "SHA256"
        with one_at_a_time if "HTTP_IF_NONE_MATCH" in environ else nullcontext():
            return app(environ, start_response)

    return served


class Wire:
    """Relays to *port*. Once `cut_at` bytes have gone up, `cut` is called and nothing passes any more."""

    def __init__(self, port: int, cut_at: int | None = None, cut: Callable[[], None] = lambda: None) -> None:
        self._to, self._cut_at, self._cut = port, cut_at, cut
        self._lock, self._is_cut = threading.Lock(), False
        self.sent = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                threading.Thread(target=self._relay, args=(caller, server, True), daemon=True).start()
                threading.Thread(target=self._relay, args=(server, caller, False), daemon=True).start()

    def _relay(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        with suppress(OSError), ended(source), ended(target):
            while data := source.recv(65536):
                target.sendall(self._passing(data) if up else data)
                if self._is_cut:
                    return

    def _passing(self, data: bytes) -> bytes:
        """Return what of *data* still passes."""
        with self._lock:
            if self._is_cut:
                return b""
            left = len(data) if self._cut_at is None else max(0, self._cut_at - self.sent)
            self.sent += len(data)
            if left < len(data):
                self._is_cut = True
                self._cut()
            return data[:left]


@contextmanager
def ended(connection: socket.socket) -> Generator[None]:
    """End *connection* afterwards, also for who waits for it: to close it alone would leave them waiting."""
    try:
        yield
    finally:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
