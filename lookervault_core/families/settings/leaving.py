"""Which settings of the instance a restore does not write, each with its reason: it must lock nobody out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookervault_core.catalog import CATALOG, DOCUMENTS, Document
from lookervault_core.diff.api.learned import Standing
from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.wording.naming import Mention
from lookervault_core.families.comparison import Comparison
from lookervault_core.families.settings.shape import SETTINGS

LOGIN = "login settings are left alone: --include-login-settings puts them back"
NO_WRITE = "no call writes it"
WAY_IN = "the API user could not sign in by then: change it in Looker once there is another way in"
UNSHOWN = "its secret is in no backup: enter it in Looker"
# The field by which somebody signs in with each of the providers.
_LOGIN_OF = {
    "saml_config": "credentials_saml",
    "ldap_config": "credentials_ldap",
    "oidc_config": "credentials_oidc",
    "workforce_config": "credentials_workforce",
}
# Whether people may also sign in by e-mail.
_BESIDE = "alternate_email_login_allowed"
# Where another instance's document says that there is one, its secret has to be entered anew.
_SECRETS = {"ldap_config": ("auth_username", "auth_password"), "oidc_config": ("identifier", "secret")}


def _leave_unwritable(one: Difference, rules: Rules) -> None:
    """Take out of the difference of a document what cannot or must not be written, and name it as lost."""
    document = DOCUMENTS.get(one.source.id, Document(DOCUMENTS["setting"].read))
    for field in list(one.changed):
        reason = _why_not(document, one.source.id, field, rules)
        if reason:
            _leave(one, field, reason)
        elif document.schema and rules.learned.standing(one.source.id, field) is Standing.READ_ONLY:
            del one.changed[field]
    told, secret = _SECRETS.get(one.source.id, ("", ""))
    if secret and one.source.fields.get(told) and not rules.same_instance:
        one.lost[secret] = UNSHOWN


def _why_not(document: Document, name: str, field: str, rules: Rules) -> str:
    if document.write is None:
        return NO_WRITE
    if field in document.never:
        return document.never[field]
    if field in document.away and not rules.same_instance:
        return document.away[field]
    standing = rules.learned.standing(name, field) if document.schema else Standing.WRITABLE
    return "" if standing in (Standing.WRITABLE, Standing.READ_ONLY) else standing.value


def leave_logins(one: Difference, gone: Iterable[Mention] = ()) -> None:
    """Take the fields that say how people sign in out of a difference, and name them as lost.

    The reason of a field tells which of the objects of *gone*, which Looker no longer has, the field still names."""
    if one.content_type != SETTINGS or not DOCUMENTS[one.source.id].login:
        return
    named: dict[str, list[str]] = {}
    for mention in gone:
        singular = CATALOG[mention.key.content_type].singular.replace("_", " ")
        named.setdefault(mention.path.partition("[")[0], []).append(f"{singular} {mention.key.id}")
    for field in list(one.changed):
        ids = ", ".join(dict.fromkeys(named.get(field, ())))
        _leave(one, field, f"it goes on naming {ids}, which is gone; {LOGIN}" if ids else LOGIN)


def keep_way_in(one: Difference, caller: Mapping[str, Any]) -> None:
    """Take out of a difference what would stop the API user, whose payload is *caller*, from signing in.

    The settings of an identity provider through which it may sign in stay as they are now; sign-in by e-mail stays allowed."""
    login = _LOGIN_OF.get(one.source.id) if one.content_type == SETTINGS else None
    by_email = bool(caller.get("credentials_email"))
    if login is None or one.live is None or not (by_email or any(caller.get(way) for way in _LOGIN_OF.values())):
        return
    if caller.get(login) and one.live.fields.get("enabled"):
        for field in list(one.changed):
            _leave(one, field, WAY_IN)
        return
    if one.changed.get(_BESIDE) is False and (one.live.fields | one.changed).get("enabled"):
        _leave(one, _BESIDE, WAY_IN)
    if one.changed.get("enabled") and not (by_email and (one.live.fields | one.changed).get(_BESIDE)):
        _leave(one, "enabled", WAY_IN)


def _leave(one: Difference, field: str, reason: str) -> None:
    del one.changed[field]
    one.lost[field] = reason


COMPARISONS = {SETTINGS: Comparison(compared=_leave_unwritable)}
