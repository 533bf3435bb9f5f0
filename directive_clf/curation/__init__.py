"""Work on labelled paragraphs before a model is fitted: check, merge, split, audit, suggest."""

from .audit import audit
from .check import check
from .split import merge, split
from .suggest import suggest

__all__ = ["audit", "check", "merge", "split", "suggest"]
