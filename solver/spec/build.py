"""From the model of a file to the problem: every expression read, every shape checked, every mistake collected."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from solver.expr.nodes import Node
from solver.expr.shapes import Shape, describe, is_single
from solver.spec.asks import ASKS, Asked, AskModel
from solver.spec.figures import FigureModel
from solver.spec.file import FileModel, asked, figures
from solver.spec.mistakes import Mistake
from solver.spec.models import PartModel, ProblemModel
from solver.spec.names import Declared, crowded, declare, in_order
from solver.spec.parse import parse
from solver.spec.problem import Figure, Layout, Part, Problem
from solver.spec.reading import Reading
from solver.spec.source import Source
from solver.spec.tree import Scalar
from solver.spec.validate import validate

DEPTH = {"symbols": 3, "define": 2, "indices": 2, "dims": 2, "parts": 3}
"""How far down in a file a thing of its own is: a symbol's shape, a definition, an ask."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")


def build(source: Source, path: Path) -> tuple[Problem | None, list[Mistake]]:
    """The problem that the file states, or its mistakes."""
    fields, mistakes = parse(source)
    model = validate(FileModel, fields, DEPTH, mistakes)
    if "parts" not in fields and "parts" not in fields.broken:
        mistakes.append(source.mistake(0, 1, "`parts` is missing here", "a problem asks something: `parts: [{id: …}]`"))
    if fields.broken & {"symbols", "define", "indices"}:
        # names that were never read would each be reported as undeclared
        return None, mistakes
    many = crowded(fields)
    if many is not None:
        return None, [*mistakes, many]
    layout = _layout(model)
    declared = declare(model, layout, mistakes)
    reading = Reading(
        layout,
        declared.symbols,
        {},
        frozenset(declared.sizes),
        declared.indices,
        frozenset(declared.unreadable),
        mistakes,
    )
    reading = _definitions(model, declared, reading)
    reading = replace(reading, unreadable=reading.unreadable - reading.define.keys() - declared.symbols.keys())
    _words(model, reading)
    given = _conditions(reading, model.given)
    parts = _parts(model, reading)
    drawn = _figures(reading, figures(model))
    if mistakes:
        return None, mistakes
    return Problem(
        file=path,
        name=path.stem,
        title=_text(model.title) or re.sub(r"[-_]+", " ", path.stem).capitalize(),
        layout=layout,
        symbols=declared.symbols,
        define=reading.define,
        indices={name: index.range for name, index in declared.indices.items()},
        parts=tuple(parts),
        dims={str(key): _text(text) for key, text in (model.dims or {}).items()},
        given=given,
        source=_text(model.source),
        intro=_text(model.intro),
        digest=source.digest,
        figures=drawn,
        places=declared.places,
        about={str(key): _text(each.about) for key, each in (model.define or {}).items() if each.about},
    ), []


def _layout(model: ProblemModel) -> Layout:
    vectors = model.notation.vectors if model.notation is not None else None
    return "row" if vectors is not None and vectors.text == "row" else "column"


def _text(at: Scalar | None) -> str:
    return at.text.strip() if at is not None else ""


def _definitions(model: ProblemModel, declared: Declared, reading: Reading) -> Reading:
    """The reading with every definition that can be read, whatever their order in the file."""
    keys = {str(key): key for key in declared.definitions}
    scalars = {str(key): each.is_ for key, each in (model.define or {}).items() if key in keys}
    ordered, circles = in_order({name: at.text for name, at in scalars.items()})
    unreadable = set(reading.unreadable) - scalars.keys()
    for circle in circles:
        unreadable |= set(circle)
        if len(circle) == 1:
            message = f"`{circle[0]}` is defined by itself"
        else:
            message = f"these definitions rest on each other: {' → '.join([*circle, circle[0]])}"
        reading.report(keys[circle[0]].scalar, message, "start from a declared symbol")
    define: dict[str, Node] = {}
    for name in ordered:
        current = replace(reading, define=define, unreadable=frozenset(unreadable))
        node = current.expression(scalars[name]) if name not in unreadable else None
        if node is None:
            unreadable.add(name)
        else:
            define[name] = node
    return replace(reading, define=define, unreadable=frozenset(unreadable))


def _words(model: ProblemModel, reading: Reading) -> None:
    """The problem's own texts."""
    for at in (model.title, model.source, model.intro, *(model.dims or {}).values()):
        reading.text(at)
    for symbol in (model.symbols or {}).values():
        reading.text(symbol.about)
    for definition in (model.define or {}).values():
        reading.text(definition.about)


def _conditions(reading: Reading, given: Sequence[Scalar] | None) -> tuple[Node, ...]:
    read = []
    for at in given or ():
        node = reading.condition(at)
        if node is not None and not is_single(node.shape):
            reading.report(at, f"a condition is on indices, sizes and scalars, and this is {describe(node.shape)}")
        elif node is not None:
            read.append(node)
    return tuple(read)


def _figures(reading: Reading, models: Sequence[FigureModel]) -> tuple[Figure, ...]:
    read = [model.read(reading) for model in models]
    return tuple(figure for figure in read if figure is not None)


# --- parts --------------------------------------------------------------------------------------------------------


def _parts(model: ProblemModel, reading: Reading) -> list[Part]:
    models: Sequence[PartModel] = getattr(model, "parts", None) or ()
    used: dict[str, int] = {}
    parts = []
    for number, part in enumerate(models):
        read = _part(part, _id(part, number, used, reading), reading)
        if read is not None:
            parts.append(read)
    return parts


def _id(part: PartModel, number: int, used: dict[str, int], reading: Reading) -> str:
    if part.id is None:
        letters = string.ascii_lowercase
        return letters[number] if number < len(letters) else f"part-{number + 1}"
    name = part.id.text
    if not _ID.fullmatch(name):
        reading.report(part.id, f"`{name[:60]}` cannot name a part", "write letters, digits, `_`, `-` and `.`")
    elif name in used:
        reading.report(part.id, f"two parts are called `{name}`, the first on line {used[name]}")
    used.setdefault(name, part.id.place.line)
    return name


def _part(model: PartModel, name: str, reading: Reading) -> Part | None:
    found = _the_ask(model, reading)
    asked_ = found[1].read(reading) if found is not None else None
    inside = reading.within(asked_.indices) if asked_ is not None else replace(reading, opens=True)
    answer = _answer(model, found[1] if found else None, asked_, inside)
    by = _routes(model, inside)
    given = _conditions(inside, model.given)
    texts = [inside.text(at) for at in (model.ask, model.intro, model.hint, model.remark)]
    drawn = _figures(inside, figures(model))
    if found is None or asked_ is None:
        return None
    return Part(
        id=name,
        kind=found[0],
        ask=asked_.ask,
        text=texts[0],
        by=by,
        answer=answer,
        answer_place=model.answer.place if model.answer is not None else None,
        indices=asked_.indices,
        given=given,
        intro=texts[1],
        hint=texts[2],
        remark=texts[3],
        points=model.points,
        space=model.space,
        figures=drawn,
        place=model.place.source.place(model.place.start),
    )


def _the_ask(model: PartModel, reading: Reading) -> tuple[str, AskModel] | None:
    """The part's one ask; mistakes where it has none or several."""
    place = model.place
    found = asked(model)
    if not found and not place.broken - (set(model.known_keys()) - ASKS.keys()):
        start = place.start
        known = ", ".join(ASKS)
        reading.mistakes.append(place.source.mistake(start, start + 1, "this part asks nothing", f"add one of {known}"))
    for key, _ in found[1:]:
        reading.report(place.key(key).scalar, f"this part asks `{found[0][0]}` already", "write a part for each ask")
    return found[0] if found else None


def _routes(model: PartModel, reading: Reading) -> tuple[str, ...]:
    routes: list[str] = []
    for at in model.by or ():
        if at.text in routes:
            reading.report(at, f"the route `{at.text}` stands twice", "delete one")
        routes.append(at.text)
    return tuple(routes)


def _answer(model: PartModel, ask: AskModel | None, read: Asked | None, reading: Reading) -> Node | None:
    if model.answer is None:
        return None
    if ask is not None and not ask.answers:
        reading.report(model.answer, f"{ask.where} has no answer", "delete `answer`, or say it in `remark`")
        return None
    node = reading.formula(model.answer)
    if node is None or read is None or read.shape is None or _same(node.shape, read.shape):
        return node
    hint = "transpose it with `.T`" if node.shape and node.shape == read.shape[::-1] else ""
    wanted, given = describe(read.shape), describe(node.shape)
    reading.report(model.answer, f"the answer is {given}, and the question asks for {wanted}", hint)
    return None


def _same(left: Shape, right: Shape) -> bool:
    return left == right or (is_single(left) and is_single(right))
