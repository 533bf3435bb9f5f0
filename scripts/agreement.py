#!/usr/bin/env python3
"""How far the second reader agrees with the labels of the training data: by language, and in all.

``python scripts/agreement.py [READING.tsv]``; a reading has ``id<TAB>labels`` a line, ``|`` between
labels, ``other`` for none. By default training_data/readings/second.tsv, which was read blind.
"""

import argparse
from pathlib import Path

from directive_clf.agreement import agreement, read_reading
from directive_clf.data import read_paragraphs
from directive_clf.evaluation import figure
from directive_clf.training.publish import shipped_data


def main() -> None:
    folder = shipped_data()[0]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reading", nargs="?", type=Path, default=folder / "readings" / "second.tsv")
    reading = read_reading(parser.parse_args().reading)
    paragraphs = read_paragraphs(folder)
    print("| | paragraphs | same main label | Cohen's kappa | alpha | alpha, sets (MASI) |")
    print("| --- | --- | --- | --- | --- | --- |")
    for lang in ("en", "zh", None):
        writer = {p.id: p.labels for p in paragraphs if lang in (None, p.lang)}
        found = agreement({"writer": writer, "reader": reading})
        figures = [figure(found[k]) for k in ("observed", "kappa", "alpha", "alpha_sets")]
        print("| " + " | ".join([lang or "all", f"{found['n']:,}", *figures]) + " |")
    print("\nConfused:", ", ".join(f"{a} and {b} ({n})" for a, b, n in found["confused"][:8]))


if __name__ == "__main__":
    main()
