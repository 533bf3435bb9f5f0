"""Work on labelled paragraphs: what is wrong with them, one file of several, parts of one."""

import json
from dataclasses import replace

import numpy as np
import pytest

import directive_clf as dc
from directive_clf.curation import audit, check, merge, split, suggest
from directive_clf.curation.pool import read_pool
from directive_clf.data import Paragraph, write_paragraphs
from directive_clf.labels import main_label
from directive_clf.training.duplicates import groups_of

DAM = "The 1,200-km line entered service on Tuesday after six years of construction in the hills."
NEAR = "The 1,200-km line entered service on Monday after six years of construction in the hills."
BOARD = "The owner filled the empty seats on the board of the group, and asked for an audit."
ZH = "国资委要求中央企业加大研发投入，攻克关键核心技术，尽快形成新质生产力。"


def written(place, *rows):
    place.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return place


def row(text, *labels, **more):
    return {"text": text, "labels": list(labels), **more}


def told(*paths, **options):
    """What a check says: line, whether it is a fault, and the text, of each finding."""
    return [(f.line, f.is_fault, f.text) for f in check(*paths, **options).findings]


# check --------------------------------------------------------------------------------------------


def test_a_sound_file_has_statistics_and_no_finding(tmp_path):
    """Counts by file, language and label, and lengths; nothing is found."""
    place = written(
        tmp_path / "a.jsonl",
        row(DAM, "major_projects", document_id="d"),
        row(BOARD, "governance_party_oversight", "innovation_push", document_id="d"),
        row(ZH),
    )
    found = check(place)
    assert (found.findings, found.is_sound) == ([], True)
    s = found.statistics
    assert (s["paragraphs"], s["documents"], s["with_several_labels"]) == (3, 1, 1)
    assert s["by_language"] == {"en": 2, "zh": 1}
    assert s["by_main_label"] == {
        "governance_party_oversight": 1, "major_projects": 1, "other": 1,
    }  # fmt: skip
    assert s["anywhere"]["innovation_push"] == 1
    assert s["length"]["zh"] == [len(ZH)] * 5


def test_every_faulty_row_is_told(tmp_path):
    """Reading goes on behind a fault: each row that is none has its line."""
    place = tmp_path / "a.jsonl"
    place.write_text('{"text": "x"\n{"text": "A fair."}\n{"text": "", "labels": []}\n'
                     '{"text": "y", "labels": ["risk"]}\n')  # fmt: skip
    found = told(place)
    assert [line for line, _, _ in found] == [1, 2, 3, 4]
    assert all(is_fault for _, is_fault, _ in found)
    assert "unknown label 'risk'" in found[3][2]
    assert str(check(place).findings[0]).startswith(f"{place}:1: not JSON")


def test_copies_and_contradictions(tmp_path):
    """A text or an id that stands twice is a fault, with both places and both labels."""
    place = written(
        tmp_path / "a.jsonl",
        row(DAM, "major_projects", id="1"),
        row(f" {DAM}", "major_projects", id="2"),
        row(DAM, "localisation", id="3"),
        row(BOARD, id="1"),
    )
    same, other, twice = told(place)
    assert same == (2, True, f"the text stood before, at {place}:1; drop one of the two")
    assert other[:2] == (3, True)
    assert "labelled major_projects, and here localisation" in other[2]
    assert twice[0] == 4
    assert f"the id '1' stood before, at {place}:1" in twice[2]


def test_near_copies_are_notes_within_and_faults_across(tmp_path):
    """Within a file a near-copy is to be looked at; between training, test and gold it leaks."""
    one = row(DAM, "major_projects")
    both = written(tmp_path / "a.jsonl", one, row(NEAR, "localisation"))
    ((line, is_fault, text),) = told(both)
    assert (line, is_fault) == (2, False)
    assert text.startswith(f"nearly the text at {both}:1 (likeness 0.")
    assert "which is labelled major_projects" in text
    assert str(check(both).findings[0]).startswith(f"{both}:2: note: nearly")
    assert check(both).is_sound
    train = written(tmp_path / "train.jsonl", one)
    test = written(tmp_path / "test.jsonl", row(NEAR, "major_projects"))
    assert [f[:2] for f in told(train, test)] == [(1, True)]
    assert [f[:2] for f in told(train, gold=[test])] == [(1, True)]
    assert "of the gold set; drop it here" in told(train, gold=[test])[0][2]
    columns = written(tmp_path / "b.jsonl", one | {"split": "train"},
                      row(NEAR, "major_projects", split="test"))  # fmt: skip
    assert [f[:2] for f in told(columns)] == [(2, True)]


def test_documents_and_texts_do_not_cross(tmp_path):
    """A document or a text that stands in the gold set too is a fault at its line."""
    mine = written(tmp_path / "a.jsonl", row(DAM, document_id="d"), row(BOARD))
    gold = written(tmp_path / "g.jsonl", row(ZH, document_id="d"), row(BOARD, id="g"))
    (_, _, document), (_, _, text) = told(mine, gold=[gold])
    assert document.startswith("the document 'd' has paragraphs in the gold set too")
    assert text == f"the text stands in the gold set, at {gold}:2; drop it here"


def test_a_language_that_the_script_belies(tmp_path):
    """Chinese tagged as English is a fault, an English button on a Chinese page a note."""
    place = written(
        tmp_path / "a.jsonl", row(ZH, lang="en"), row("App Store", lang="zh"),
        row(BOARD, lang="zh"), row("12.5%", lang="zh"),
    )  # fmt: skip
    assert [f[:2] for f in told(place)] == [(1, True), (2, False), (3, True)]


def test_the_shipped_text_is_sound():
    """The project's own training text has no fault."""
    from directive_clf.training.texts import shipped_data

    assert [str(f) for f in check(*shipped_data()).findings if f.is_fault] == []


# merge and split ----------------------------------------------------------------------------------


def test_merge_keeps_each_text_and_id_once(tmp_path):
    """Copies fall together; an id of two texts gets its file's name; contradictions stop."""
    a = written(tmp_path / "a.jsonl", row(DAM, "major_projects", id="1"), row(ZH, id="2"))
    b = written(tmp_path / "b.jsonl", row(DAM, "major_projects", id="9"), row(BOARD, id="1"))
    found = merge(a, b)
    assert [(p.id, p.text) for p in found] == [("1", DAM), ("2", ZH), ("b:1", BOARD)]
    c = written(tmp_path / "c.jsonl", row(DAM, "localisation"))
    with pytest.raises(dc.DataError, match=r"c\.jsonl:1: labelled localisation, and at .*--prefer"):
        merge(a, c)
    assert merge(a, c, prefer="first")[0].labels == ("major_projects",)
    assert merge(a, c, prefer="last")[0].labels == ("localisation",)
    assert merge(a, c, prefer="last")[0].id == "1"


def test_split_shares_nothing_and_keeps_shares(paragraphs):
    """No document or near-copy is on two sides; every main label has about its share; the same seed
    gives the same parts, another gives others."""
    shares = {"train": 0.7, "calibration": 0.1, "test": 0.2}
    parts = split(paragraphs, shares)
    assert list(parts) == list(shares)
    assert sorted(p.id for part in parts.values() for p in part) == sorted(p.id for p in paragraphs)
    groups = groups_of([p.group for p in paragraphs], [p.text for p in paragraphs])
    home = {p.id: name for name, part in parts.items() for p in part}
    homes = {}
    for p, group in zip(paragraphs, groups.tolist(), strict=True):
        assert homes.setdefault(group, home[p.id]) == home[p.id]
    for label in (*dc.LABELS, "other"):
        total = sum(main_label(p.labels) == label for p in paragraphs)
        for name, share in shares.items():
            held = sum(main_label(p.labels) == label for p in parts[name])
            assert abs(held / total - share) < 0.03
    assert split(paragraphs, shares) == parts
    assert split(paragraphs, shares, random_state=1) != parts


@pytest.mark.parametrize("n", [2, 3, 4])
def test_no_part_of_a_small_split_is_empty(n):
    """As many documents as parts are enough, however the shares are."""
    few = [Paragraph(text, (), text, "en") for text in ("dam", "board", "chip", "fair")[:n]]
    shares = {str(i): 0.5**i for i in range(1, n)} | {"rest": 0.5 ** (n - 1)}
    assert all(len(part) == 1 for part in split(few, shares).values())


@pytest.mark.parametrize("shares", [{}, {"a": 1.5, "b": -0.5}, {"a": 0.5}])
def test_a_split_that_cannot_be_is_refused(shares, paragraphs):
    """Shares that are none, and fewer documents than parts, are refused."""
    with pytest.raises(dc.DataError, match="expected numbers above 0 that sum to 1"):
        split(paragraphs, shares)
    one = [replace(p, document_id="d") for p in paragraphs[:5]]
    with pytest.raises(dc.DataError, match="1 document cannot be split into 2"):
        split(one, {"a": 0.5, "b": 0.5})
    with pytest.raises(dc.DataError, match="no labelled paragraphs"):
        split([], {"a": 1})


# audit --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def audited(paragraphs, gazetteer):
    """The audit of paragraphs of which one in twenty has a wrong label; and which those are."""
    rng = np.random.default_rng(0)
    wrong = set(rng.choice(len(paragraphs), len(paragraphs) // 20, replace=False).tolist())
    classes = (*dc.LABELS, "other")
    sample = []
    for i, p in enumerate(paragraphs):
        if i in wrong:
            label = rng.choice([c for c in classes if c != "other" and c not in p.labels])
            p = replace(p, labels=(str(label),))
        sample.append(p)
    return audit(sample, gazetteer, n_jobs=1), sample, {sample[i].id for i in wrong}


def test_an_audit_finds_planted_errors(audited):
    """Of one wrong label in twenty it finds most, at a precision far above chance; those that it
    is surest of are nearly all wrong."""
    rows, sample, planted = audited
    found = [row["id"] in planted for row in rows]
    assert sum(found) > 0.6 * len(planted)
    assert np.mean(found) > 0.3
    assert np.mean(found[:20]) > 0.7
    assert len(rows) < len(sample) / 4


def test_an_audit_says_why(audited):
    """Each row has what was given, the rival, its probability, a reason, and terms of the text."""
    rows, sample, _ = audited
    by_id = {p.id: p for p in sample}
    for row in rows:
        assert tuple(row["labels"]) == by_id[row["id"]].labels
        assert row["rival"].removeprefix("without ") in (*dc.LABELS, "other")
        assert row["rival"] not in row["labels"]
        assert row["rival"] != "other" or row["suggested"] == []
        assert 0 <= row["probability"] <= 1
        assert "a model of the other documents gives" in row["reason"]
    assert sum(bool(row["terms"]) for row in rows) > 0.9 * len(rows)


def test_without_cleanlab_the_error_says_what_to_install(paragraphs, gazetteer, monkeypatch):
    """The audit is an extra."""
    import sys

    monkeypatch.setitem(sys.modules, "cleanlab.multilabel_classification.filter", None)
    with pytest.raises(dc.DirectiveClfError, match=r"pip install 'directive_clf\[audit\]'"):
        audit(paragraphs, gazetteer)


# suggest ------------------------------------------------------------------------------------------


def test_suggestions_are_unsure_varied_and_new(classifier, paragraphs):
    """No copy, no near-copy, nothing known, no sure boilerplate; every class has its quota,
    as far as the pool has it; the chosen are less certain than the pool."""
    ad = Paragraph("Open your account today and get a free gift.", (), "ad", "en")
    twin = [Paragraph(NEAR, (), "n1", "en"), Paragraph(DAM, (), "n2", "en"),
            Paragraph(" ", (), "blank", "en"), ad]  # fmt: skip
    pool = [*paragraphs[:1000], *twin]
    known = [p.text for p in paragraphs[:100]]
    chosen = suggest(classifier, pool, 60, known=known)
    ids = [c.paragraph.id for c in chosen]
    assert len(set(ids)) == len(ids) == 60
    assert not {"blank", "ad", "n2"} & set(ids)
    assert not {p.id for p in paragraphs[:100]} & set(ids)
    sure = [c.suggestion.score for c in chosen]
    assert sure == sorted(sure)
    everything = suggest(classifier, pool, len(pool), known=known)
    assert np.mean(sure) < np.mean([c.suggestion.score for c in everything])
    mains, there = (
        [main_label(c.suggestion.labels) for c in choices] for choices in (chosen, everything)
    )
    for label in (*dc.LABELS, "other"):
        assert mains.count(label) >= min(5, there.count(label)) > 0
    assert suggest(classifier, pool, 60, known=known) == chosen


def test_a_small_pool_is_taken_whole(classifier):
    """Where there is no more than is wanted, all of it is given; of nothing, nothing."""
    pool = [Paragraph(BOARD, (), "b", "en"), Paragraph(ZH, (), "z", "zh")]
    assert {c.paragraph.id for c in suggest(classifier, pool, 50)} == {"b", "z"}
    assert suggest(classifier, [], 5) == []
    assert suggest(classifier, [Paragraph(" ", (), "b", "en")], 5) == []


def test_a_pool_is_whatever_scoring_reads(tmp_path, paragraphs):
    """Articles and tables give paragraphs without labels, ids once each, other columns kept; what
    cannot be read is told."""
    (tmp_path / "a.txt").write_text(f"{DAM}\n\n{BOARD}\n")
    write_paragraphs([replace(paragraphs[0], extra={"page": 3})], tmp_path / "b.jsonl")
    (tmp_path / "c.csv").write_text("id,text\n1,Dam.\n1,Board.\n2,a,b\n")
    found, faults = read_pool([tmp_path])
    assert [p.id for p in found] == ["a.txt:0", "a.txt:1", paragraphs[0].id, "1", "1#2"]
    assert all(p.labels == () for p in found)
    assert found[2].extra == {"page": 3}
    assert found[0].document_id == "a.txt"
    (fault,) = faults
    assert "c.csv:4: found 3 cells" in fault
