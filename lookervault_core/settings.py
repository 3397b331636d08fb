"""What the user configured: the one place that reads the environment and the configuration files.

An explicit option wins over ``LOOKERVAULT_*``, that over the SDK's own ``LOOKERSDK_*``, that over ``lookervault.toml``
(or ``--config``), that over ``looker.ini``, that over the default. Names and formats of the SDK's variables and of
``looker.ini``: looker_sdk/rtl/api_settings.py (surrounding quotes are stripped, empty values count as absent).
"""

from __future__ import annotations

import configparser
import os
import re
import tomllib
import urllib.parse
from collections.abc import Container
from pathlib import Path
from typing import Any, Literal

import msgspec
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from lookervault_core.errors import ConfigurationError
from lookervault_core.looker.instance import canonical

_OWN = "LOOKERVAULT_"
_SDK = "LOOKERSDK_"
_SHARED_WITH_SDK = ("base_url", "client_id", "client_secret", "verify_ssl", "timeout")
_RENAMED = {
    "timeout": "timeout_s",
    "retry_deadline": "retry_deadline_s",
    "task_retry_delay": "task_retry_delay_s",
    "outage": "outage_s",
    "json": "as_json",
}
_TOML = Path("lookervault.toml")
_INI = Path("looker.ini")


class Connection(msgspec.Struct, frozen=True):
    """The address of a Looker and the API key. `base_url` has a scheme and no trailing slash or ``/api/4.0``."""

    base_url: str
    client_id: str
    client_secret: SecretStr
    verify_ssl: bool = True
    timeout_s: float = 120.0
    ca_bundle: str | None = None
    proxy: SecretStr | None = None


class _Values(InitSettingsSource):
    """Settings found in one place, with the words that tell the user which place."""

    def __init__(self, settings_cls: type[BaseSettings], place: str, values: dict[str, Any]) -> None:
        super().__init__(settings_cls, init_kwargs={_RENAMED.get(name, name): value for name, value in values.items()})
        self.place = place


class Settings(BaseSettings):
    """Every setting; `None` for a rate limit means the command's own default, 0 lifts it."""

    model_config = SettingsConfigDict(extra="forbid", hide_input_in_errors=True)

    config: Path | None = None
    base_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    verify_ssl: bool = True
    timeout_s: float = Field(default=120.0, gt=0)
    ca_bundle: Path | None = None
    proxy: SecretStr | None = None
    credentials_block: str | None = None

    db_path: Path = Path("looker.db")
    workers: int = Field(default=8, ge=1, le=50)
    page_size: int | None = Field(default=None, ge=1, le=5000)
    full_every_days: int = Field(default=7, ge=0)
    audit_days: int = Field(default=7, ge=0)

    keep_last: int = Field(default=0, ge=0)
    keep_daily: int = Field(default=0, ge=0)
    keep_weekly: int = Field(default=0, ge=0)
    keep_monthly: int = Field(default=0, ge=0)
    keep_undo: int = Field(default=10, ge=0)

    types: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    folder: tuple[str, ...] = ()
    incremental: bool = False
    estimate: bool = False
    no_prefect: bool = False
    resume: bool = False
    session_id: str | None = None
    allow_partial: bool = False
    verbose: bool = False
    quiet: bool = False
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    log_format: Literal["text", "json"] | None = None
    as_json: bool = False

    notify: tuple[SecretStr, ...] = ()
    notify_on: tuple[Literal["partial", "failed", "unusual", "stale"], ...] = ("partial", "failed", "unusual", "stale")
    offsite_url: str | None = None
    offsite_recipients: tuple[str, ...] = ()
    offsite_identity: Path | None = None
    from_offsite: bool = False
    signing_key: Path = Path("~/.config/lookervault/signing-key.pem")

    deliveries: Literal["off", "as-backed-up"] | None = None

    rate_limit_per_second: float | None = Field(default=None, ge=0)
    rate_limit_per_minute: float | None = Field(default=None, ge=0)
    rate_limit_ceiling: float = Field(default=0, ge=0)
    max_calls: int = Field(default=0, ge=0)
    monthly_calls: int = Field(default=0, ge=0)
    max_attempts: int = Field(default=5, ge=1)
    retry_deadline_s: float = Field(default=120.0, ge=0)
    task_retry_delay_s: float = Field(default=30.0, ge=0)
    outage_s: float = Field(default=600.0, ge=0)

    @field_validator("notify", mode="before")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("types", "exclude", "folder", "notify_on", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        return tuple(word for word in value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("offsite_recipients", mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        """Split at commas alone: a key of SSH has blanks in it."""
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @field_validator("base_url")
    @classmethod
    def _base_url(cls, value: str | None) -> str | None:
        return value and normalised(value)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        options = getattr(init_settings, "init_kwargs", {})
        return _sources(settings_cls, options)

    def connection(self) -> Connection:
        """Return the connection for a client; raises ConfigurationError, which names every missing setting."""
        values = {"base_url": self.base_url, "client_id": self.client_id, "client_secret": self.client_secret}
        missing = [name for name, value in values.items() if not value]
        if missing or not (self.base_url and self.client_id and self.client_secret):
            raise ConfigurationError(_missing(missing))
        return Connection(
            base_url=self.base_url,
            client_id=self.client_id,
            client_secret=self.client_secret,
            verify_ssl=self.verify_ssl,
            timeout_s=self.timeout_s,
            ca_bundle=str(self.ca_bundle) if self.ca_bundle else None,
            proxy=self.proxy or _proxy_from_environment(self.base_url),
        )


def load_settings(config: Path | None = None, **options: Any) -> Settings:
    """Return the settings in force; an option that is None counts as not given.

    `config` is a TOML file (``--config``) or a file in the format of ``looker.ini``, by its suffix.
    Raises ConfigurationError, in one line that names setting, source and remedy, and never a secret.
    """
    given: dict[str, Any] = {name: value for name, value in {"config": config, **options}.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as exc:
        sources = _sources(Settings, given)
        raise ConfigurationError("; ".join(_complaint(error, sources) for error in exc.errors())) from None


# What the address of a page begins with, behind that of the instance.
_PAGE = re.compile(
    r"account|admin|alerts|boards?|browse|dashboards(-next)?|embed|explore|extensions|folders|home|login|looks|marketplace|merge|"
    r"projects|queries|spaces|sql"
)


def normalised(base_url: str) -> str:
    """Return the one spelling of *base_url*, without ``/api…``; ValueError says what is wrong with it."""
    text = base_url.strip()
    parts = urllib.parse.urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not a URL such as https://example.cloud.looker.com")
    if parts.username or parts.password:
        raise ValueError("must hold scheme, host, port and path only")
    segments = parts.path.split("/")
    page = next((at for at, one in enumerate(segments) if _PAGE.fullmatch(one)), None)
    if page is not None:
        instance = f"{parts.scheme}://{parts.netloc}{'/'.join(segments[:page])}"
        raise ValueError(f"is the address of a page in Looker; that of the instance is {instance.rstrip('/')}")
    if parts.query or parts.fragment:
        raise ValueError("must hold scheme, host, port and path only")
    return canonical(urllib.parse.urlunsplit(parts))


def _sources(settings_cls: type[BaseSettings], options: dict[str, Any]) -> tuple[_Values, ...]:
    own = _environment(_OWN, tuple(Settings.model_fields) + tuple(_RENAMED))
    config = options.get("config") or own.get("config")
    toml, ini = _files(Path(config) if config else None)
    found = (
        ("the option", dict(options)),
        (_OWN, own),
        (_SDK, {name: _unquoted(value) for name, value in _environment(_SDK, _SHARED_WITH_SDK).items()}),
        ("REQUESTS_CA_BUNDLE or SSL_CERT_FILE", _ca_from_environment()),
        (str(toml), _read_toml(toml) if toml else {}),
        (str(ini), _read_ini(ini)),
    )
    return tuple(_Values(settings_cls, place, values) for place, values in found)


def _files(config: Path | None) -> tuple[Path | None, Path]:
    if config is None:
        return _TOML, _INI
    if not config.is_file():
        raise ConfigurationError(f"config: there is no file {config}; correct --config or {_OWN}CONFIG")
    return (None, config) if config.suffix == ".ini" else (config, _INI)


def _environment(prefix: str, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: os.environ.get(prefix + name.upper()) for name in names}
    return {name: value for name, value in values.items() if value}


def _ca_from_environment() -> dict[str, Any]:
    path = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    return {"ca_bundle": path} if path else {}


def _proxy_from_environment(base_url: str) -> SecretStr | None:
    """The proxy that ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY`` name for *base_url*; loopback never has one."""
    from urllib.request import getproxies_environment, proxy_bypass_environment  # ty: ignore[missing-module-member]

    parts = urllib.parse.urlsplit(base_url)
    proxies = getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    host = parts.hostname or ""
    if not proxy or host in ("localhost", "::1") or host.startswith("127."):
        return None
    return None if proxy_bypass_environment(parts.netloc) else SecretStr(proxy)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as exc:
        raise ConfigurationError(f"{path}: this is not TOML ({exc}); correct the file") from None
    unknown = sorted(set(values) - set(Settings.model_fields) - set(_RENAMED))
    if unknown:
        raise ConfigurationError(f"{path}: there is no setting {', '.join(unknown)}; correct the name or remove it")
    return values


def _read_ini(path: Path) -> dict[str, Any]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_text(path))
    except configparser.Error as exc:
        kind = type(exc).__name__  # the text of the error quotes the line, which may hold the secret
        raise ConfigurationError(f"{path}: this is not an INI file ({kind}); correct the file") from None
    if not parser.sections():
        return {}
    section = parser["Looker"] if parser.has_section("Looker") else parser[parser.sections()[0]]
    values = {name: _unquoted(section.get(name, "")) for name in _SHARED_WITH_SDK}
    return {name: value for name, value in values.items() if value}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{path}: cannot be read ({type(exc).__name__}); correct it or its rights") from None


def _unquoted(value: str) -> str:
    return value.strip().strip("\"'")


def _complaint(error: ErrorDetails, sources: tuple[_Values, ...]) -> str:
    name = str(error["loc"][0])
    origin = next((source for source in sources if source.init_kwargs.get(name) is not None), None)
    place = _place(origin.place, name) if origin else "the default"
    secrets = [source.init_kwargs.get("client_secret") for source in sources]  # pasted into the wrong place
    shown = f" {_shown(name, origin.init_kwargs[name], secrets)}" if origin else ""
    reason = error["msg"].removeprefix("Value error, ")
    return f"{name}:{shown} from {place} cannot be used: {reason[:1].lower()}{reason[1:]}; correct it there"


def _shown(name: str, value: object, secrets: Container[object]) -> str:
    is_secret = (
        name in ("client_secret", "proxy", "notify") or "@" in str(value) or value in secrets
    )  # https://user:password@host
    return "what came" if is_secret else repr(str(value))


def _place(place: str, name: str) -> str:
    if place == "the option":
        return f"--{name.replace('_', '-')}"
    return place + name.removesuffix("_s").upper() if place in (_OWN, _SDK) else place


def _missing(names: list[str]) -> str:
    where = " and ".join(_SDK + name.upper() for name in names)
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{', '.join(names)} {verb} not set: set {where} (or {_OWN}…), or give them in {_INI} or {_TOML}, "
        "or name a Prefect block with --credentials-block"
    )
