"""Rules that make the instance misbehave: which requests they hit, how often, and what happens to them.

Kinds: any three-digit status such as ``"503"`` (``"429"`` and ``"503"`` carry Retry-After unless ``retry_after_s`` is null),
``500_html``, ``html_200`` and ``html_404`` (the request is carried out, the answer is a web page), ``reset_before``,
``reset_after`` (the request is carried out, the answer lost), ``truncate``,
``slow``, ``hold`` (the request waits until the rule is lifted, and is not carried out if its client is gone by then),
``hold_answer`` (it is carried out at once, and the answer waits), ``revoke`` (every token becomes unknown), ``lag`` (the next
``reads`` reads of an object just created are 404, and the next ``writes`` writes to it, to what is below it and of what names it),
``poison`` (whatever shows the object ``id`` of ``type`` fails for good) and ``churn`` (an object of ``type`` appears or goes
away between two requests).
"""

from collections.abc import Callable
from fnmatch import fnmatchcase
from random import Random
from typing import Any

import msgspec

from looker_simulator.calls import Operation

KINDS = (
    "500_html", "html_200", "html_404", "reset_before", "reset_after", "truncate", "slow", "hold", "hold_answer", "revoke",
    "poison", "churn", "lag",
)  # fmt: skip
_AFTERWARDS = ("html_200", "html_404", "reset_after", "truncate", "lag", "hold_answer")


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One rule. Only requests that match ``operation``, ``path`` (globs), ``method``, ``offset`` and ``id`` are counted; the
    method ``write`` is any but GET, logins left out.

    Of those, the first ``after`` pass; of the rest every ``every``-th fails, or each with ``probability``; at most ``first``
    of them in all (0: no limit). ``hook`` is called as ``hook(world)`` by a churn rule instead of its ``action``
    (``create``, ``delete``, ``update`` or ``alternate``).
    """

    kind: str
    operation: str = "*"
    path: str = "*"
    method: str = "*"
    offset: int | None = None
    id: str | None = None
    type: str | None = None
    after: int = 0
    every: int = 1
    first: int = 0
    probability: float = 1.0
    retry_after_s: float | None = 1
    delay_s: float = 1.0
    reads: int = 1
    writes: int = 0
    action: str = "alternate"
    hook: Callable[[Any], None] | None = None
    seen: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS and not (self.kind.isdigit() and len(self.kind) == 3):
            raise ValueError(f"fault kind {self.kind!r}: use a status or one of {', '.join(KINDS)}")
        if self.kind == "poison" and self.id is None and self.offset is None:
            raise ValueError("a poison fault needs an id or an offset")


class Faults:
    """The rules in force. They decide deterministically: the same requests in the same order fail alike."""

    def __init__(self, seed: int) -> None:
        self.rules: list[Fault] = []
        self._random = Random(seed)
        self._unseen: dict[
            str, dict[bool, int]
        ] = {}  # path of a new object: how many writes and reads do not find it yet

    def add(self, kind: str, **conditions: Any) -> Fault:
        """Return a new rule in force; its ``fired`` counts. Raises ValueError for an unknown kind."""
        rule = Fault(kind=kind, **conditions)
        self.rules.append(rule)
        return rule

    def lift(self, rule: Fault) -> None:
        """Lift one rule; what it holds goes on."""
        self.rules = [other for other in self.rules if other is not rule]

    def in_force(self, rule: Fault) -> bool:
        """Return whether a rule has not been lifted."""
        return any(other is rule for other in self.rules)

    def clear(self) -> None:
        """Lift all rules."""
        self.rules = []
        self._unseen = {}

    def holding(self, operation: Operation, path: str, params: dict[str, str]) -> list[Fault]:
        """Return the rules that a request has to wait for."""
        return [rule for rule in self.rules if rule.kind == "hold" and self._hits(rule, operation, path, params)]

    def before(self, operation: Operation, path: str, params: dict[str, str]) -> list[Fault]:
        """Return the rules that hit a request before it is carried out."""
        at_once = [rule for rule in self.rules if rule.kind not in ("hold", *_AFTERWARDS)]
        return [rule for rule in at_once if self._hits(rule, operation, path, params)]

    def afterwards(self, operation: Operation, path: str, params: dict[str, str]) -> list[Fault]:
        """Return the rules that spoil the answer of a request that was carried out."""
        return [rule for rule in self.rules if rule.kind in _AFTERWARDS and self._hits(rule, operation, path, params)]

    def created(self, path: str, ids: tuple[str, ...], rules: list[Fault]) -> None:
        """Hide what a POST just made at *path* for as many reads and writes as a lag rule among *rules* says."""
        for rule in rules:
            if rule.kind == "lag" and len(ids) == 1:
                self._unseen[f"{path}/{ids[0]}"] = {True: rule.writes, False: rule.reads}

    def unseen(self, method: str, path: str, body: bytes) -> bool:
        """Return whether a request for *path*, or for something below it, or with it in its *body* comes too early; it counts."""
        writes = method != "GET"
        for hidden, left in self._unseen.items():
            if left[writes] <= 0:
                continue
            if path == hidden or path.startswith(hidden + "/") or (writes and _names(path, body, hidden)):
                left[writes] -= 1
                return True
        return False

    def poisoned(self, operation: Operation, ids: tuple[str, ...]) -> bool:
        """Return whether an answer that shows the rows *ids* must fail."""
        for rule in self.rules:
            shown = rule.kind == "poison" and rule.id in ids and rule.type in (None, operation.table)
            if shown and fnmatchcase(operation.id, rule.operation):
                rule.fired += 1
                return True
        return False

    def _hits(self, rule: Fault, operation: Operation, path: str, params: dict[str, str]) -> bool:
        if not _matches(rule, operation, path, params):
            return False
        rule.seen += 1
        turn = rule.seen - rule.after
        if turn <= 0 or (rule.first and rule.fired >= rule.first) or turn % rule.every:
            return False
        if rule.probability < 1 and self._random.random() >= rule.probability:
            return False
        rule.fired += 1
        return True


def _matches(rule: Fault, operation: Operation, path: str, params: dict[str, str]) -> bool:
    if rule.kind == "poison" and rule.offset is None:
        return False  # judged by what the answer shows, see poisoned()
    return (
        fnmatchcase(operation.id, rule.operation)
        and fnmatchcase(path, rule.path)
        and (rule.method in ("*", operation.method) or (rule.method == "write" and _writes(operation)))
        and (rule.offset is None or ("limit" in params and params.get("offset", "0") == str(rule.offset)))
        and (rule.id is None or rule.kind == "churn" or rule.id in path.split("/"))
    )


def _writes(operation: Operation) -> bool:
    return operation.method != "GET" and operation.activity != "none"


def _names(path: str, body: bytes, hidden: str) -> bool:
    """Return whether a write has the id of the object at the path *hidden* in its body."""
    kind, _, hidden_id = hidden.rpartition("/")
    try:
        values = msgspec.json.decode(body) if body else None
    except msgspec.DecodeError:
        return False
    if isinstance(values, list):
        return path.endswith(kind) and hidden_id in map(str, values)
    fields = ("folder_id", "parent_id") if kind == "/folders" else (f"{kind.strip('/').removesuffix('s')}_id",)
    return isinstance(values, dict) and any(str(values.get(field)) == hidden_id for field in fields)
