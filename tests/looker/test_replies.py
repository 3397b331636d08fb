"""An answer's status decides its error; its body only makes the message."""

from __future__ import annotations

import pytest
from urllib3 import HTTPHeaderDict

from lookervault_core import errors
from lookervault_core.looker.replies import Reply, damage, refusal, retry_after_s


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    named = HTTPHeaderDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Reply(status, named, body, 0.0)


@pytest.mark.parametrize(
    ("status", "kind", "transient"),
    [
        (301, errors.WrongHost, False),
        (400, errors.Refused, False),
        (401, errors.Unauthorized, False),
        (403, errors.PermissionRefused, False),
        (404, errors.Missing, False),
        (405, errors.Refused, False),
        (409, errors.Conflict, False),
        (422, errors.Invalid, False),
        (429, errors.RateLimited, True),
        (500, errors.ServerFault, True),
        (504, errors.ServerFault, True),
    ],
)
def test_a_status_is_one_error(status: int, kind: type[errors.LookerError], transient: bool) -> None:
    body = b'{"message": "Said", "documentation_url": "https://docs.looker.com/"}'
    error = refusal(reply(status, body), "dashboard", "dashboard 42", 0)
    assert type(error) is kind
    assert (error.status, error.operation, error.transient) == (status, "dashboard", transient)
    assert str(error).startswith(f"dashboard dashboard 42: Looker answered {status}: Said; ")


def test_a_2xx_is_no_error() -> None:
    assert refusal(reply(204), "delete_look", "look 1", 0) is None


def test_an_invalid_write_names_every_field() -> None:
    body = b"""{"message": "Validation Failed", "documentation_url": "http://docs.looker.com/", "errors": [
        {"field": "title", "code": "already_exists", "message": "Taken.", "documentation_url": "x"},
        {"field": "type", "code": null, "message": null}]}"""
    error = refusal(reply(422, body), "update_dashboard", "dashboard 42", 0)
    assert error is not None
    assert error.details == (("title", "already_exists", "Taken."), ("type", "", ""))
    assert "Validation Failed (title [already_exists] Taken., type)" in str(error)


def test_a_message_has_the_request_id() -> None:
    error = refusal(reply(500, X_Request_Id="abc"), "search_dashboards", "", 0)
    assert str(error).startswith("search_dashboards: Looker answered 500 (request id abc); ")


@pytest.mark.parametrize(
    "body",
    [
        b"<html><head><title>502\n Bad Gateway</title></head><body>" + b"x" * 9000,
        b"502 Bad Gateway",
        b"<h1>502 Bad</h1>\r\n<p>Gateway</p>",
    ],
)
def test_an_error_page_makes_one_clean_line(body: bytes) -> None:
    text = str(refusal(reply(502, body), "me", "", 0))
    assert "502 Bad Gateway" in text
    assert len(text) < 300
    assert not set("\n\r<>") & set(text)


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"message": 5}', b"[1]", b'{"errors": "no"}', b"null", b'{"message":'])
def test_an_error_body_of_any_shape_is_survived(body: bytes) -> None:
    assert isinstance(refusal(reply(500, body), "me", "", 0), errors.ServerFault)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "Thu, 01 Jan 1970 00:02:00 GMT"}, 20.0),
        ({"Retry_After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"Retry_After": "Fri, 01 Jan 2021 00:00:09 GMT", "Date": "Fri, 01 Jan 2021 00:00:00 GMT"}, 9.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_date(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after_s(reply(429, b"", **headers).headers, now_s=100.0) == expected


@pytest.mark.parametrize("body", [b"[]", b' {"a":1}\n', b'"text"', b"true", b"-1", b"null"])
def test_json_is_no_damage(body: bytes) -> None:
    assert damage(reply(200, body), "me", "", must_have_body=True) is None


@pytest.mark.parametrize("body", [b"<!doctype html>", b"Login please", b'[{"id":1},{"i', b'{"id":1', b"", b"  "])
def test_what_is_not_whole_json_is_a_bad_reply(body: bytes) -> None:
    assert isinstance(damage(reply(200, body), "me", "", must_have_body=True), errors.BadReply)


def test_an_html_content_type_is_a_bad_reply() -> None:
    assert damage(reply(200, b"[]", Content_Type="text/html"), "me", "", must_have_body=True)


def test_no_content_is_no_damage() -> None:
    assert damage(reply(204), "delete_look", "", must_have_body=True) is None
    assert damage(reply(200), "delete_look", "", must_have_body=False) is None
