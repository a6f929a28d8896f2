"""Damaged input for a short while: everything is read or refused in words; and a reader that breaks is found out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import fuzz
import pytest
from damage import WAYS, Corpus, damaged
from fuzz import Find

from solver.spec.mistakes import Mistakes

COUNT = 360
SEED = 2026


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus.gathered()


def test_there_is_something_to_damage(corpus: Corpus) -> None:
    assert len(corpus.files) > 12
    assert len(corpus.problems) > 10
    assert sum(map(len, corpus.language)) > 100
    assert {fuzz.attempt(corpus, "file", text) for text in corpus.files[:12]} == {"read"}
    for number in range(len(corpus.problems)):
        for target in (f"language {number}", f"latex {number}"):
            read = [fuzz.attempt(corpus, target, text) for text in corpus.texts(target)]
            assert read.count("read") > 3


def test_damaged_texts_are_read_or_refused(corpus: Corpus) -> None:
    tally: Counter[tuple[str, str]] = Counter()
    finds = list(fuzz.run(corpus, SEED, None, COUNT, tally))
    assert [(find.target, find.fault.splitlines()[-1], find.text[:200]) for find in finds] == []
    assert sum(tally.values()) == COUNT
    for target in fuzz.TARGETS:
        assert tally[target, "refused"] > 0.3 * COUNT / 3
        assert tally[target, "read"] > 0


def test_the_texts_repeat_and_vary(corpus: Corpus) -> None:
    first, second = ([text for _, (_, text) in zip(range(60), fuzz.texts(corpus, 1), strict=False)] for _ in range(2))
    assert first == second
    assert len(set(first)) > 55
    assert max(map(len, first)) > 1000


BREAKS = (RecursionError("deep"), KeyError("x"), MemoryError(), AssertionError("odd"), fuzz.TooSlow())


@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: type(fault).__name__)
def test_a_reader_that_breaks_is_found_out(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def broken(*_: object) -> None:
        raise fault

    monkeypatch.setattr(fuzz, "build", broken)
    found = fuzz.outcome(corpus, "file", "a: b")
    assert isinstance(found, Find)
    assert type(fault).__name__ in found.fault


def test_a_reader_that_hangs_is_cut_off(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    def hanging(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzz, "build", hanging)
    monkeypatch.setattr(fuzz, "SECONDS", 0.05)
    with fuzz.bounded():
        found = fuzz.outcome(corpus, "file", "a: b")
    assert isinstance(found, Find)
    assert "seconds of the processor" in found.fault


def test_a_reader_that_fills_the_memory_is_cut_off(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "build", lambda *_: bytearray(2 * fuzz.MEMORY))
    with fuzz.bounded():
        found = fuzz.outcome(corpus, "file", "a: b")
    assert isinstance(found, Find)
    assert "MemoryError" in found.fault


def test_a_find_is_replayed_from_its_file(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "title: \ud800\r\n\x00"
    path = fuzz.kept(Find("file", text, "a fault"), tmp_path)
    seen: list[str] = []

    def noting(source: object, _: Path) -> None:
        seen.append(source.text)  # type: ignore[attr-defined]
        raise Mistakes([])

    monkeypatch.setattr(fuzz, "build", noting)
    assert fuzz.replay(corpus, path) == 1
    assert seen == [text]
    assert "neither a problem nor a mistake" in capsys.readouterr().out


@pytest.mark.parametrize("way", list(dict.fromkeys(WAYS)), ids=lambda way: way.__name__)
def test_each_way_of_damage_changes_something(corpus: Corpus, way: object) -> None:
    import random

    texts = corpus.files
    changed = [way(texts[0], ("x",), texts, random.Random(seed)) for seed in range(8)]  # type: ignore[operator]
    assert any(each != texts[0] for each in changed)
    assert damaged(corpus, "file", random.Random(1)) == damaged(corpus, "file", random.Random(1))
