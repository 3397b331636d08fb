"""The logins of users. Only Looker can make an identity provider's login: when the person signs in for the first time.

That sign-in finds an existing user by the address of the login by e-mail, if the configuration says so (OpenAPI 4.0.26.12,
`SAMLConfig.new_user_migration_types`, `LDAPConfig.merge_new_users_by_email`); else it makes another user.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.families.comparison import Comparison
from lookervault_core.families.inside import differing
from lookervault_core.families.users.providers import NOT_OF_SERVICE_ACCOUNTS, PROVIDERS, address_of
from lookervault_core.families.users.shape import EMBED, KEYS, LOGIN, OF_LOGINS

GAINED = "this login came with a sign-in since the backup: it stays"
CHANGED = "it comes from the identity provider"
NO_EMBED = (
    "the application that embeds Looker signs this user in by it, and no call gives it to a user who is there: its next sign-in "
    "makes another user"
)
NEW_KEY = "this API key was made since the backup: it stays"
OTHER_KEY = "this API key says another purpose, or was disabled or enabled since the backup: change it in Looker"
FIXED = "Looker has no call that writes it of a service account"
NO_LOGIN = "Looker takes no login by e-mail here, so that the person's next sign-in makes another user"


def _give_address(difference: Difference, rules: Rules) -> None:
    """Give a user a login by e-mail, so that the next sign-in finds it: one who had logins of identity providers only, and whose
    live side has none of those. A login by e-mail that is there stays, unless an exact restore would take it and leave none."""
    ours, live = difference.source.fields, difference.live
    address, theirs = address_of(ours), live.fields if live is not None else {}
    if not address or ours.get("email") or any(theirs.get(kind) for kind in PROVIDERS):
        return
    now = str(theirs.get("email") or "")
    if now.lower() == address.lower():
        address = now
    elif now and not rules.exact:
        return
    difference.source = structs.replace(difference.source, fields={**ours, "email": address})


def _name_lost_logins(difference: Difference) -> None:
    """Take the logins of identity providers out of a difference, and name them as lost."""
    theirs = difference.live.fields if difference.live is not None else {}
    for kind in PROVIDERS.keys() & difference.changed.keys():
        address = difference.changed.pop(kind)
        if address is None:
            difference.lost[kind] = GAINED
        elif theirs.get(kind):
            difference.lost[kind] = CHANGED
        else:
            difference.lost[kind] = _lost(PROVIDERS[kind], difference.source.fields.get("email"))


def _name_lost_embedding(difference: Difference) -> None:
    """Take the id that an embedding application knows out of a difference: with it a user is made; on one who is there, name it."""
    if EMBED not in difference.changed:
        return
    external = difference.changed.pop(EMBED)
    if difference.live is not None:
        difference.lost[EMBED] = NO_EMBED if external is not None else GAINED


def _name_keys(difference: Difference, rules: Rules) -> None:
    """Take the API keys out of a difference, and name those of a user who is there that are new or say something else. The catalog
    names those that are gone, and all of a user who is another one by now."""
    live, ours = difference.live, difference.changed.pop(KEYS, None)
    if ours is None or live is None or live.id != difference.source.id or not rules.same_instance:
        return
    theirs = live.fields.get(KEYS) or {}
    for key in theirs.keys() - ours.keys():
        difference.lost[f"{KEYS}[{key}]"] = NEW_KEY
    for key in theirs.keys() & ours.keys():
        if theirs[key] != ours[key]:
            difference.lost[f"{KEYS}[{key}]"] = OTHER_KEY


def _name_fixed_names(difference: Difference) -> None:
    """Take out of the difference of a service account what no call writes of one; of one that is there, name it as lost."""
    if not difference.source.fields.get("service_account_name"):
        return
    for field in difference.changed.keys() & set(NOT_OF_SERVICE_ACCOUNTS):
        del difference.changed[field]
        if difference.live is not None:
            difference.lost[field] = FIXED


def _lost(provider: str, address: Any) -> str:
    if address:
        return (
            f"{provider} makes this login again at the person's next sign-in; the user is found by its login by e-mail, {address}, "
            "if Looker is set to merge new sign-ins by e-mail"
        )
    return f"{provider} shows no address, so that nothing ties the person's next sign-in to this user: it makes another one"


def _compared(difference: Difference, rules: Rules) -> None:
    _name_lost_logins(difference)
    _name_keys(difference, rules)
    _name_lost_embedding(difference)
    _name_fixed_names(difference)


def _compare_login(one: Difference, _resolve: Resolve, rules: Rules) -> None:
    """What else of a login by e-mail differs is written with it, or named."""
    one.changed.pop(LOGIN, None)
    ours = one.source.fields.get(LOGIN)
    if not ours:
        return
    live = one.live.fields.get(LOGIN) or {} if one.live is not None else {}
    changed, lost = differing(rules, OF_LOGINS, LOGIN, ours, live)
    one.lost |= lost
    if changed:
        one.changed[LOGIN] = changed


COMPARISONS = {"users": Comparison(paired=_give_address, fields=_compare_login, compared=_compared)}
