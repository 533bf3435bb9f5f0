"""The model card, written from the run: no figure in it is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["write_card"]


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
        f"{data['paragraphs']:,} labelled paragraphs ({_listed(data['by_language'])};"
        f" {data['with_several_labels']:,} with several labels)."
        + (_SHIPPED if data["shipped"] else " They are not the project's own.")
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


def _gold(facts: Mapping[str, Any]) -> list[str]:
    if "gold" not in facts:
        return ["None was named when this model was trained; `--gold FILE` measures on one."]
    gold = facts["gold"]
    return [
        f"{gold['paragraphs']:,} labelled paragraphs named with `--gold` (SHA-256"
        f" `{gold['sha256']}`). Nothing was fitted on them.",
        _figures(facts["metrics"]["gold"]),
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
    options = "" if facts["data"]["shipped"] else " --data DATA"
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


def _figures(figures: Mapping[str, Any]) -> str:
    parts = list(figures)
    rows = [
        ["paragraphs", *(f"{figures[p]['n']:,}" for p in parts)],
        ["macro-F1, main label", *(_with_interval(figures[p]) for p in parts)],
        ["accuracy, main label", *(_number(figures[p]["accuracy"]) for p in parts)],
        ["macro-F1, all labels", *(_number(figures[p]["multilabel_macro_f1"]) for p in parts)],
    ]
    for kind, title in (("f1", "F1"), ("calibration_error", "calibration error")):
        for name in figures["all"][kind]:
            rows.append([f"{title} `{name}`", *(_number(figures[p][kind][name]) for p in parts)])
    return _table(["", *parts], rows)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with_interval(part: Mapping[str, Any]) -> str:
    low, high = part["macro_f1_interval"]
    return f"{part['macro_f1']:.3f} [{low:.3f}, {high:.3f}]"


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _listed(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in counts.items())
