#!/usr/bin/env python3
"""Print the ablation table: ``python scripts/ablation.py [--gold FILE]``, some ten minutes."""

import argparse
import sys

from directive_clf.data import read_paragraphs
from directive_clf.gazetteer import read_gazetteer
from directive_clf.training.ablation import ablation, to_markdown
from directive_clf.training.publish import shipped_data, shipped_gazetteer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", nargs="*", default=[], help="labelled paragraphs to score beside")
    args = parser.parse_args()
    table = ablation(
        read_paragraphs(*shipped_data()),
        read_gazetteer(*shipped_gazetteer()),
        read_paragraphs(*args.gold),
        progress=sys.stderr.isatty(),
    )
    header = ["change", "terms", *(f"left out: {part}" for part in ("all", "en", "zh"))]
    header += [f"gold: {part}" for part in ("all", "en", "zh")] if args.gold else []
    for line in (header, ["---"] * len(header)):
        print("| " + " | ".join(line) + " |")
    for row in table:
        print(to_markdown(row), flush=True)


if __name__ == "__main__":
    main()
