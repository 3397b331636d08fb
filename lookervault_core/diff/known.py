"""What is known about other objects while one is compared, as plain data. Open questions are noted, for the caller to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple, Protocol

import msgspec

from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import Resolve


class Ask(Enum):
    """The questions that comparing can have about another object. Without an answer the object counts as unchanged: it is there,
    under its own id."""

    ID = "the destination's id, or None if it is not there"
    RENAMED = "the id that it got for sure, as far as that is known without asking Looker"
    LEADS_TO = "what a link or a colour leads to on another instance, or None"
    UNMAPPED = "why a link or a colour is left as it is"
    IN_BACKUP = "whether the backup could bring it along"
    STILL = "whether no object of the type has or gets another id, or is gone"
    GONE = "whether an object of the backup is not there any more"
    TRASHED = "whether it lies in the trash since"
    ELSEWHERE = "a section or an item by its live id, on whatever board it is now"
    OF_ANOTHER = "whether a section or an item goes back to another board than this one of the backup"
    HELD = "whether the backup has a live section or item on any board"
    STUCK = "the item of the same plan that it is or is a part of, if that is blocked"


class Question(NamedTuple):
    """One question, with the type and the id that it is about."""

    ask: Ask
    about: tuple[str, ...]


class Known(msgspec.Struct):
    """The `answers` found so far, and the questions `asked` without one; none of either where `at_hand` answers each at once."""

    answers: dict[Question, Any] = {}
    asked: dict[Question, None] = {}
    at_hand: Answers | None = None

    def resolve(self, content_type: str, item_id: str) -> str | None:
        """Return the destination's id of an object, or None if it is not there."""
        return self._of(Ask.ID, item_id, content_type, item_id)

    def renamed(self, content_type: str, item_id: str) -> str | None:
        return self._of(Ask.RENAMED, None, content_type, item_id)

    def leads_to(self, content_type: str, item_id: str) -> str | None:
        return self._of(Ask.LEADS_TO, item_id, content_type, item_id)

    def unmapped(self, content_type: str, item_id: str) -> str:
        return self._of(Ask.UNMAPPED, "", content_type, item_id)

    def in_backup(self, content_type: str, item_id: str) -> bool:
        return self._of(Ask.IN_BACKUP, True, content_type, item_id)

    def still(self, content_type: str) -> bool:
        return self._of(Ask.STILL, True, content_type)

    def gone(self, content_type: str, item_id: str) -> bool:
        return self._of(Ask.GONE, False, content_type, item_id)

    def trashed(self, content_type: str, item_id: str) -> bool:
        return self._of(Ask.TRASHED, False, content_type, item_id)

    def elsewhere(self, content_type: str, live_id: str) -> Doc | None:
        return self._of(Ask.ELSEWHERE, None, content_type, live_id)

    def is_of_another(self, content_type: str, live_id: str, owner_id: str) -> bool:
        return self._of(Ask.OF_ANOTHER, False, content_type, live_id, owner_id)

    def is_held(self, content_type: str, live_id: str) -> bool:
        return self._of(Ask.HELD, False, content_type, live_id)

    def _of(self, ask: Ask, until_then: Any, *about: str) -> Any:
        question = Question(ask, about)
        if question in self.answers:
            return self.answers[question]
        if self.at_hand is not None:
            found = self.answers[question] = self.at_hand.answer(ask, *about)
            return found
        self.asked[question] = None
        return until_then


_NOTHING = {Ask.ELSEWHERE: None, Ask.LEADS_TO: None, Ask.UNMAPPED: "", Ask.STUCK: None}


class Answers(Protocol):
    """Finds the answers to what comparing asks about other objects."""

    def answer(self, ask: Ask, *about: str) -> Any:
        """Return the answer to a question about a type and an id."""


class FromIds:
    """Answers by ids alone: *resolve* gives the id of any object, *renamed* a changed id or None, *still* whether no id of a type
    changed. To all other questions the answer is that nothing is gone or in the backup."""

    def __init__(self, resolve: Resolve, renamed: Resolve, still: Callable[[str], bool]) -> None:
        self._answers: Mapping[Ask, Callable[..., Any]] = {Ask.ID: resolve, Ask.RENAMED: renamed, Ask.STILL: still}

    def answer(self, ask: Ask, *about: str) -> Any:
        """Return the answer to a question about a type and an id."""
        return self._answers[ask](*about) if ask in self._answers else _NOTHING.get(ask, False)


class AsItStands:
    """Answers as if no id had changed: an object that has another id now counts as not there."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def answer(self, ask: Ask, *about: str) -> Any:
        if ask is Ask.RENAMED:
            return None
        found = self._answers.answer(ask, *about)
        return found if ask is not Ask.ID or found == about[1] else None
