"""Capture an instance into a snapshot: survey, ranges, pages, reconcile, close."""

from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.run import ExtractRun, PageDone, TypeListed

__all__ = ["ExtractOptions", "ExtractRun", "PageDone", "TypeListed"]
