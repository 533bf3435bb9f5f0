"""Reports for readers: one self-contained HTML file each, with its plots inside."""

from .evaluation import write_evaluation

__all__ = ["write_evaluation"]
