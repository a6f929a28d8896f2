"""Reports: what was found, for people (`file:line:column: …`), as JSON, as JUnit's XML, as GitHub's annotations."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from solver.check.facts import words as fact_words
from solver.check.verdicts import Counterexample, LineVerdict
from solver.expr.derivation import Derivation
from solver.expr.nodes import Idx, Node, free_indices, walk
from solver.expr.write import write
from solver.sheets import Answered
from solver.solve import Outcome
from solver.spec.mistakes import Mistake, visible
from solver.spec.problem import AuthoredLine, Part, Place, Steps
from solver.typeset.latex import latex
from solver.typeset.page import context_of

VERSION = 1


@dataclass(frozen=True)
class Finding:
    """One thing to know, and where the author can mend it. `kind` is the verdict, `unreadable`, or `note`."""

    place: Place
    kind: str
    message: str
    details: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        head = f"{visible(self.place.file)}:{self.place.line}:{self.place.column}: {self.kind}: {self.message}"
        return "\n".join((head, *(f"    {detail}" for detail in self.details)))


# --- for people -------------------------------------------------------------------------------------------------------


def findings(answered: Iterable[Answered]) -> Iterator[Finding]:
    """What is not verified, in order: of each derivation the answer, else the first line, else the broken chain.

    Of an author's own lines those that cannot be judged are each a finding too.
    """
    for each in answered:
        unread = [_unread(each, line) for line in each.question.part.unread]
        for outcome in each.outcomes:
            found = [_finding(each, outcome)] if outcome.verdict != "verified" and not _all_said(each, outcome) else []
            yield from sorted((*found, *unread), key=lambda finding: finding.place.line)


def _all_said(each: Answered, outcome: Outcome) -> bool:
    """Whether nothing is amiss with a part but that some of its author's lines cannot be judged."""
    judgement = outcome.judgement
    if not each.question.part.unread:
        return False
    return outcome.derivation is None or (
        judgement is not None
        and judgement.first_wrong is None
        and len(judgement.replay_errors) == len(each.question.part.unread)
    )


def _unread(each: Answered, line: AuthoredLine) -> Finding:
    """A line of the author's that cannot be judged, with the place in it and what to write instead."""
    assert line.mistake is not None
    where = f"part {each.question.part.id}: line {_authored(each.question.part).index(line) + 1}"
    return Finding(
        line.mistake.place, _word(line), f"{where}: {visible(line.mistake.message)}", tuple(line.mistake.shown())
    )


def _word(line: AuthoredLine) -> str:
    return "does not fit" if line.misfit else "cannot read"


def _authored(part: Part) -> tuple[AuthoredLine, ...]:
    return part.ask.counted if isinstance(part.ask, Steps) else ()


def _finding(each: Answered, outcome: Outcome) -> Finding:
    part = each.question.part
    place = part.place or Place(each.file, 1, 1)
    where = f"part {part.id}, route {outcome.route}"
    judgement = outcome.judgement
    if judgement is None or judgement.verdict == "verified":
        return Finding(place, outcome.verdict, f"{where}: {outcome.message}")
    answer, line = judgement.answer, judgement.first_wrong
    if answer is not None and answer.verdict != "verified" and line is None:
        assert outcome.derivation is not None
        derived = f"the derivation, every line of it verified, ends in `{write(outcome.derivation.result)}`"
        return Finding(
            part.answer_place or place, outcome.verdict, f"{where}: the answer is not what follows from the question",
            (derived, answer.message),
        )  # fmt: skip
    if line is not None:
        equation = (f"  {write(line.step.lhs)}", f"= {write(line.step.rhs)}")
        number = _numbers(judgement.lines)[id(line)]
        kind = line.word if line.misfit else outcome.verdict
        details: tuple[str, ...] = (*equation, line.message)
        if isinstance(part.ask, Steps):
            own = _own(part, judgement.lines)
            number, place = str(_authored(part).index(own[id(line)]) + 1), own[id(line)].place
            others = [each for each in judgement.lines if each.verdict != "verified" and each is not line]
            also = ", ".join(f"{_authored(part).index(own[id(each)]) + 1} {each.word}" for each in others)
            details += (f"further on: line {also}",) if also else ()
        message = f"{where}: line {number} ({line.step.reason.said or line.step.reason.rule})"
        return Finding(place, kind, message, details)
    problems = [*judgement.replay_errors, *([judgement.result.message] if judgement.result.message else [])]
    return Finding(place, outcome.verdict, f"{where}: {(problems or [outcome.message])[0]}", tuple(problems[1:]))


def _own(part: Part, lines: Sequence[LineVerdict]) -> dict[int, AuthoredLine]:
    """The author's line behind each judged one, by the judged line's id."""
    judged = [line for line in _authored(part) if line.rhs is not None]
    return {id(line): own for line, own in zip((line for line in lines if not line.depth), judged, strict=True)}


def _numbers(lines: Sequence[LineVerdict]) -> dict[int, str]:
    """Lines by their numbers: 3 is a line as printed, 3.2 the second of the steps that explain it."""
    numbers: dict[int, str] = {}
    counts: list[int] = []
    for line in lines:
        counts = [*counts[: line.depth + 1]]
        counts += [0] * (line.depth + 1 - len(counts))
        counts[line.depth] += 1
        numbers[id(line)] = ".".join(map(str, counts))
    return numbers


def annotation(finding: Finding) -> str:
    """The finding as a command that GitHub's runner turns into a mark on the line."""
    place = finding.place
    fields = f"file={_escaped(place.file, ',:')},line={place.line},col={place.column},title={finding.kind}"
    level = "notice" if finding.kind == "note" else "error"
    return f"::{level} {fields}::{_escaped(chr(10).join((finding.message, *finding.details)))}"


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(char):02X}" if char in f"%\r\n{more}" else char for char in text)


def unreadable(mistake: Mistake) -> Finding:
    details = (f"{mistake.line_text.strip()}", mistake.hint)
    return Finding(mistake.place, "unreadable", mistake.message, tuple(filter(None, details)))


def closing(answered: Sequence[Answered], mistakes: int, read_back: int = 0) -> str:
    """The last line: how much there was, and what became of it; `read_back` formulas were read back from pages."""
    counts = summary(answered)
    text = (
        f"{_count(len(answered), 'part')}, {_count(counts['parts'], 'derivation')}, {_count(counts['lines'], 'line')}"
    )
    if read_back:
        text += f", {_count(read_back, 'formula')} read back"
    if mistakes:
        text += f"; {_count(mistakes, 'mistake')} in the files"
    if counts["verified"] == counts["parts"]:
        return f"{text}: all verified" if counts["parts"] else text
    said = ("verified", "wrong", "undecided", "errors")
    words = {"errors": "error" if counts["errors"] == 1 else "errors"}
    return f"{text}: " + ", ".join(f"{counts[each]} {words.get(each, each)}" for each in said if counts[each])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


# --- JSON -------------------------------------------------------------------------------------------------------------


def summary(answered: Sequence[Answered]) -> dict[str, int]:
    """Counts: entries (one a route) by verdict, and the lines as printed."""
    verdicts = [outcome.verdict for each in answered for outcome in each.outcomes]
    return {
        "parts": len(verdicts),
        "lines": sum(
            len(outcome.lines) + len(each.question.part.unread) for each in answered for outcome in each.outcomes
        ),
        "verified": verdicts.count("verified"),
        "wrong": verdicts.count("wrong"),
        "undecided": verdicts.count("undecided"),
        "errors": verdicts.count("error"),
    }


def as_json(answered: Sequence[Answered], mistakes: Sequence[Mistake] = (), remarks: Sequence[Finding] = ()) -> str:
    """The report of the design; every expression in the problem language."""
    content: dict[str, Any] = {
        "version": VERSION,
        "parts": [entry(each, outcome) for each in answered for outcome in each.outcomes],
        "summary": summary(answered),
    }
    if mistakes:
        content["mistakes"] = [
            {"file": m.place.file, "line": m.place.line, "column": m.place.column, "message": m.message, "hint": m.hint}
            for m in mistakes
        ]
    if remarks:
        content["notes"] = [
            {"file": each.place.file, "line": each.place.line, "column": each.place.column, "message": each.message}
            for each in remarks
        ]
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def entry(each: Answered, outcome: Outcome) -> dict[str, Any]:
    """One part by one route."""
    part, derivation = each.question.part, outcome.derivation
    derivation = derivation if derivation is not None and derivation.blocks else None
    result = None if derivation is None else derivation.result
    return {
        "file": each.file,
        "sheet": each.sheet,
        "problem": each.question.problem.name,
        "part": part.id,
        "ask": part.kind,
        **_asked(part),
        "route": outcome.route,
        "verdict": outcome.verdict,
        "result": None if result is None else write(result),
        "free": [] if derivation is None else free(part, derivation),
        "shape": None if result is None else [str(size) for size in result.shape],
        "latex": None if derivation is None else latex_of(each, derivation),
        "message": outcome.message or None,
        "lines": _lines(part, outcome.judgement.lines if outcome.judgement else ()),
        "seconds": {"derive": round(outcome.derive_seconds, 6), "check": round(outcome.check_seconds, 6)},
    }


def latex_of(each: Answered, derivation: Derivation) -> str:
    return latex(derivation.result, context_of(each.question.problem, [derivation])).tex


def free(part: Part, derivation: Derivation) -> list[str]:
    """The free indices of the result, in the order in which the ask, then the question, names them."""
    wanted = free_indices(derivation.result)
    named = (*part.indices, *(node for node in walk(derivation.question) if isinstance(node, Idx)))
    ordered = [index.name for index in dict.fromkeys(named) if index in wanted]
    return ordered + sorted(index.name for index in wanted if index.name not in ordered)


def _asked(part: Part) -> dict[str, Any]:
    """What was asked of what, in the problem language."""
    ask = part.ask
    of = getattr(ask, "of", None) or getattr(ask, "expression", None)
    if hasattr(ask, "lhs") and hasattr(ask, "rhs"):
        of = f"{write(ask.lhs)} == {write(ask.rhs)}"
    return {"of": _written(of), "wrt": _written(getattr(ask, "wrt", None))}


def _written(value: Node | tuple[Node, ...] | str | None) -> str | list[str] | None:
    match value:
        case None | str():
            return value
        case tuple():
            return [write(node) for node in value]
    return write(value)


def _lines(part: Part, lines: Sequence[LineVerdict]) -> list[dict[str, Any]]:
    """The lines; an author's own with their places, and with those among them that cannot be judged."""
    if not isinstance(part.ask, Steps):
        return [_line(line) for line in lines]
    judged = {id(own): line for line in lines for own in [_own(part, lines).get(id(line))] if own is not None}
    return [
        {**(_line(judged[id(own)]) if id(own) in judged else _unjudged(own)),
         "place": {"line": own.place.line, "column": own.place.column}}
        for own in _authored(part)
    ]  # fmt: skip


def _unjudged(line: AuthoredLine) -> dict[str, Any]:
    """A line that cannot be judged: as it was written, and why."""
    assert line.mistake is not None
    hint = f"; {line.mistake.hint}" if line.mistake.hint else ""
    return {
        "lhs": None if line.lhs is None else write(line.lhs),
        "rhs": None,
        "text": line.text,
        "given": [],
        "rule": None,
        "reason": line.reason or None,
        "facts": [],
        "depth": 0,
        "verdict": _word(line),
        "message": line.mistake.message + hint,
        "counterexample": None,
    }


def _line(line: LineVerdict) -> dict[str, Any]:
    step = line.step
    return {
        "lhs": write(step.lhs),
        "rhs": write(step.rhs),
        "given": [write(condition) for condition in line.given],
        "rule": step.reason.rule,
        "reason": step.reason.said or None,
        "facts": [fact_words(fact) for fact in line.facts],
        "depth": line.depth,
        "verdict": line.word,
        "message": line.message or None,
        "counterexample": None if line.counterexample is None else _point(line.counterexample),
    }


def _point(found: Counterexample) -> dict[str, Any]:
    return {
        "sizes": dict(found.sizes),
        "indices": dict(found.indices),
        "values": dict(found.values),
        "lhs": found.lhs,
        "rhs": found.rhs,
        "entry": found.entry,
        "difference": found.difference or None,
    }


# --- JUnit ------------------------------------------------------------------------------------------------------------


def as_junit(answered: Sequence[Answered], mistakes: Sequence[Mistake] = ()) -> str:
    """A test suite a sheet, a test case a part and route."""
    root = ET.Element("testsuites", name="worked")
    suites: dict[str, ET.Element] = {}
    for each in answered:
        if each.sheet not in suites:
            suites[each.sheet] = ET.SubElement(root, "testsuite", name=each.sheet)
        suite = suites[each.sheet]
        for outcome in each.outcomes:
            _case(suite, each, outcome)
    if mistakes:
        suite = ET.SubElement(root, "testsuite", name="problem files")
        for mistake in mistakes:
            case = ET.SubElement(suite, "testcase", classname=mistake.place.file, name=f"line {mistake.place.line}")
            ET.SubElement(case, "error", type="unreadable", message=_legal(mistake.message)).text = _legal(
                mistake.render()
            )
    for suite in root:
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, each: Answered, outcome: Outcome) -> None:
    seconds = outcome.derive_seconds + outcome.check_seconds
    case = ET.SubElement(
        suite, "testcase", classname=f"{each.sheet}.{each.question.problem.name}",
        name=f"{each.question.part.id} ({outcome.route})", file=each.file, time=f"{seconds:.3f}",
    )  # fmt: skip
    if outcome.verdict == "verified":
        return
    finding = _finding(each, outcome)
    case.set("line", str(finding.place.line))
    kind = "failure" if outcome.verdict in ("wrong", "undecided") else "error"
    ET.SubElement(case, kind, type=outcome.verdict, message=_legal(finding.message)).text = _legal(finding.text)


def _legal(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return "".join(char if char in "\t\n" or " " <= char < "\ufffe" or char > "\uffff" else "\ufffd" for char in text)
