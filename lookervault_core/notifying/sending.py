"""Send a message to addresses by apprise: mail, Slack, Teams, PagerDuty, a webhook and a hundred more."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from pydantic import SecretStr

from lookervault_core.errors import ConfigurationError
from lookervault_core.notifying.message import Message


def check_addresses(addresses: Sequence[SecretStr]) -> None:
    """Raise ConfigurationError if apprise does not know the form of an address; the message gives its number, as it holds
    secrets."""
    from apprise import Apprise

    with _quiet():
        bad = [n for n, one in enumerate(addresses, 1) if not Apprise().add(one.get_secret_value())]
    if bad:
        raise ConfigurationError(
            f"notify: address {', '.join(map(str, bad))} of {len(addresses)} is no URL that apprise knows; correct "
            "LOOKERVAULT_NOTIFY (https://github.com/caronc/apprise lists them)"
        )


def send(addresses: Sequence[SecretStr], message: Message) -> int:
    """Send *message* to all *addresses* and return how many did not take it. Nothing is raised: no run fails by its message."""
    return sum(not taken for taken in send_each(addresses, message))


def send_each(addresses: Sequence[SecretStr], message: Message) -> list[bool]:
    """Send *message* to each of *addresses* and return which took it."""
    from apprise import Apprise, NotifyFormat, NotifyType

    kind = NotifyType.WARNING if "unusual" in message.occasions else NotifyType.FAILURE
    taken = []
    with _quiet():
        for address in addresses:
            to = Apprise()
            is_known = to.add(address.get_secret_value())
            taken.append(bool(is_known and to.notify(message.body, message.title, kind, body_format=NotifyFormat.TEXT)))
    return taken


@contextmanager
def _quiet() -> Generator[None]:
    """Let apprise log nothing: its lines quote addresses, with their secrets."""
    logger = logging.getLogger("apprise")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
