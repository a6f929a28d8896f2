"""The two cases of `∂f_i/∂x_j`: the quotient rule for j = i and for j ≠ i, under a common name for the sum."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Cases, Chain, Definition, Fact, Reason, Step, facts_of
from solver.expr.nodes import (
    At,
    Call,
    Cmp,
    D,
    Div,
    Idx,
    Node,
    Num,
    Pow,
    Sym,
    call,
    free_indices,
    places,
    substitute,
    walk,
)
from solver.expr.sizes import ONE
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.methods.entrywise import (
    CANCEL,
    CLEAN,
    ORDER,
    ORDERLY,
    Known,
    factor,
    nothing_known,
    refusal,
    settle,
    telling,
)
from solver.methods.indexing import Indexed, matches, put_in
from solver.methods.quotients import Quotient, divide_through
from solver.rules.algebra import collect_powers
from solver.rules.calculus import quotient_rule
from solver.rules.deltas import COLLAPSE, collapse_delta
from solver.rules.entries import OPENING, entry_of_softmax
from solver.rules.explog import log_of_exp, log_of_product, log_of_quotient, open_logsumexp
from solver.rules.fractions import join_fractions
from solver.rules.generic import on_a_border
from solver.rules.gradients import like_terms
from solver.rules.indexed import family, probability, value_at
from solver.rules.letters import instantiate, taken
from solver.rules.names import open_all
from solver.rules.normal import Normalizer
from solver.rules.setting import Setting, base
from solver.rules.terms import minus_of_sum

LOGARITHMS = (log_of_quotient, log_of_product, log_of_exp)


class TwoCases:
    """`∂f_i/∂x_j` worked out for j = i and for j ≠ i.

    `own` is the index of f, `asked` the derivative. The sum in the denominator gets a name, unless it is among those
    `shared` with an earlier lemma: `definition` is its name, `slope` the chain that differentiates it.
    """

    def __init__(self, setting: Setting, asked: D, own: Idx, keep_own: bool, shared: Sequence[TwoCases] = ()) -> None:
        self.asked = asked
        self.own = own
        (other,) = (index for index in asked.by.at if index is not None)  # type: ignore[attr-defined]
        self.other: Node = other
        self.shared = shared
        self.new = False
        self.definition: Definition | None = None
        self.slope: Chain | None = None
        self.cites = False
        """Whether the slope of the shared sum is used: a sum that stands in a condition only has none."""
        self.setting = self._named(setting)
        keep_own = keep_own and isinstance(other, Idx)
        same = substitute(asked, {other: own} if keep_own else {own: other})
        agree, differ = ("on the diagonal", "off the diagonal") if keep_own else ("indices agree", "indices differ")
        self.diagonal = self._case(same, (), Reason(agree, (("i", own), ("j", other))))
        self.beside = self._case(asked, (Cmp(own, other, "!="),), Reason(differ))

    # --- the sum in the denominator -----------------------------------------------------------------------------------

    def _named(self, setting: Setting) -> Setting:
        """A name for the denominator or the argument of a logarithm that all entries share, where there is one."""
        opened = written_out(self.asked, setting)
        if on_a_border(opened, setting):
            raise CannotDerive(
                f"`{write(self.asked.of)}`, its logarithms written out, lies at a kink or a jump where a size is 1"
            )
        parts = shared_parts(opened, self.asked.by, self.own, setting)
        if not parts or isinstance(parts[0], Sym) or any(not alike(part, parts[0]) for part in parts):
            return setting
        value = parts[0]
        for lemma in self.shared:
            if lemma.definition is not None and alike(lemma.definition.value, value):
                self.definition, self.slope = lemma.definition, lemma.slope
                return setting.defining({write(lemma.definition.name): lemma.definition.value})
        known = _called(value, setting)
        if known is None:
            known = self._introduced(value, setting)
            setting = setting.defining({known.name: value})
        self.definition = Definition(known, value)
        argument = Indexed(setting, D(known, self.asked.by))
        argument.line(lambda: differentiate(argument, nothing_known), _one_term)
        settle(argument)
        self.slope = argument.chain()
        return setting

    def _introduced(self, value: Node, setting: Setting) -> Sym:
        """A letter for the shared sum."""
        opened = written_out(self.asked, setting)
        used = taken(setting, self.asked, opened)
        used |= {write(lemma.definition.name) for lemma in self.shared if lemma.definition is not None}
        letter = next(name for name in ("S", "T", "R", *(f"S{n}" for n in range(1, 999))) if name not in used)
        self.new = True
        return Sym(letter)

    def _known(self, node: D) -> tuple[Node, Reason, tuple[Fact, ...]] | None:
        """The slope of the shared sum, at whatever entry."""
        if self.slope is not None and isinstance(self.slope.start, D) and node.of == self.slope.start.of:
            values = matches(self.slope.start, node)
            if values is not None:
                self.cites = True
                return put_in(self.slope.result, values, self.setting), Reason("established", (("g", node),)), ()
        return None

    @property
    def named(self) -> bool:
        """Whether the shared sum's name is the argument's own, this lemma's or an earlier one's."""
        return self.definition is not None and write(self.definition.name) in self.setting.introduced

    # --- one case -----------------------------------------------------------------------------------------------------

    def _case(self, start: Node, given: tuple[Node, ...], title: Reason) -> Chain:
        argument = Indexed(self.setting.assuming(*given), start)
        argument.line(lambda: self._open(argument), _opening)
        argument.line(lambda: differentiate(argument, self._known), _first_rule)
        divide_through(argument, self._quotients())
        argument.line(lambda: argument.exhaust((*CANCEL, collect_powers, join_fractions, like_terms, *ORDERLY, *CLEAN)))
        factor(argument)
        settle(argument)
        self._close(argument)
        return argument.chain(given=given, title=title)

    def _open(self, argument: Argument) -> None:
        """Definitions and logarithms opened, the shared sum called by its name; nothing where there is no such sum."""
        definition = self.definition
        if definition is None:
            return
        write_out(argument)
        while (
            path := next((p for p, part in places(argument.now) if alike(part, definition.value)), None)
        ) is not None:
            known = "shared sum" if self.named else "definition"
            argument.put(definition.name, Reason(known, (("name", definition.name),)), path)

    def _close(self, argument: Argument) -> None:
        """A shared sum that has not gone into named quotients is written out again."""

        def build() -> None:
            definition = self.definition
            assert definition is not None
            while (path := next((p for p, part in places(argument.now) if part == definition.name), None)) is not None:
                argument.put(definition.value, Reason("definition", (("name", definition.name),)), path)

        if self.definition is not None and self.named:
            argument.line(build)

    def _quotients(self) -> tuple[Quotient, ...]:
        """What the entries of the vector are called, at both indices: `s_i = e^{x_i}/S`."""
        definition = self.definition
        if definition is None:
            return ()
        for name in _candidates(self.asked.of, self.setting):
            opened = written_out(D(name, self.asked.by), self.setting)
            if (
                isinstance(opened, Div)
                and alike(opened.right, definition.value)
                and self.own in free_indices(opened.left)
            ):
                return tuple(
                    Quotient(self._at(name, index), self._at(opened.left, index), definition.name)
                    for index in (self.own, self.other)
                )
        return ()

    def _at(self, node: Node, index: Node) -> Node:
        return instantiate(node, self.own, index, self.setting)

    @property
    def intro(self) -> Reason:
        """What tells the cases apart: the numerator of the entry, or one term of a sum."""
        opened = written_out(self.asked, self.setting)
        return Reason("two cases of a quotient" if isinstance(opened, Div) else "two cases of a term")

    # --- both ---------------------------------------------------------------------------------------------------------

    @property
    def blocks(self) -> tuple[Chain | Cases, ...]:
        """The slope of the shared sum, where nobody before has shown it, and the two cases."""
        chains = Cases((self.diagonal, self.beside))
        shown = any(lemma.cites and lemma.slope is self.slope for lemma in self.shared)
        return (self.slope, chains) if self.cites and not shown and self.slope is not None else (chains,)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """What the lemma introduces."""
        return (self.definition,) if self.new and self.definition is not None else ()

    def both(self, setting: Setting) -> Argument:
        """The chain with both cases: `∂f_i/∂x_j = { … i = j, … i ≠ j`."""
        argument = Argument(setting, self.asked)

        def build() -> None:
            start = call("where", Cmp(self.own, self.other, "=="), self.diagonal.start, self.beside.start)
            argument.put(start, Reason("two cases"))
            for number, chain in enumerate((self.diagonal, self.beside), 1):
                argument.put(
                    chain.result, Reason("established", (("g", chain.start),)), (number,), facts_of(chain.steps)
                )

        argument.line(build, Reason("both cases"))
        return argument


# --- writing out ----------------------------------------------------------------------------------------------------


def write_out(argument: Argument) -> None:
    """Inside a derivative: names by their definitions, entries opened, the softmax as a quotient, logarithms apart."""
    while _once(argument):
        pass
    argument.exhaust((*LOGARITHMS, minus_of_sum, *CLEAN), (0,))


def _once(argument: Argument) -> bool:
    question = argument.now
    if not isinstance(question, D):
        return False
    for path, part in places(question.of, (0,)):
        if not argument.setting.depends(part, question.by):
            continue
        found = value_at(part, argument.setting)
        if found is not None and found[1] != base(question.by):
            return argument.put(found[0], Reason("definition", (("name", found[1]),)), path)
        if any(argument.apply(rule, path) for rule in (*OPENING, entry_of_softmax, open_logsumexp)):
            return True
    return False


def written_out(question: D, setting: Setting) -> Node:
    """What `write_out` makes of the expression that is differentiated."""
    scratch = Indexed(setting, question)
    write_out(scratch)
    return scratch.now.of if isinstance(scratch.now, D) else scratch.now


def shared_parts(node: Node, by: Node, own: Node, setting: Setting) -> list[Node]:
    """Denominators and arguments of logarithms that depend on the variable and are the same for every entry."""
    found: list[Node] = []
    for part in walk(node):
        match part:
            case Div(right=right):
                below = right.left if isinstance(right, Pow) else right
            case Call("log", (arg,)):
                below = arg
            case _:
                continue
        if setting.depends(below, by) and own not in free_indices(below) and not isinstance(below, At | Num):
            found.append(below)
    return found


def read_at(node: Node, variable: Sym) -> set[Node]:
    """The free indices at which entries of the variable stand."""
    free = free_indices(node)
    return {
        part.at[0]
        for part in walk(node)
        if isinstance(part, At) and part.arg == variable and part.at[0] in free and len(part.at) == 1
    }


def _called(value: Node, setting: Setting) -> Sym | None:
    """The name that the problem has for the value."""
    for name, given in setting.define.items():
        likely = given.shape == value.shape and name not in setting.introduced and type(given) is type(value)
        if likely and alike(open_all(given, setting), open_all(value, setting)):
            return Sym(name, given.shape)
    return None


def alike(left: Node, right: Node) -> bool:
    """Whether two sums are the same but for the letters of their indices."""
    return type(left) is type(right) and Normalizer().same(left, right)


def _candidates(node: Node, setting: Setting) -> list[Node]:
    """Entries that may be named quotients: a softmax that stands in the expression, the expression itself, what it is
    made of."""
    return [*_softmaxes(node, setting), node, *_parts(node, setting)]


def _parts(node: Node, setting: Setting) -> list[Node]:
    """The entries of defined names that the node is made of, those first that stand nearest to it."""
    found = [(part, value[0]) for part in walk(node) if (value := value_at(part, setting)) is not None]
    return [each for part, value in found for each in (part, *_parts(_opened_entry(value, setting), setting))]


def _softmaxes(node: Node, setting: Setting) -> list[Node]:
    found: list[Node] = []
    for part in walk(node):
        member = family(part, setting, ("softmax", "log_softmax"))
        if member is not None:
            function, where, _ = member
            rows = function.args[0].shape[0]  # type: ignore[misc]
            index = where[1] if function.axis == 1 or (function.axis is None and rows == ONE) else where[0]
            found.append(probability(part, function, where, index, setting))
        elif (value := value_at(part, setting)) is not None:
            found += _softmaxes(_opened_entry(value[0], setting), setting)
    return found


def _opened_entry(node: Node, setting: Setting) -> Node:
    scratch = Indexed(setting, node)
    scratch.exhaust(OPENING)
    return scratch.now


# --- differentiating ------------------------------------------------------------------------------------------------


def differentiate(argument: Argument, known: Known) -> None:
    """Every derivative worked out in one line: the case at hand is small."""
    argument.apply(quotient_rule)
    for _ in range(400):
        found = next(
            (
                (path, part)
                for path, part in places(argument.now)
                if isinstance(part, D) and not any(isinstance(inner, D) for inner in walk(part.of))
            ),
            None,
        )
        if found is None:
            break
        path, part = found
        put = known(part)
        if put is not None:
            argument.put(put[0], put[1], path, put[2])
        elif not any(argument.apply(rule, path) for rule in ORDER):
            raise CannotDerive(refusal(part))
    argument.exhaust((*COLLAPSE, *CANCEL, *CLEAN))


def _opening(steps: Sequence[Step]) -> Reason:
    """That a logarithm was taken apart, else the definition that was put in."""
    apart = next((step.reason for step in steps if step.reason.rule == log_of_quotient.name), None)
    return apart or next((step.reason for step in steps if step.reason.rule == "definition"), telling(steps))


def _one_term(steps: Sequence[Step]) -> Reason:
    """That one term of the sum is left, where a delta said so."""
    return next((step.reason for step in steps if step.reason.rule == collapse_delta.name), telling(steps))


def _first_rule(steps: Sequence[Step]) -> Reason:
    """The quotient rule where it was used, else what is worth telling."""
    return next((step.reason for step in steps if step.reason.rule == quotient_rule.name), telling(steps))
