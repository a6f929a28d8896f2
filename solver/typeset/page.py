"""From a sheet and its verified derivations to the page as data.

    view(sheet, worked, record, language, prose=…, detail=1, reasons="right") -> SheetView

`worked` gives each part's derivations, by problem name and part id; a part without derivations (a discussion, a shape
table) has none. `language` holds all words, those of rules among its reasons; `prose(problem, part, text)` says a text:
words, nodes, and names of functions. So this room knows neither rules nor files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from string import Formatter, ascii_lowercase
from typing import Literal

from solver.expr.derivation import Cases, Chain, Definition, Derivation, Reason, Step
from solver.expr.nodes import Node, Path, SizeSym, Sym, Table, from_size, mul
from solver.expr.shapes import Shape, is_single
from solver.expr.sizes import Size
from solver.expr.write import write
from solver.language.catalogue import Catalogue
from solver.spec import texts
from solver.spec.problem import Ask, Count, Discuss, Figure, Implement, Part, Problem, Shapes, Sheet, Space, Symbol
from solver.spec.texts import Piece
from solver.typeset import rubric, tex
from solver.typeset.closing import closings, filled
from solver.typeset.selection import cancelled, names_given, shape_marks, steps_shown
from solver.typeset.setting import Context, Mark
from solver.typeset.tables import discussed
from solver.typeset.view import (
    AnswerBox,
    CasesView,
    ChainView,
    DerivationView,
    Earning,
    FigureView,
    LineView,
    PartView,
    ProblemView,
    Record,
    SettingView,
    ShapesView,
    SheetView,
    Style,
    Words,
)

Prose = Callable[[Problem, Part | None, str], Sequence[Piece]]
Reasons = Literal["right", "over", "scalar"]
SHORT = 26
"""The longest reason, in letters, that goes over an equals sign without being asked to."""

BRIEF = 40
"""The longest value, in letters, that is given a name within a sentence."""

Worked = Mapping[tuple[str, str], Sequence[Derivation]]


def worded(reason: Reason, language: Catalogue, parts: Mapping[str, str]) -> list[Piece]:
    """A reason in words, with its captures where the words have braces; `parts` says how earlier parts are called."""
    if reason.rule in parts:
        return [parts[reason.rule]]
    captures = dict(reason.captures)
    pieces: list[Piece] = []
    for text, name, _, _ in Formatter().parse(language.reasons[reason.rule]):
        if text:
            pieces.append(text)
        if name is not None:
            pieces.append(captures[name])
    return pieces


def view(
    sheet: Sheet,
    worked: Worked,
    record: Record,
    language: Catalogue,
    *,
    prose: Prose = texts.pieces,
    detail: int = 1,
    reasons: Reasons = "scalar",
) -> SheetView:
    """The whole sheet as a tree of what stands on its pages.

    `detail` is 0 (routine steps folded), 1 or 2 (single rules). `reasons` stand at the right or over the equals signs;
    "scalar": over them in scalar derivations whose reasons are short, at the right elsewhere.
    """
    several = len(sheet.problems) > 1
    problems = tuple(
        _Writer(problem, prose, detail, reasons, language, worked, sheet.space).problem(number if several else None)
        for number, problem in enumerate(sheet.problems, 1)
    )
    intro, heading = (
        Words(tuple(prose(sheet.problems[0], None, text))) if text and sheet.problems else Words()
        for text in (sheet.intro, sheet.title)
    )
    return SheetView(
        texts.plain(heading.pieces), sheet.course, intro, problems, record, language, heading, sheet.author
    )


def of_form(whole: SheetView, form: str) -> SheetView:
    """The sheet with what one form of it shows, and nothing else: the handout holds nothing of a solution."""

    def part(given: PartView) -> PartView:
        match form:
            case "handout":
                kept = {name: getattr(given, name) for name in ("hint", "points", "space")}
                return PartView(given.id, given.label, given.ask, **kept)
            case "answers" | "rubric":
                return replace(given, figures=())
        return given

    problems = (
        replace(problem, parts=tuple(map(part, problem.parts)), figures=() if form == "rubric" else problem.figures)
        for problem in whole.problems
    )
    return replace(whole, problems=tuple(problems))


def context_of(problem: Problem, derivations: Sequence[Derivation] = ()) -> Context:
    """The names in play on a problem's pages: its own, and those its derivations introduce."""
    shapes = {name: symbol.shape for name, symbol in problem.symbols.items()}
    shapes |= {name: value.shape for name, value in problem.define.items()}
    for derivation in derivations:
        shapes |= {d.name.name: d.name.shape for d in derivation.definitions if isinstance(d.name, Sym)}
    sizes = {name for shape in shapes.values() for size in shape for name in size.names} | set(problem.dims)
    return Context(problem.layout, shapes, frozenset(sizes), frozenset(problem.indices))


class _Writer:
    """One problem on its way to the page: counts its lines and remembers what every part needs."""

    def __init__(
        self, problem: Problem, prose: Prose, detail: int, style: Reasons, language: Catalogue,
        worked: Worked, space: Space | None,
    ) -> None:  # fmt: skip
        self.given = problem
        self.prose, self.detail, self.style, self.language = prose, detail, style, language
        self.space = space
        self.worked = {part.id: tuple(worked.get((problem.name, part.id), ())) for part in problem.parts}
        labels = {part.id: self._label(k, part) for k, part in enumerate(problem.parts)}
        self.parts = {
            f"part ({id})": language.part.format(label=label or self.given.parts[0].id) for id, label in labels.items()
        }
        """How a reason names an earlier part, and how the page does."""
        named = {id: self.parts[f"part ({id})"] for id in labels}
        self.closings = closings(problem, self.worked, language, named)
        self.count = 0

    # --- the problem and its parts --------------------------------------------------------------------------------

    def problem(self, number: int | None) -> ProblemView:
        every = [derivation for found in self.worked.values() for derivation in found]
        problem = self.given
        return ProblemView(
            name=problem.name,
            title=self._prose(problem.title),
            context=replace(context_of(problem, every), words=self.language.formulas),
            setting=self._setting(),
            parts=tuple(self._part(k, part) for k, part in enumerate(problem.parts)),
            source=self._prose(problem.source),
            intro=self._prose(problem.intro),
            number=number,
            figures=self._figures(problem.figures, "problem"),
        )

    def _part(self, position: int, part: Part) -> PartView:
        derivations = self.worked[part.id]
        several = len({d.route for d in derivations}) > 1
        tabled = isinstance(part.ask, (Shapes, Count))
        # the notes of these asks are the names that the table shows
        views = tuple(self._derivation(d, several, () if tabled else d.notes) for d in derivations)
        boxes: list[AnswerBox] = []
        for each in views:
            if each.answer is not None and each.answer not in boxes:
                boxes.append(each.answer)
        remark = self._prose(part.remark, part)
        table = discussed(part.ask, self.given, self.language) if isinstance(part.ask, Discuss) else None
        return PartView(
            id=part.id,
            label=self._label(position, part),
            ask=self._prose(part.text, part),
            intro=self._prose(part.intro, part),
            hint=self._prose(part.hint, part),
            remark=remark,
            points=self._points(part),
            derivations=views,
            answers=tuple(boxes),
            table=table,
            shapes=self._shapes(part.ask) if tabled and not self._shown_before(part.ask) else None,
            closing=self.closings[part.id],
            code=next((d.code.source for d in derivations if d.code is not None), ""),
            figures=self._figures(part.figures, part.id),
            space=part.space or self.space,
            earning=self._earning(part, views, remark),
        )

    def _earning(self, part: Part, views: Sequence[DerivationView], remark: Words) -> tuple[Earning, ...]:
        """What earns the part's points: lines of each route, or what there is in their place."""
        program = isinstance(part.ask, Implement)
        earned = tuple(rubric.earning(each, part.points, self.language, program) for each in views if each.blocks)
        if earned:
            return earned
        what = remark or Words(
            (self.language.rubric_table if isinstance(part.ask, Shapes) else self.language.rubric_words,)
        )
        return (rubric.in_words(what, part.points, self.language),)

    def _label(self, position: int, part: Part) -> str:
        """The parts' own ids where all are short (`b`, `4b`), else letters; none where a part is alone."""
        if all(len(each.id) <= 2 for each in self.given.parts):
            return part.id
        if len(self.given.parts) == 1:
            return ""
        return ascii_lowercase[position] if position < 26 else str(position + 1)

    def _points(self, part: Part) -> str:
        if part.points is None:
            return ""
        return f"{part.points:g} {self.language.point if part.points == 1 else self.language.points}"

    def _prose(self, text: str, part: Part | None = None) -> Words:
        return Words(tuple(self.prose(self.given, part, text))) if text else Words()

    def _figures(self, figures: Sequence[Figure], owner: str) -> tuple[FigureView, ...]:
        return tuple(
            FigureView(figure, self.given, tex.slug(f"{self.given.name}-{owner}-{number}"), self._prose(figure.caption))
            for number, figure in enumerate(figures, 1)
        )

    def _shown_before(self, ask: Ask) -> bool:
        """Whether a table of an earlier part has all names of a count."""
        if not isinstance(ask, Count):
            return False
        before = [part.ask for part in self.given.parts]
        shown = [each for each in before[: before.index(ask)] if isinstance(each, (Shapes, Count))]
        return any(not each.of or set(ask.of) <= set(each.of) for each in shown)

    def _shapes(self, ask: Ask) -> ShapesView:
        """The names asked about, or all that are declared, with their shapes."""
        assert isinstance(ask, (Shapes, Count))
        problem = self.given
        declared = [symbol.node for symbol in problem.symbols.values() if symbol.function is None]
        defined = [Sym(name, value.shape) for name, value in problem.define.items()]
        asked = [node for node in ask.of if isinstance(node, Sym)] or [*declared, *defined]
        return ShapesView(tuple((node, self._said(node.name), node.shape, _entries(node.shape)) for node in asked))

    def _said(self, name: str) -> Words:
        symbol = self.given.symbols.get(name)
        return self._about(symbol) if symbol is not None else self._prose(self.given.about.get(name, ""))

    # --- the setting ----------------------------------------------------------------------------------------------

    def _setting(self) -> SettingView:
        problem = self.given
        definitions = tuple((Sym(name, value.shape), value, value.shape) for name, value in problem.define.items())
        symbols: list[tuple[Node, Words, tuple[()] | tuple[Size, Size]]] = []
        for symbol in problem.symbols.values():
            about = self._about(symbol)
            if symbol.function is None and (about or symbol.shape):
                symbols.append((symbol.node, about, symbol.shape))
        for name, meaning in problem.dims.items():
            symbols.append((SizeSym(name), self._prose(meaning), ()))
        return SettingView(definitions, tuple(symbols))

    def _about(self, symbol: Symbol) -> Words:
        """What the symbol is in the author's words, then its traits where these do not say them."""
        about = self._prose(symbol.about)
        traits = [self.language.traits.get(trait, trait) for trait in symbol.traits]
        missing = [trait for trait in traits if trait.casefold() not in symbol.about.casefold()]
        pieces = list(about.pieces)
        for trait in missing:
            pieces += [", ", trait] if pieces else [trait]
        return Words(tuple(pieces))

    # --- derivations ----------------------------------------------------------------------------------------------

    def _derivation(self, derivation: Derivation, several: bool, notes: Sequence[str]) -> DerivationView:
        title = self.language.routes.get(derivation.route, derivation.route) if several else ""
        blocks: list[ChainView | CasesView] = []
        intro = self._reason(derivation.intro)
        if derivation.definitions and not derivation.restated and all(map(_brief, derivation.definitions)):
            intro = Words((*intro.pieces, *self._written(derivation.definitions, bool(intro))))
        elif derivation.definitions or derivation.restated:
            blocks.append(self._definitions(derivation))
        style = self._style(derivation)
        self.annotated: set[Node] = set()
        self.names = names_given(derivation)
        for block in derivation.blocks:
            match block:
                case Chain():
                    blocks.append(self._chain(block, style))
                case Cases(chains):
                    blocks.append(CasesView(tuple(self._chain(chain, style) for chain in chains)))
        return DerivationView(
            tuple(blocks),
            title=Words((title,)) if title else Words(),
            intro=intro,
            closing=self._reason(derivation.closing),
            notes=tuple(self._prose(note) for note in notes),
            # where a program is the answer, its formulas are steps to it
            answer=None if derivation.code is not None else answer_box(derivation),
        )

    def _written(self, definitions: Sequence[Definition], after: bool) -> Iterator[Piece]:
        """Short names in sentences of the introduction: `We write S for …`."""
        for k, each in enumerate(definitions):
            if after or k:
                yield " "
            yield from filled(self.language.write_for, {"name": [each.name], "value": [each.value]})

    def _definitions(self, derivation: Derivation) -> ChainView:
        """The names that the derivation introduces, and what the problem's own names are through them."""
        new = [LineView(d.name, d.value, self._prose(d.about), relation=":=") for d in derivation.definitions]
        old = [LineView(d.name, d.value, self._prose(d.about)) for d in derivation.restated]
        return ChainView((*new, *old), intro=Words((self.language.write if new else self.language.restated,)))

    def _chain(self, chain: Chain, style: Style) -> ChainView:
        steps = steps_shown(chain.steps, self.detail, self.names)
        lines: list[LineView] = []
        if not steps:
            lines.append(LineView(None, chain.start, name=chain.name, number=self._number()))
        for k, step in enumerate(steps):
            last = k == len(steps) - 1
            struck = cancelled(steps[k + 1]) if not last else {}
            lines.append(
                LineView(
                    lhs=chain.start if k == 0 else None,
                    rhs=step.rhs,
                    reason=self._reason(step.reason),
                    number=self._number(),
                    name=chain.name if last else None,
                    marks=struck or (self._annotated(step.rhs) if last else {}),
                    routine=step.routine,
                    rule=step.reason.rule,
                    steps=self._inside(step),
                )
            )
        return ChainView(tuple(lines), self._reason(chain.title), self._reason(chain.intro), chain.given, style)

    def _inside(self, step: Step) -> tuple[LineView, ...]:
        """The single steps of a line, without numbers; none where it is a single step itself."""
        single = steps_shown((step,), 2)
        if len(single) < 2:
            return ()
        return tuple(LineView(None, each.rhs, self._reason(each.reason), rule=each.reason.rule) for each in single)

    def _reason(self, reason: Reason | None) -> Words:
        if reason is None:
            return Words()
        if reason.said:
            return self._prose(reason.said)
        return Words(tuple(worded(reason, self.language, self.parts)))

    def _style(self, derivation: Derivation) -> Style:
        if self.style != "scalar":
            return self.style
        chains = [c for b in derivation.blocks for c in (b.chains if isinstance(b, Cases) else (b,))]
        reasons = [self._reason(step.reason) for chain in chains for step in steps_shown(chain.steps, self.detail)]
        short = all(sum(map(_length, reason.pieces)) <= SHORT for reason in reasons)
        return "over" if derivation.route == "scalar" and short else "right"

    def _annotated(self, value: Node) -> Mapping[Path, Mark]:
        """Shapes under the factors of a product, the first time that it comes in a derivation."""
        if value in self.annotated:
            return {}
        self.annotated.add(value)
        return shape_marks(value)

    def _number(self) -> int:
        self.count += 1
        return self.count


def _length(piece: Piece) -> int:
    """About how many letters a piece of a reason takes."""
    return len(write(piece) if isinstance(piece, Node) else str(piece))


def _brief(definition: Definition) -> bool:
    """Whether a name is introduced within a sentence: without words of its own, and short."""
    return not definition.about and len(write(definition.value)) <= BRIEF


def answer_box(derivation: Derivation) -> AnswerBox:
    """The question with its result; a matrix with dots that came just before a closed form stands beside it."""
    sides = [derivation.result]
    final = derivation.blocks[-1] if derivation.blocks else None
    if isinstance(final, Chain):
        results = [final.start, *(step.rhs for step in final.steps)]
        for value in reversed(results[:-1]):
            if not isinstance(value, Table) or value == derivation.question:
                break
            sides.insert(0, value)
    shape = () if is_single(derivation.result.shape) else derivation.result.shape
    spelled = any(isinstance(side, Table) for side in sides)
    return AnswerBox(derivation.question, tuple(sides), () if spelled else shape)


def _entries(shape: Shape) -> Node:
    """How many entries there are, the sizes in the order of the shape."""
    return mul(*(from_size(size) for size in shape if size.number != 1))
