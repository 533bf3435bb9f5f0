"""Reports for readers: one self-contained HTML file each, with its plots inside."""

from .difference import write_difference
from .evaluation import write_evaluation

__all__ = ["write_difference", "write_evaluation"]
