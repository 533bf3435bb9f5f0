"""Every error the package raises on purpose, in one family.

The module sits at the bottom of the layers, so that anything may raise any of these without an
import loop. A message names what came, where it stood, what was expected and the remedy.
"""

from __future__ import annotations

from os import PathLike

__all__ = [
    "ArtifactError",
    "DataError",
    "DirectiveClfError",
    "InputTypeError",
    "ModelNotFoundError",
    "PromotionError",
    "TrainingError",
    "UnknownLabelError",
]


class DirectiveClfError(Exception):
    """Base class: ``except DirectiveClfError`` catches all that the package raises on purpose."""


class InputTypeError(DirectiveClfError, TypeError):
    """A function was handed a value of the wrong type; the message says what to call instead."""


class UnknownLabelError(DirectiveClfError, KeyError):
    """A label was asked for that the model does not have."""

    __str__ = Exception.__str__  # KeyError would quote the message


class DataError(DirectiveClfError, ValueError):
    """A data file, or one line of it, is not what a reader can use.

    Parameters
    ----------
    message : str
        What was found, what was expected, and the remedy.
    path : path-like, optional
        The file at fault.
    line : int, optional
        The line at fault, counted from 1.
    """

    def __init__(
        self, message: str, path: str | PathLike[str] | None = None, line: int | None = None
    ) -> None:
        self.reason = message
        self.path = path
        self.line = line
        place = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(place + message)

    def __reduce__(self) -> tuple[type[DataError], tuple[object, ...]]:
        # The default rebuilds from the joined message and would lose the place between processes.
        return type(self), (self.reason, self.path, self.line)


class ArtifactError(DirectiveClfError):
    """A model folder cannot be trusted or read: the message names the file and the fault."""


class ModelNotFoundError(DirectiveClfError, LookupError):
    """No model has the name, alias or path that was asked for."""


class PromotionError(DirectiveClfError, ValueError):
    """A version was not promoted: the message gives every reason, with its figures.

    Attributes
    ----------
    reasons : list of str
    """

    def __init__(self, version: str, reasons: list[str]) -> None:
        self.version, self.reasons = version, reasons
        super().__init__(
            f"{version} is not promoted:"
            + "".join(f"\n  - {reason}" for reason in reasons)
            + "\nto promote it all the same, say why: --allow-regression WHY"
        )

    def __reduce__(self) -> tuple[type[PromotionError], tuple[object, ...]]:
        return type(self), (self.version, self.reasons)


class TrainingError(DirectiveClfError, ValueError):
    """The training data or parameters cannot give a model."""
