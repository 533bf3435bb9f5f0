"""The model card, written from the run: no figure in it is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..evaluation import figure, signed

__all__ = ["write_card"]

SMALLEST = 20
"""Paragraphs of a source that has a line of its own: with fewer, its interval says nothing."""

_OVERALL = {
    "macro_f1": "macro-F1, main label",
    "accuracy": "accuracy, main label",
    "multilabel_macro_f1": "macro-F1, all labels",
    "average_precision": "average precision, mean",
    "brier_score": "Brier score, mean",
}

_SHIPPED = (
    " They were written for this project, none is taken from a publication;"
    " `training_data/DATASHEET.md` tells how."
)


def write_card(version: str, facts: Mapping[str, Any]) -> str:
    """Return the model card in Markdown.

    Parameters
    ----------
    version : str
    facts : mapping
        What the manifest says of the model.
    """
    data, measured = facts["data"], facts["metrics"]
    sections = [
        f"# {version}",
        "A linear classifier of paragraphs, English and Chinese, under version"
        f" {facts['guide_version']} of the label guide. It reads a paragraph and returns the labels"
        " that hold, main one first, or none (`other`), with a calibrated probability each.",
        "## For, and not for",
        "For sorting the paragraphs of articles, releases and broker notes about what states ask of"
        " industry. Not for judging persons or firms, for languages other than English and"
        " Chinese, for whole articles as one text, or for decisions that nobody reviews.",
        "## Data",
        *_labels(facts),
        f"{data['paragraphs']:,} labelled paragraphs ({_listed(data['by_language'])};"
        f" {data['with_several_labels']:,} with several labels)."
        + _whose(data)
        + f" SHA-256 `{data['sha256']}`.",
        _table(
            ["main label", "paragraphs"],
            [[name, f"{n:,}"] for name, n in data["by_main_label"].items()],
        ),
        "## Figures: cross-validation",
        f"Each paragraph was scored by a model that saw no paragraph of its {measured['left_out']}."
        " Calibration and thresholds come from these same scores. Intervals are 95 % bootstrap"
        " intervals over documents. Text written for training flatters: expect less on real text.",
        _figures(measured["cross_validation"]),
        *_by_source(measured["cross_validation"]),
        *_own(measured),
        "## Figures: gold set",
        *_gold(facts),
        "## Where it fails",
        *_failures(measured),
        "## Make-up",
        f"{facts['terms']:,} terms (tokens, pairs, runs of three Chinese characters,"
        f" classes of a gazetteer of {facts['gazetteer_phrases']:,} phrases); one-vs-rest logistic"
        " regression, folded to a table of sums; logistic calibration; a threshold a label.",
        _table(["parameter", "value"], [[k, str(v)] for k, v in facts["parameters"].items()]),
        _table(["label", "threshold"], [[k, f"{v:.3f}"] for k, v in facts["thresholds"].items()]),
        "## Reproduce",
        _reproduce(version, facts),
    ]
    return "\n\n".join(sections) + "\n"


def _labels(facts: Mapping[str, Any]) -> list[str]:
    """Return what a label set of one's own adds, renames and drops."""
    changed = facts.get("taxonomy")
    if not changed:
        return []
    told = [
        f"adds {label}" + (f" (cut out of {', '.join(sources)})" if sources else "")
        for label, sources in changed.get("add", {}).items()
    ]
    told += [f"calls {old} {new}" for old, new in changed.get("rename", {}).items()]
    told += [f"drops {label}" for label in changed.get("drop", ())]
    return [f"The label set is one of the user's own. Beside the project's it {'; '.join(told)}."]


def _whose(data: Mapping[str, Any]) -> str:
    if data["shipped"]:
        return _SHIPPED
    files = data.get("files", {})
    if not files:
        return " They are not the project's own."
    parts = [
        f"{'the project' if name == 'shipped' else name} {part['paragraphs']:,}"
        + (f", counted {part['weight']:g} times" if part["weight"] != 1 else "")
        for name, part in files.items()
    ]
    return f" By file: {'; '.join(parts)}."


def _own(measured: Mapping[str, Any]) -> list[str]:
    """Return what paragraphs that are not the project's changed."""
    if "own" not in measured:
        return []
    own = measured["own"]
    rows = [
        [
            "macro-F1, main label",
            figure(own["before"]),
            figure(own["after"]),
            signed(own["macro_f1"]),
        ],
        *(
            [f"F1 `{label}`", "", "", signed(part)]
            for label, part in own["f1_score"].items()
            if part["value"] is not None
        ),
    ]
    return [
        "## What the new data changed",
        f"On the {own['n']:,} paragraphs that are not the project's, each held out with its"
        f" document: {own['changed']:,} have other labels than {own['against']} gives;"
        f" {own['right_only_after']:,} main labels are right only here,"
        f" {own['right_only_before']:,} only there (exact McNemar test, p ="
        f" {own['mcnemar']:.3g}). Where {own['against']} was fitted on some of them itself, it is"
        " flattered.",
        _table(["", own["against"], "this model", "difference"], rows),
    ]


def _gold(facts: Mapping[str, Any]) -> list[str]:
    if "gold" not in facts:
        return ["None was named when this model was trained; `--gold FILE` measures on one."]
    gold = facts["gold"]
    return [
        f"{gold['paragraphs']:,} labelled paragraphs named with `--gold` (SHA-256"
        f" `{gold['sha256']}`). Nothing was fitted on them.",
        _figures(facts["metrics"]["gold"]),
        *_by_source(facts["metrics"]["gold"]),
    ]


def _failures(measured: Mapping[str, Any]) -> list[str]:
    if not measured["confusions"]:
        return ["Cross-validation found no mistake in the main label, which real text will."]
    share = measured["confusions_with_other"]
    return [
        "The commonest mistakes in cross-validation, by main label:",
        _table(
            ["is", "taken for", "paragraphs"],
            [[true, predicted, str(n)] for true, predicted, n in measured["confusions"]],
        ),
        f"In {share:.0%} of all mistakes a label is taken for `other`, or the reverse. Context is"
        " not read: each paragraph is judged by itself.",
    ]


def _reproduce(version: str, facts: Mapping[str, Any]) -> str:
    # What was not the shipped one must be given again.
    options = "".join(map(_option, facts.get("given", ())))
    options += " --gold GOLD" if "gold" in facts else ""
    commit = facts["code_commit"]
    if commit is None:
        source = "The code was not in a git checkout. Install the package and run"
    elif commit.endswith("-dirty"):
        source = f"The code was changed after commit `{commit[:-6]}`. From such a tree, run"
    else:
        source = f"Check out commit `{commit}`, install, and run"
    return (
        f"{source} `python scripts/train.py --version {version} --models OUT{options}`. Libraries:"
        f" {_listed(facts['libraries'])}. The same data, code, libraries and processor give the"
        " same bytes."
    )


def _option(given: str) -> str:
    """Return an option as it is given: the name of a file stands for what the user's is called."""
    is_whole = given == "with-shipped" or " " in given
    return f" --{given}" if is_whole else f" --{given} {given.upper()}"


def _figures(found: Mapping[str, Any]) -> str:
    """Return the table of figures over all and by language, each with its interval."""
    parts = {"all": found["all"], **found.get("lang", {})}
    rows = [
        ["paragraphs", *(f"{part['n']:,}" for part in parts.values())],
        *(
            [title, *(figure(part[name]) for part in parts.values())]
            for name, title in _OVERALL.items()
        ),
    ]
    for label in found["all"]["main"]:
        cells = [figure(part["main"][label]["f1_score"]) for part in parts.values()]
        rows.append([f"F1 `{label}`", *cells])
    for label in found["all"]["labels"]:
        errors = [part["labels"][label]["expected_calibration_error"] for part in parts.values()]
        rows.append([f"calibration error `{label}`", *map(figure, errors)])
    return _table(["", *parts], rows)


def _by_source(found: Mapping[str, Any]) -> list[str]:
    """Return a table for each column that tells sources apart, without the smallest of them."""
    blocks = []
    for column in ("data", "source", "register"):
        parts = {k: v for k, v in found.get(column, {}).items() if v["n"] >= SMALLEST}
        if not parts:
            continue
        rows = [
            [name.replace("|", "/"), f"{part['n']:,}", *map(figure, _both(part))]
            for name, part in sorted(parts.items(), key=lambda item: -item[1]["n"])
        ]
        left = len(found[column]) - len(parts)
        blocks.append(
            f"By {column}" + (f" ({left} of under {SMALLEST} left out):" if left else ":")
        )
        blocks.append(_table([column, "paragraphs", "macro-F1", "accuracy"], rows))
    return blocks


def _both(part: Mapping[str, Any]) -> tuple[Any, Any]:
    return part["macro_f1"], part["accuracy"]


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _listed(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in counts.items())
