"""Every way the wire can fail is an error of its own type whose text says where and what to do."""

from __future__ import annotations

import socket
import zlib

import pytest

from lookervault_core.errors import (
    BadReply,
    CertificateRefused,
    ConfigurationError,
    NotConnected,
    Unreachable,
    WrongHost,
)
from lookervault_core.looker.transport import Transport
from tests.looker.scripted import (
    CLOSE_BEFORE_ANSWER,
    RESET_BEFORE_ANSWER,
    Answer,
    Scripted,
    answer,
    connection_to,
    zipped,
)


def send(base_url: str, **changes: object):
    return Transport(connection_to(base_url, **changes)).send("me", "GET", "/user")


def test_a_reply_has_status_headers_and_the_bytes_that_came(server: Scripted) -> None:
    server.on("GET /user", answer(200, b'{"price": 1.10}', X_Total_Count="7"))
    reply = send(server.base_url)
    assert (reply.status, reply.headers["x-total-count"], reply.body) == (200, "7", b'{"price": 1.10}')


def test_an_error_status_is_a_reply_too(server: Scripted) -> None:
    assert send(server.base_url).status == 404


@pytest.mark.parametrize("body", [b"[]", b"[" + b"1," * 500_000 + b"1]"])
def test_a_gzipped_body_is_unzipped(server: Scripted, body: bytes) -> None:
    server.on("GET /user", zipped(body))
    assert send(server.base_url).body == body


def test_a_gzipped_body_of_several_members_is_unzipped_whole(server: Scripted) -> None:
    parts = [zlib.compress(part, wbits=31) for part in (b"[1,", b"2]")]
    server.on("GET /user", answer(200, b"".join(parts), Content_Encoding="gzip"))
    assert send(server.base_url).body == b"[1,2]"


def test_a_chunked_body_is_put_together(server: Scripted) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.on("GET /user", Answer(head + b"3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"))
    assert send(server.base_url).body == b"[1,2]"


CUT = {
    "fewer bytes than declared": Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1", then="close"),
    "reset within the body": Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1", then="reset"),
    "a chunk is missing": Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n", then="close"),
    "half a gzip": answer(200, zlib.compress(bytes(range(256)) * 50, wbits=31)[:-20], Content_Encoding="gzip"),
    "no gzip": answer(200, b"[1, 2, 3]", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("said", CUT.values(), ids=CUT)
def test_a_body_that_is_cut_short_is_a_bad_reply(server: Scripted, said: Answer) -> None:
    server.on("GET /user", said)
    with pytest.raises(BadReply, match="me: Looker answered 200, but the body was cut short") as caught:
        send(server.base_url)
    assert caught.value.status == 200


@pytest.mark.parametrize("said", [RESET_BEFORE_ANSWER, CLOSE_BEFORE_ANSWER], ids=["reset", "closed"])
def test_a_lost_answer_is_unreachable_and_not_unconnected(server: Scripted, said: Answer) -> None:
    server.on("GET /user", said)
    with pytest.raises(Unreachable, match=f"localhost:{server.port}") as caught:
        send(server.base_url)
    assert type(caught.value) is Unreachable


def test_a_slow_answer_times_out(server: Scripted) -> None:
    server.on("GET /user", Answer(delay_s=1))
    with pytest.raises(Unreachable, match=r"did not answer within 0\.1 s"):
        send(server.base_url, timeout_s=0.1)


def test_what_is_not_http_is_unreachable(server: Scripted) -> None:
    server.on("GET /user", Answer(b"SSH-2.0-OpenSSH\r\n", then="close"))
    with pytest.raises(Unreachable, match="check the port"):
        send(server.base_url)


def test_a_refused_connection_names_host_and_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotConnected, match=f"localhost:{port} refuses connections"):
        send(f"http://localhost:{port}")


def test_a_name_that_does_not_resolve_is_the_wrong_host() -> None:
    with pytest.raises(WrongHost, match=r"looker\.invalid does not resolve; check base_url"):
        send("http://looker.invalid")


def test_a_name_that_resolved_before_is_only_out_of_reach_for_now(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("GET /user", Answer(answer(200, [], Connection="close").raw, then="close"))
    transport = Transport(connection_to(server.base_url))
    transport.send("me", "GET", "/user")

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(NotConnected, match="does not resolve"):
        transport.send("me", "GET", "/user")


def test_a_certificate_that_nobody_signed_is_refused(tls_server: Scripted) -> None:
    with pytest.raises(CertificateRefused, match=r"self-signed certificate.*REQUESTS_CA_BUNDLE"):
        send(tls_server.base_url)


def test_a_certificate_of_the_users_own_ca_is_accepted(tls_server: Scripted, certificate) -> None:
    tls_server.on("GET /user", answer(200, []))
    assert send(tls_server.base_url, ca_bundle=str(certificate)).body == b"[]"


def test_a_certificate_for_another_name_is_refused(tls_server: Scripted, certificate) -> None:
    with pytest.raises(CertificateRefused):
        send(f"https://127.0.0.1:{tls_server.port}", ca_bundle=str(certificate))


def test_verification_can_be_switched_off(tls_server: Scripted) -> None:
    tls_server.on("GET /user", answer(200, []))
    assert send(tls_server.base_url, verify_ssl=False).status == 200


def test_a_port_without_tls_is_the_wrong_host(server: Scripted) -> None:
    with pytest.raises((WrongHost, Unreachable), match=f"localhost:{server.port}"):
        send(f"https://localhost:{server.port}", timeout_s=0.5)


def test_a_ca_bundle_that_is_absent_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match=r"/no/such\.pem cannot be used"):
        send("https://localhost:1", ca_bundle="/no/such.pem")


def test_a_redirect_is_not_followed(server: Scripted) -> None:
    server.on("GET /user", answer(302, b"", Location=f"{server.base_url}/elsewhere"))
    assert send(server.base_url).status == 302
    assert [request.path for request in server.requests] == ["/user"]
