"""The way to a live Looker: a client that keeps status and headers, shares one rate limit and counts every call."""

from lookervault_core.looker.client import Looker, segment
from lookervault_core.looker.replies import Reply

__all__ = ["Looker", "Reply", "segment"]
