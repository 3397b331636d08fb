"""The store that the settings name."""

from __future__ import annotations

from lookervault_core.errors import ConfigurationError
from lookervault_core.offsite.store import Patience, Store
from lookervault_core.settings import Settings


def store_of(settings: Settings) -> Store:
    """Return the store at the address of the settings. ConfigurationError if they name none."""
    if not settings.offsite_url:
        raise ConfigurationError("offsite_url is not set: set LOOKERVAULT_OFFSITE_URL to s3://bucket/path, or the like")
    return Store(settings.offsite_url, Patience(settings.max_attempts, settings.retry_deadline_s))
