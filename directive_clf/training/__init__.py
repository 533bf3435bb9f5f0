"""Fitting models: the only home of scikit-learn. Inference never imports it."""

from .fitting import Fitted, Parameters, fit
from .publish import train

__all__ = ["Fitted", "Parameters", "fit", "train"]
