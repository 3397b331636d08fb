"""Compare the domains to which hidden values of a user attribute may be sent: only hidden attributes have them."""

from __future__ import annotations

from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.families.comparison import Comparison

WHITELIST = "hidden_value_domain_whitelist"
NOT_HIDDEN = "Looker takes it of attributes with hidden values only"


def _leave_whitelist(difference: Difference, _rules: Rules) -> None:
    """Take the destinations of hidden values out of the difference of an attribute that is not to be hidden, and name them."""
    if WHITELIST in difference.changed and not difference.source.fields.get("value_is_hidden"):
        del difference.changed[WHITELIST]
        difference.lost[WHITELIST] = NOT_HIDDEN


COMPARISONS = {"user_attributes": Comparison(compared=_leave_whitelist)}
