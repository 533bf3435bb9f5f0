"""``directive-clf data audit`` and ``data suggest``: which labels to look at, and which to give."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import persistence, registry
from ..data import read_paragraphs
from ..exchange import FORMATS, write_export
from ..gazetteer import read_gazetteer
from ..labels import BOILERPLATE, LABELS, OTHER
from ..reading import Reading
from ..taxonomy import read_taxonomy
from ..writing import check_suffix, write_table
from .options import JOBS, MODEL, MODELS, TAXONOMY, check_output
from .printing import beginning

__all__ = ["audit", "suggest"]

FILE = click.Path(path_type=Path)
SHOWN = 10


@click.command()
@click.argument("files", nargs=-1, type=FILE, metavar="FILES...", required=True)
@click.option(
    "-o", "--output", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the review table there: .csv, .tsv, .jsonl or .parquet.",
)  # fmt: skip
@click.option(
    "--gazetteer", multiple=True, metavar="FILE", type=FILE,
    help="Lines class<TAB>phrase. [default: that of the project]",
)  # fmt: skip
@click.option(
    "--with-shipped", is_flag=True,
    help="Judge with the project's paragraphs, too; only those of FILES are told.",
)  # fmt: skip
@TAXONOMY
@JOBS
def audit(
    files: tuple[Path, ...],
    output: Path | None,
    with_shipped: bool,
    gazetteer: tuple[Path, ...],
    taxonomy: Path | None,
    jobs: int,
) -> None:
    """Tell which labels of FILES look wrong, the likeliest first; nothing is changed.

    Each paragraph is judged by a model of the other documents (needs directive_clf[audit]). Much of
    what is told is right as it is: it is for a person to decide.

    \b
    Examples:
      directive-clf data audit mine.jsonl -o review.csv
      directive-clf data audit mine.csv --with-shipped -o review.csv
    """  # noqa: D301
    from .. import curation
    from ..training.texts import SHIPPED, TrainingText, shipped_gazetteer

    if output is not None:
        check_output(output, list(files))
        check_suffix(output)
    label_set = read_taxonomy(taxonomy)
    text = TrainingText.read(files, with_shipped, {}, label_set)
    told = [corpus != SHIPPED or not with_shipped for corpus in text.corpora]
    rows = curation.audit(
        text.paragraphs,
        read_gazetteer(*(gazetteer or shipped_gazetteer())),
        labels=label_set.labels,
        weights=text.weights,
        told=told,
        n_jobs=jobs,
        progress=sys.stderr.isatty(),
    )
    for row in rows[: SHOWN if output else None]:
        click.echo(
            f"{' and '.join(row['labels']) or OTHER} -> {row['rival']}  {beginning(row['text'])}"
        )
        click.echo(f"    {row['reason']}; {', '.join(row['terms'])}")
    click.echo(f"{len(rows)} of {sum(told)} paragraphs to look at", err=True)
    if output is not None:
        kinds = {"suggested": "s", "terms": "s", "probability": "f"}
        columns = ["id", "text", "labels", "suggested", "rival", "probability", "reason", "terms",
                   "document_id", "lang"]  # fmt: skip
        write_table(map(_named, rows), output, columns, kinds)
        click.echo(output, err=True)


def _named(row: dict[str, object]) -> dict[str, object]:
    """Return a row with its lists of labels in words, ``other`` where there is none."""
    return row | {name: row[name] or [OTHER] for name in ("labels", "suggested")}


@click.command()
@click.argument("pool", nargs=-1, required=True, metavar="POOL...")
@click.option("-n", "--n", "n", default=50, show_default=True, type=click.IntRange(1),
    help="How many paragraphs.")  # fmt: skip
@click.option(
    "-o", "--output", required=True, metavar="OUT", type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write.",
)  # fmt: skip
@click.option("--to", type=click.Choice(FORMATS), help="Format of OUT. [default: by its ending]")
@click.option(
    "--labelled", multiple=True, metavar="PATH", type=FILE,
    help="What is labelled already: no copy of it is suggested; may be repeated.",
)  # fmt: skip
@click.option("--text", metavar="NAME", help="Column that holds the text. [default: guessed]")
@click.option("--split", is_flag=True, help="Split the texts of tables into paragraphs.")
@click.option("--seed", default=0, show_default=True, help="Of the clusters.")
@MODEL
@MODELS
def suggest(
    pool: tuple[str, ...],
    n: int,
    output: Path,
    to: str | None,
    labelled: tuple[Path, ...],
    text: str | None,
    split: bool,
    seed: int,
    model: str | None,
    models: Path | None,
) -> None:
    """Choose what to label next of POOL: whatever `score` reads.

    Where the model is least certain, of every label and of texts that differ; copies, near-copies
    and sure boilerplate are left out. Its answers stand in OUT as suggestions.

    \b
    Examples:
      directive-clf data suggest articles/ -n 50 --to label-studio -o tasks.json
      directive-clf data suggest pool.csv --text body --labelled mine.csv -o next.csv
    """  # noqa: D301
    from .. import curation
    from ..curation.pool import read_pool

    check_output(output, [*map(Path, pool)])
    classifier = registry.load(model, models=models)
    manifest = persistence.read_manifest(registry.resolve(model, models))
    renamed = manifest.get("taxonomy", {}).get("rename", {})
    paragraphs, faults = read_pool(pool, Reading(text=text, split=split))
    known = read_paragraphs(*labelled, labels=(*classifier.labels, *LABELS)) if labelled else []
    chosen = curation.suggest(
        classifier,
        paragraphs,
        n,
        known=[p.text for p in known],
        boilerplate=renamed.get(BOILERPLATE, BOILERPLATE),
        random_state=seed,
    )
    write_export(
        [one.paragraph for one in chosen], output, to,
        labels=classifier.labels, suggestions=[one.suggestion for one in chosen],
    )  # fmt: skip
    for fault in faults:
        click.echo(f"left out: {fault}", err=True)
    click.echo(f"{output}: {len(chosen)} of {len(paragraphs)} paragraphs", err=True)
