"""Compare the other fields that Looker shows of a row of an access list, beyond who and what."""

from __future__ import annotations

from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.families.access_lists.shape import SCHEMA, WHO
from lookervault_core.families.comparison import Comparison
from lookervault_core.families.inside import compare_rows


def _rows(one: Difference, resolve: Resolve, rules: Rules) -> None:
    compare_rows(one, resolve, rules, SCHEMA, WHO)


COMPARISONS = {"content_metadata_accesses": Comparison(fields=_rows)}
