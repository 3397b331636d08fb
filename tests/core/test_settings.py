"""Where a setting comes from, and what is said when it cannot be used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lookervault_core.errors import ConfigurationError
from lookervault_core.settings import Settings, load_settings, normalised

SECRET = "s3cr3t-of-the-test"
INI = f"""
[Looker]
base_url = 'https://from-ini:19999'
client_id="ini-id"
client_secret={SECRET}
verify_ssl=no
timeout=
"""


_TAKEN = {
    "deliveries": "off",
    "notify_on": "stale",
    "log_level": "info",
    "log_format": "json",
}  # what a setting takes that takes no number


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty directory and an environment without any setting."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("LOOKER", "REQUESTS_CA", "SSL_CERT")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def complaint(**options: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(**options).connection()  # ty: ignore[invalid-argument-type]
    text = str(caught.value)
    assert "\n" not in text
    assert SECRET not in text + repr(caught.value)
    return text


def test_nothing_given_means_the_defaults() -> None:
    found = load_settings()
    assert (str(found.db_path), found.workers, found.timeout_s, found.verify_ssl) == ("looker.db", 8, 120.0, True)
    assert (found.page_size, found.rate_limit_per_second, found.rate_limit_per_minute) == (None, None, None)
    assert (found.max_calls, found.max_attempts, found.retry_deadline_s, found.full_every_days) == (0, 5, 120.0, 7)


def test_each_source_wins_over_the_ones_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("looker.ini").write_text("[Looker]\nbase_url=ini\n")
    assert load_settings().base_url == "https://ini"
    Path("lookervault.toml").write_text('base_url = "toml"\n')
    assert load_settings().base_url == "https://toml"
    monkeypatch.setenv("LOOKERSDK_BASE_URL", "sdk")
    assert load_settings().base_url == "https://sdk"
    monkeypatch.setenv("LOOKERVAULT_BASE_URL", "own")
    assert load_settings().base_url == "https://own"
    assert load_settings(base_url="option").base_url == "https://option"


def test_an_option_that_is_none_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKERVAULT_WORKERS", "3")
    assert load_settings(workers=None).workers == 3
    assert load_settings(workers=4).workers == 4


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name not in ("config", "base_url")])
def test_every_setting_has_a_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LOOKERVAULT_{name.upper()}", _TAKEN.get(name, "1"))
    assert name in load_settings().model_fields_set


def test_zero_lifts_a_limit_and_is_not_the_same_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKERVAULT_RATE_LIMIT_PER_SECOND", "0")
    assert load_settings().rate_limit_per_second == 0


def test_the_sdks_ini_is_read_as_the_sdk_reads_it() -> None:
    Path("looker.ini").write_text(INI)
    found = load_settings().connection()
    assert (found.base_url, found.client_id) == ("https://from-ini:19999", "ini-id")
    assert (found.client_secret.get_secret_value(), found.verify_ssl, found.timeout_s) == (SECRET, False, 120.0)


def test_the_first_section_of_an_ini_serves_if_none_is_called_looker() -> None:
    Path("looker.ini").write_text("[Production]\nclient_id=a%b\n[Staging]\nclient_id=b\n")
    assert load_settings().client_id == "a%b"


def test_the_sdks_variables_are_read_as_the_sdk_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKERSDK_CLIENT_ID", '"quoted"')
    monkeypatch.setenv("LOOKERSDK_BASE_URL", "")
    monkeypatch.setenv("LOOKERSDK_VERIFY_SSL", "f")
    monkeypatch.setenv("LOOKERSDK_TIMEOUT", "9")
    found = load_settings()
    assert (found.client_id, found.base_url, found.verify_ssl, found.timeout_s) == ("quoted", None, False, 9.0)


def test_a_config_file_stands_in_for_the_default_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("lookervault.toml").write_text("workers = 2\n")
    Path("other.toml").write_text("workers = 3\n")
    Path("other.ini").write_text("[x]\nclient_id = other\n")
    assert load_settings(Path("other.toml")).workers == 3
    assert load_settings(Path("other.ini")).client_id == "other"
    monkeypatch.setenv("LOOKERVAULT_CONFIG", "other.toml")
    assert load_settings().workers == 3


@pytest.mark.parametrize(
    "given",
    [
        "https://h.example.com",
        "https://h.example.com/",
        "h.example.com",
        " https://h.example.com/api/4.0/ ",
        "https://h.example.com/api",
    ],
)
def test_a_base_url_is_normalised(given: str) -> None:
    assert normalised(given) == "https://h.example.com"


def test_a_base_url_keeps_port_and_path() -> None:
    assert normalised("http://h:19999/looker/") == "http://h:19999/looker"


@pytest.mark.parametrize("url", ["ftp://h", "https://", "https://h:port", "https://h/?a=b"])
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    assert complaint(base_url=url).startswith(f"base_url: '{url}' from --base-url cannot be used: ")


def test_a_password_in_the_base_url_is_refused_and_not_shown() -> None:
    assert "base_url: what came from --base-url" in complaint(base_url=f"https://me:{SECRET}@h")
    assert SECRET not in complaint(base_url=f"https://me:{SECRET}@h/dashboards/1")


def test_a_secret_in_the_place_of_another_setting_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKERSDK_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("LOOKERSDK_TIMEOUT", SECRET)
    assert "timeout_s: what came from LOOKERSDK_TIMEOUT cannot be used" in complaint()


def test_every_missing_setting_is_named() -> None:
    text = complaint(base_url="h")
    assert text.startswith("client_id, client_secret are not set: set LOOKERSDK_CLIENT_ID and LOOKERSDK_CLIENT_SECRET")


def test_a_malformed_value_is_said_with_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKERVAULT_WORKERS", "51")
    assert "workers: '51' from LOOKERVAULT_WORKERS cannot be used" in complaint()
    monkeypatch.setenv("LOOKERSDK_TIMEOUT", "soon")
    assert "timeout_s: 'soon' from LOOKERSDK_TIMEOUT cannot be used" in complaint()
    monkeypatch.delenv("LOOKERVAULT_WORKERS")
    monkeypatch.delenv("LOOKERSDK_TIMEOUT")
    Path("lookervault.toml").write_text(f'page_size = 0\nclient_secret = ["{SECRET}"]\n')
    text = complaint()
    assert "page_size: '0' from lookervault.toml" in text
    assert "client_secret: what came from lookervault.toml" in text


def test_an_unknown_name_in_the_toml_is_an_error() -> None:
    Path("lookervault.toml").write_text("worker = 2\n")
    assert "there is no setting worker" in complaint()


@pytest.mark.parametrize(("name", "text"), [("lookervault.toml", "= ="), ("looker.ini", f"client_secret {SECRET}\n[")])
def test_a_malformed_file_is_named_and_not_quoted(name: str, text: str) -> None:
    Path(name).write_text(text)
    assert complaint().startswith(f"{name}: ")


def test_a_config_file_that_is_absent_is_an_error() -> None:
    assert "there is no file no.toml" in complaint(config=Path("no.toml"))


def connection():
    return load_settings(base_url="h.example.com", client_id="a", client_secret=SECRET).connection()


def test_the_users_ca_is_found_where_requests_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/b.pem")
    assert connection().ca_bundle == "/b.pem"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/a.pem")
    assert connection().ca_bundle == "/a.pem"


def test_the_proxy_of_the_environment_is_used_unless_excepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@proxy:3128")
    proxy = connection().proxy
    assert proxy
    assert proxy.get_secret_value().endswith("@proxy:3128")
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert connection().proxy is None


def test_the_secret_is_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@proxy:3128")
    found = load_settings(base_url="h", client_id="a", client_secret=SECRET)
    made = found.connection()
    assert SECRET not in f"{found!r} {found} {found.model_dump_json()} {made!r} {made} {list(made.__rich_repr__())}"


def test_the_client_is_imported_without_the_sdk_and_pydantic() -> None:
    code = "import lookervault_core.looker, sys; sys.exit(bool({'looker_sdk', 'pydantic'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)
