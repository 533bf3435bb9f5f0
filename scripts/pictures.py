#!/usr/bin/env python3
"""Draw the pictures of ``docs/pictures``: pages as a browser shows them.

``python scripts/pictures.py``, with a Chromium or Chrome on the machine. The article is
``docs/pictures/article.txt``, composed for this; the report is of dated paragraphs of the training
text, with their kinds of source for sources.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

import directive_clf as dc
from directive_clf.data import read_paragraphs
from directive_clf.emphasis import measure_emphasis
from directive_clf.report.article import render_file
from directive_clf.report.emphasis import write_emphasis
from directive_clf.training.publish import shipped_data

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
YEARS = ("2023-", "2024-", "2025-")
BROWSERS = ("chromium", "google-chrome", "chrome", "chromium-browser")
OPENED = "Switchgear"
"""Beginning of the paragraph whose reasons are shown."""

COLOURS = 96
"""Of a picture: enough for a page, and a third of the size."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--browser", default=next(filter(None, map(shutil.which, BROWSERS)), None))
    args = parser.parse_args()
    if args.browser is None:
        parser.error("no Chromium or Chrome is there; name one with --browser")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        html = render_file(FOLDER / "article.txt").html
        at = html.rindex("<details", 0, html.index(OPENED))  # as after a click on its labels
        page.write_text(f"{html[:at]}<details open{html[at + 8 :]}", encoding="utf-8")
        shoot(args.browser, page, FOLDER / "article.png", 1120, 1240)
        write_emphasis(measure_emphasis([scored(Path(folder))]), page)
        shoot(args.browser, page, FOLDER / "report.png", 1120, 1240)


def scored(folder):
    """Score the dated paragraphs of the training text and return the table."""
    table = folder / "training_text.jsonl"
    with table.open("w", encoding="utf-8") as out:
        for p in read_paragraphs(*shipped_data()):
            if (p.date or "").startswith(YEARS):
                row = {"text": p.text, "source": p.register, "date": p.date, "document_id": p.group}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    path = folder / "labelled.jsonl"
    dc.score_files(table, path, with_text=True)
    return path


def shoot(browser, page, picture, width, height):
    """Save what a browser shows of a page."""
    command = [
        browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLOURS).save(picture, optimize=True)
    print(f"{picture}: {picture.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
