#!/usr/bin/env python3
"""How far the second reader agrees with the labels of the training data; ``--help`` tells more."""

from directive_clf.cli import main
from directive_clf.training.texts import shipped_folder

if __name__ == "__main__":
    folder = shipped_folder()
    second = folder / "readings" / "second.tsv"  # read blind
    main("data", "agreement", str(folder), str(second), "--by", "lang")
