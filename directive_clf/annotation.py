"""What annotation tools read and write of a labelled paragraph, tool by tool.

Each tool has a shape of its own for a text, what else is known of it, and what somebody answered:
Label Studio (export as JSON and as JSON-MIN; tasks to import), doccano (JSONL of text
classification), Argilla (records of version 2 with responses and suggestions, and of version 1),
and Prodigy (JSONL of the choice interface). Here each becomes a :class:`Reply`, and back.

Three things are the same for all. ``other`` is a choice among the labels, so that an empty answer
is none. What the tool has no field for stands in its metadata, under our names; the id of a
paragraph as ``paragraph_id``, since tools number tasks themselves. And the main label, whose place
some tools lose by sorting, stands there as ``main_label``, unless the annotator was asked for it in
a question called ``main``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .labels import OTHER

__all__ = ["EMPTY", "TOOLS", "Reply", "Suggestion", "Tool", "tool_of"]

LABELS_ASKED = "labels"
"""What the question about labels is called in what is written, and looked for first."""

MAIN_ASKED = "main"
"""What a question about the main label may be called."""

ID, MAIN = "paragraph_id", "main_label"

EMPTY = "no choice was made"
"""Why an empty answer is none; some tools export what nobody looked at in the same way."""

Row = Mapping[str, Any]


class Suggestion(NamedTuple):
    """What a model says before anybody did; `score` is its certainty, in [0, 1]."""

    labels: tuple[str, ...]
    score: float
    model: str


class Reply(NamedTuple):
    """One answer of one annotator.

    ``labels`` is None where there is none, and ``missing`` says why. ``meta`` has the fields of a
    paragraph beside its text and labels, and columns beyond those.
    """

    text: Any
    meta: dict[str, Any]
    labels: list[Any] | None
    annotator: str
    missing: str = ""


class Tool(NamedTuple):
    """How a tool's files are read and written.

    ``is_array`` tells that a file is one JSON array, not an object a line; ``fits`` whether a row
    is the tool's; ``read`` gives a row's replies; ``write`` makes a row of a paragraph's, of the
    labels to choose from, and of a model's suggestion in place of the labels.
    """

    is_array: bool
    fits: Callable[[Row], bool]
    read: Callable[[Row], Iterator[Reply]]
    write: Callable[[dict[str, Any], Sequence[str], Suggestion | None], dict[str, Any]]


def tool_of(row: Row) -> str | None:
    """Return the tool whose row this is; None where it is none's."""
    return next((name for name, tool in TOOLS.items() if tool.fits(row)), None)


def _meta(given: Any) -> dict[str, Any]:
    """Return metadata of a tool under our names."""
    meta = {k: v for k, v in given.items() if v is not None} if isinstance(given, Mapping) else {}
    if ID in meta:
        meta["id"] = str(meta.pop(ID))
    return meta


def _ordered(labels: Any, meta: dict[str, Any], main: Any = None) -> list[Any] | None:
    """Return chosen labels with the main one first, where it is told; None where none is chosen."""
    told = meta.pop(MAIN, None)
    labels = [labels] if isinstance(labels, str) else list(labels or [])
    first = next((one for one in (main, told) if one is not None), None)
    if main is not None and main not in labels:
        labels.insert(0, main)
    return sorted(labels, key=lambda label: label != first) or None


def _split(row: Mapping[str, Any]) -> tuple[str, list[str], dict[str, Any]]:
    """Return the text, the choices and the metadata of a paragraph's row."""
    meta = {k: v for k, v in row.items() if k not in ("text", "labels", "id")}
    labels = list(row["labels"]) or [OTHER]
    if len(labels) > 1:
        meta[MAIN] = labels[0]
    return row["text"], labels, {ID: row["id"], **meta}


def _choices(labels: Sequence[str]) -> list[str]:
    return [*labels, OTHER]


def _suggested(found: Suggestion) -> list[str]:
    return list(found.labels) or [OTHER]


# Label Studio -------------------------------------------------------------------------------------

_OF_TASK = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"}


def _read_label_studio(row: Row) -> Iterator[Reply]:
    if "data" not in row:
        yield _read_label_studio_min(row)
        return
    data = row["data"] if isinstance(row["data"], Mapping) else {}
    text = data.get("text")
    rest = {k: v for k, v in data.items() if k != "text"}
    annotations = row.get("annotations") or []
    for one in annotations:
        by = one.get("completed_by", "")
        annotator = str(by.get("email") or by.get("id") if isinstance(by, Mapping) else by)
        meta = _meta(rest)
        if one.get("was_cancelled"):
            yield Reply(text, meta, None, annotator, "skipped by the annotator")
            continue
        chosen: dict[str, list[Any]] = {}
        for result in one.get("result") or []:
            if result.get("type") == "choices":
                said = result.get("value", {}).get("choices") or []
                chosen.setdefault(result.get("from_name", ""), []).extend(said)
        main = (chosen.pop(MAIN_ASKED, None) or [None])[0]
        said = chosen.get(LABELS_ASKED) or [label for found in chosen.values() for label in found]
        yield Reply(text, meta, _ordered(said, meta, main), annotator, EMPTY)
    if not annotations:
        yield Reply(text, _meta(rest), None, "", "nobody answered")


def _read_label_studio_min(row: Row) -> Reply:
    asked = [k for k in row if k in (LABELS_ASKED, "label", "choices", "choice")]
    asked += [k for k, v in row.items() if isinstance(v, Mapping) and "choices" in v]
    name = next(iter(asked), "")
    said = row.get(name)
    said = said["choices"] if isinstance(said, Mapping) else said
    meta = _meta({k: v for k, v in row.items() if k not in (*_OF_TASK, "text", name, MAIN_ASKED)})
    labels = _ordered(said, meta, row.get(MAIN_ASKED))
    annotator = row.get("annotator", "")
    if isinstance(annotator, Mapping):
        annotator = annotator.get("email") or annotator.get("id")
    return Reply(row.get("text"), meta, labels, str(annotator), EMPTY)


def _write_label_studio(
    row: dict[str, Any], labels: Sequence[str], suggestion: Suggestion | None
) -> dict[str, Any]:
    text, chosen, meta = _split(row)

    def result(choices: list[str]) -> list[dict[str, Any]]:
        value = {"choices": choices}
        return [
            {"from_name": LABELS_ASKED, "to_name": "text", "type": "choices", "value": value}
        ]  # fmt: skip

    if suggestion is None:
        return {"data": {"text": text, **meta}, "annotations": [{"result": result(chosen)}]}
    meta.pop(MAIN, None)
    task: dict[str, Any] = {"data": {"text": text, **meta}}
    found = {"model_version": suggestion.model, "score": suggestion.score}
    return task | {"predictions": [found | {"result": result(_suggested(suggestion))}]}


# doccano ------------------------------------------------------------------------------------------


def _read_doccano(row: Row) -> Iterator[Reply]:
    beside = ("id", "text", "data", "label", "labels", "Comments", "comments", "annotator", "meta")
    meta = _meta({k: v for k, v in row.items() if k not in beside} | dict(row.get("meta") or {}))
    said = row.get("label", row.get("labels"))
    text = row.get("text", row.get("data"))
    yield Reply(text, meta, _ordered(said, meta), str(row.get("annotator", "")), EMPTY)


def _write_doccano(
    row: dict[str, Any], labels: Sequence[str], suggestion: Suggestion | None
) -> dict[str, Any]:
    text, chosen, meta = _split(row)
    if suggestion is not None:  # it has no place for one; a label that is there can be taken away
        chosen = _suggested(suggestion)
        meta.pop(MAIN, None)
    return {"text": text, "label": chosen, **meta}


# Argilla ------------------------------------------------------------------------------------------


def _read_argilla(row: Row) -> Iterator[Reply]:
    if "fields" not in row:
        yield _read_argilla_1(row)
        return
    fields = row["fields"] if isinstance(row["fields"], Mapping) else {}
    responses = row.get("responses") or {}
    base = {**dict(row.get("metadata") or {}), ID: row.get("id")}
    by_user: dict[str, dict[str, Any]] = {}
    for question, answers in responses.items():
        for answer in answers or []:
            if answer.get("status", "submitted") == "submitted":
                by_user.setdefault(str(answer.get("user_id", "")), {})[question] = answer["value"]
    for user, said in by_user.items():
        meta = _meta(base)
        main = said.pop(MAIN_ASKED, None)
        chosen = said.get(LABELS_ASKED, next(iter(said.values()), None))
        yield Reply(fields.get("text"), meta, _ordered(chosen, meta, main), user, EMPTY)
    if not by_user:
        yield Reply(fields.get("text"), _meta(base), None, "", "nobody answered")


def _read_argilla_1(row: Row) -> Reply:
    inputs = row.get("inputs")
    text = row.get("text") or (inputs.get("text") if isinstance(inputs, Mapping) else inputs)
    meta = _meta({**dict(row.get("metadata") or {}), ID: row.get("id")})
    annotator = str(row.get("annotation_agent") or "")
    if row.get("status") == "Discarded":
        return Reply(text, meta, None, annotator, "discarded by the annotator")
    said = row.get("annotation")
    return Reply(text, meta, _ordered(said, meta), annotator, "nobody answered")


def _write_argilla(
    row: dict[str, Any], labels: Sequence[str], suggestion: Suggestion | None
) -> dict[str, Any]:
    text, chosen, meta = _split(row)
    record: dict[str, Any] = {"id": meta.pop(ID), "fields": {"text": text}, "metadata": meta}
    record |= {"suggestions": {}, "responses": {}, "vectors": {}}
    if suggestion is None:
        record["responses"][LABELS_ASKED] = [{"value": chosen, "user_id": None}]
    else:
        meta.pop(MAIN, None)
        found = {"value": _suggested(suggestion), "agent": suggestion.model}
        record["suggestions"][LABELS_ASKED] = found | {"score": None}
        meta["certainty"] = suggestion.score  # a score of its own needs one a label
    return record


# Prodigy ------------------------------------------------------------------------------------------


def _read_prodigy(row: Row) -> Iterator[Reply]:
    meta = _meta(row.get("meta"))
    session = str(row.get("_annotator_id") or row.get("_session_id") or "")
    answer = row.get("answer", "accept")
    if "accept" not in row:
        raise ValueError(
            "the row answers one label at a time; expected 'accept' with all that hold, as the"
            " choice interface (textcat.manual) writes"
        )
    if answer != "accept":
        yield Reply(row.get("text"), meta, None, session, f"answered with {answer!r}")
        return
    labels = _ordered(row["accept"], meta)
    yield Reply(row.get("text"), meta, labels, session, EMPTY)


def _write_prodigy(
    row: dict[str, Any], labels: Sequence[str], suggestion: Suggestion | None
) -> dict[str, Any]:
    text, chosen, meta = _split(row)
    options = [{"id": label, "text": label.replace("_", " ")} for label in _choices(labels)]
    task: dict[str, Any] = {"text": text, "meta": meta, "options": options}
    if suggestion is None:
        return task | {"accept": chosen, "answer": "accept"}
    meta.pop(MAIN, None)
    return task | {"accept": _suggested(suggestion)}


TOOLS: dict[str, Tool] = {
    "label-studio": Tool(
        True,
        lambda row: isinstance(row.get("data"), Mapping) or "annotation_id" in row,
        _read_label_studio,
        _write_label_studio,
    ),
    "argilla": Tool(
        True,
        lambda row: "fields" in row or "annotation_agent" in row or "inputs" in row,
        _read_argilla,
        _write_argilla,
    ),
    "prodigy": Tool(
        False,
        lambda row: "_task_hash" in row or ("answer" in row and "meta" in row) or "options" in row,
        _read_prodigy,
        _write_prodigy,
    ),
    "doccano": Tool(
        False,
        lambda row: isinstance(row.get("label"), list) and "labels" not in row,
        _read_doccano,
        _write_doccano,
    ),
}
"""The tools by name; where a row could be of several, the first."""
