"""Damages to the settings of the instance. See ``wreck.py``. How people sign in stays: a restore leaves that alone by default."""

from looker_simulator.settings import ALLOWLIST, TABLE
from looker_simulator.vandal import Vandal


def _settings(v: Vandal) -> None:
    embed = v.world[TABLE].rows["setting"]["embed_config"]
    v.world[TABLE].change(
        "setting",
        timezone="Pacific/Auckland",
        email_domain_allowlist=[],
        embed_config=embed | {"domain_allowlist": ["https://anybody.example.net"], "sso_auth_enabled": False},
    )
    v.note("settings: another timezone, mails may go to any domain, embedding opened to another site")
    v.world[TABLE].change("custom_welcome_email", content="<p>???</p>", enabled=False)
    v.note("settings: the welcome mail is switched off and its text lost")


def _support(v: Vandal) -> None:
    for row in v.take(ALLOWLIST):
        v.world[ALLOWLIST].remove(row["id"])
        v.note(f"settings: support may not sign in as {row['email']} any more")


DAMAGES = (_settings, _support)
