"""One article as a page: every paragraph in its labels' colours, and why it has them.

The page is one file without a script. What moves in it, moves by the browser's own means: radio
buttons that show one label, a tick box over each run of boilerplate, a disclosure a paragraph with
its probabilities and terms. All of them work by keyboard and with a screen reader.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from .. import registry
from ..article import Article, ArticleParagraph
from ..batch import PROBABILITY
from ..classifier import Classifier
from ..data import guess_lang
from ..exceptions import ArtifactError, DataError, InputTypeError, ModelNotFoundError
from ..files import open_whole
from ..labels import BOILERPLATE
from ..result import Prediction
from ..scored import is_scored_table, iter_scored_rows, labels_of_row
from ..scoring import iter_scored
from ..sources import kind_of
from .marking import Reason, find_reasons, iter_segments
from .page import fill
from .palette import DARK, LIGHT, TINT, blend, label_name, label_styles

__all__ = ["Rendered", "render", "render_file"]

LISTED = 5
"""Documents of a table that an error names."""


@dataclass(frozen=True)
class Rendered:
    """An article as a page.

    Attributes
    ----------
    html : str
        The page; it needs no other file, and runs no script.
    title : str
    """

    html: str
    title: str

    def __repr__(self) -> str:
        return f"<Rendered {self.title!r}: {len(self.html):,} characters of HTML>"

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame that keeps it and the notebook apart."""
        return (
            f'<iframe title="{html.escape(self.title)}" sandbox style="width: 100%; height: 40rem;'
            f' border: 1px solid #888" srcdoc="{html.escape(self.html)}"></iframe>'
        )

    def save(self, path: str | Path) -> Path:
        """Write the page, whole or not at all; return its path."""
        with open_whole(path) as out:
            out.write(self.html)
        return Path(path)


class _Shown(NamedTuple):
    """A paragraph on the page."""

    number: int
    text: str
    lang: str
    main: str
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    probabilities: Mapping[str, float]
    nearest: str | None
    reasons: Sequence[Reason]

    @property
    def classes(self) -> tuple[str, ...]:
        """What the paragraph is shown under: its labels, or ``other``."""
        return self.labels or ((self.main,) if self.main else ())

    def reasons_by_label(self) -> list[tuple[str, list[Reason]]]:
        """Return the reasons of each label that is explained, the main one first."""
        return [(label, list(some)) for label, some in groupby(self.reasons, lambda r: r.label)]

    def segments(self) -> list[tuple[str, Reason | None]]:
        """Return the text, cut where its marks begin and end."""
        return list(iter_segments(self.text, self.reasons))


def render(
    article: Article, *, title: str | None = None, classifier: Classifier | None = None
) -> Rendered:
    """Show a classified article as a page.

    Parameters
    ----------
    article : Article
        From :func:`directive_clf.classify_article`.
    title : str, optional
        The heading of the page; by default the beginning of the first paragraph
        that is not boilerplate.
    classifier : Classifier, optional
        What explains the labels by their terms; by default the model that gave them, where the
        shipped registry has it.

    Returns
    -------
    Rendered
        A notebook shows it by itself; ``.html`` is the page, ``.save(path)`` writes it.

    Raises
    ------
    InputTypeError
        If `article` is no :class:`Article`.
    """
    if not isinstance(article, Article):
        raise InputTypeError(
            f"render() takes an Article, not {type(article).__name__}; classify_article(text)"
            " returns one"
        )
    first = article.paragraphs[0].prediction if article.paragraphs else article.title
    if classifier is None and first is not None:
        classifier = _model_of(first.model, None)
    labels = tuple(first.probabilities) if first else ()
    return _render(article.paragraphs, labels, classifier, title, article.title, None, "")


def render_file(
    path: str | Path,
    *,
    model: str | None = None,
    models: str | Path | None = None,
    document: str | None = None,
    title: str | None = None,
    furniture: bool = False,
    stdin_as: str = "",
) -> Rendered:
    """Show an article in a file, or one of a scored table, as a page.

    Parameters
    ----------
    path : path-like
        A text or an HTML page, which is read and scored as :func:`directive_clf.score_files` does;
        or a table that it wrote with ``with_text``. ``-`` is standard input.
    model, models
        As in :func:`directive_clf.load`. A scored table keeps its answers; they are explained by
        the model that gave them, where the registry has it.
    document : str, optional
        Which document of a scored table; needed where it holds several.
    title : str, optional
        By default what the page or the table says.
    furniture : bool
        Keep the navigation, buttons and notices of an HTML page.
    stdin_as : str
        What standard input holds, ``"article"`` or ``"page"``.

    Raises
    ------
    DataError
        If there is no text to show, or no one document to choose.
    """
    path = Path(path)
    note = ""
    if path.is_dir():
        raise DataError("is a folder; name one article, or a scored table", path)
    if is_scored_table(path):
        rows = _rows_of_document(path, document)
        version = next((row["model"] for row in rows if row["model"]), "")
        classifier = _model_of(version, models)
        if classifier is None:
            note = f"The model {version} is not at hand: the terms behind the labels are not shown."
    elif (kind := kind_of(path)) is not None and kind[0] not in ("article", "page"):
        raise DataError("no scored table (unpacked); run `score --with-text` on it first", path)
    else:
        if document is not None:
            raise DataError("a document is chosen of a scored table; leave it out", path)
        classifier = registry.load(model, models=models)
        stdin_as = stdin_as or "article"
        rows = list(iter_scored(classifier, [path], stdin_as=stdin_as, furniture=furniture))
    failed = next((row["error"] for row in rows if row["text"] is None), None)
    rows = [row for row in rows if row["text"] is not None]
    if not rows:
        raise DataError(failed or "no text is there to show", None if failed else path)
    labels = labels_of_row(rows[0])
    paragraphs = [
        ArticleParagraph(
            row["text"], row.get("start") or 0, row.get("end") or 0, _prediction(row, labels)
        )
        for row in rows
    ]
    said = next((row["title"] for row in rows if row.get("title")), None)
    date = next((str(row["date"]) for row in rows if row.get("date")), None)
    return _render(paragraphs, labels, classifier, title or said, None, date, note)


def _rows_of_document(path: Path, document: str | None) -> list[dict[str, Any]]:
    """Return the rows of one document of a scored table; it is read row by row."""
    rows: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    for row in iter_scored_rows(path):
        if "text" not in row:
            raise DataError("the table has no texts; score it anew with --with-text", path)
        name = str(row["document_id"])
        if len(names) <= LISTED:
            names[name] = None
        elif document is None:
            break
        if document in (None, name):
            rows.append(row)
    listed = ", ".join(islice(names, LISTED)) + (", …" if len(names) > LISTED else "")
    if document is None and len(names) > 1:
        raise DataError(f"holds several documents ({listed}); choose one with --document", path)
    if not rows:
        raise DataError(f"holds no document {document!r}; there are {listed}", path)
    return rows


def _prediction(row: Mapping[str, Any], labels: tuple[str, ...]) -> Prediction:
    probabilities = {label: row[PROBABILITY + label] for label in labels}
    known = {label: math.nan if p is None else p for label, p in probabilities.items()}
    return Prediction(tuple(row["labels"]), known, tuple(row["flags"]), row["model"] or "")


def _model_of(version: str, models: str | Path | None) -> Classifier | None:
    """Return the model of that name, if the registry has it and it is whole."""
    try:
        return registry.load(version, models=models) if version else None
    except (ModelNotFoundError, ArtifactError):
        return None


def _render(
    paragraphs: Sequence[ArticleParagraph],
    labels: tuple[str, ...],
    classifier: Classifier | None,
    title: str | None,
    title_prediction: Prediction | None,
    date: str | None,
    note: str,
) -> Rendered:
    shown = [_show(i, p, classifier) for i, p in enumerate(paragraphs, 1)]
    styles = label_styles(labels)
    story = [p.text for p in shown if p.main != BOILERPLATE] or [p.text for p in shown]
    beginning = story[0] if story else "An empty article"
    title = title or (beginning if len(beginning) <= 120 else beginning[:119] + "…")
    numbers = {label: i for i, label in enumerate(styles)}
    page = fill(
        "article.html",
        {"label_name": label_name, "lang": guess_lang, "percent": _percent},
        title=title,
        title_prediction=title_prediction,
        date=date,
        note=note,
        model=next((p.prediction.model for p in paragraphs), ""),
        runs=list(_runs(shown)),
        n=len(shown),
        mix=_mix(shown, styles),
        styles=styles,
        numbers=numbers,
        boilerplate=numbers.get(BOILERPLATE),
        tints={
            name: {
                label: blend(style.colour, theme["paper"], TINT) for label, style in styles.items()
            }
            for name, theme in (("light", LIGHT), ("dark", DARK))
        },
        stripes={
            label: blend(style.colour, "#000000" if style.ink == "#ffffff" else "#ffffff", 0.6)
            for label, style in styles.items()
            if style.is_striped
        },
        light=LIGHT,
        dark=DARK,
    )
    return Rendered(page, title)


def _show(number: int, paragraph: ArticleParagraph, classifier: Classifier | None) -> _Shown:
    found = paragraph.prediction
    nearest = None
    reasons: list[Reason] = []
    if classifier is not None and found.main is not None:
        if not found.labels:  # what it nearly was
            lead = {
                label: found.probabilities[label] - threshold
                for label, threshold in zip(classifier.labels, classifier.thresholds_.tolist())
            }
            nearest = max(lead, key=lead.__getitem__)
        explained = found.labels or (nearest or "",)
        reasons = find_reasons(classifier.explain(paragraph.text), explained)
    return _Shown(
        number, paragraph.text, guess_lang(paragraph.text), found.main or "", found.labels,
        found.flags, found.probabilities, nearest, reasons,
    )  # fmt: skip


def _runs(shown: Sequence[_Shown]) -> Iterator[tuple[bool, list[_Shown]]]:
    """Yield the runs of paragraphs that are boilerplate, and those that are not."""
    for is_folded, run in groupby(shown, key=lambda p: p.main == BOILERPLATE):
        yield is_folded, list(run)


def _mix(shown: Sequence[_Shown], names: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return, by label, how many paragraphs and characters have it as main label, or at all."""
    answered = [p for p in shown if p.main]
    length = sum(len(p.text) for p in answered)
    rows = []
    for name in names:
        mine = [p for p in answered if p.main == name]
        characters = sum(len(p.text) for p in mine)
        rows.append(
            {
                "label": name,
                "paragraphs": len(mine),
                "anywhere": sum(name in p.classes for p in answered),
                "characters": characters,
                "by_paragraphs": len(mine) / len(answered) if answered else 0.0,
                "by_characters": characters / length if length else 0.0,
            }
        )
    return rows


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
