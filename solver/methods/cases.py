"""The route `cases`: a derivative on its diagonal and off it, by the quotient rule and the Kronecker delta.

Then one line with both, for a whole Jacobian the matrix and its closed form, and products with a row vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from solver.expr.derivation import Cases, Chain, Derivation, Fact, Reason, Step
from solver.expr.nodes import (
    At,
    Big,
    Call,
    Cmp,
    D,
    Div,
    Idx,
    Node,
    Sym,
    Table,
    call,
    free_indices,
    mul,
    num,
    places,
    substitute,
    walk,
)
from solver.expr.shapes import is_single, is_vector
from solver.expr.write import write
from solver.methods.argument import Argument, CannotDerive
from solver.methods.ending import finish, reach
from solver.methods.indexing import Frame, Indexed, entry_question, matches, put_in
from solver.methods.task import Route, Task
from solver.rules.algebra import TIDY, collect_powers
from solver.rules.calculus import EASY, RULES, quotient_rule
from solver.rules.deltas import collapse_delta, known_case, known_delta, under_condition
from solver.rules.entries import entry, entry_by_entry
from solver.rules.explog import log_of_exp, log_of_product, log_of_quotient, log_of_softmax
from solver.rules.fractions import cancel, factor_out, factors, number_into_fraction, powers, split_fraction
from solver.rules.gradients import fraction_in_product, like_terms, number_first, positive_first
from solver.rules.recognise import matrix_of_entries, sum_as_product
from solver.rules.setting import Setting, base
from solver.rules.sums import complete_sum, factor_out_of_sum, split_at
from solver.rules.terms import distribute, sign_out
from solver.spec import problem as spec

INTRO = "The numerator depends on the variable only where the two indices agree, so we take the two cases apart."
DELTAS = (known_delta, known_case, collapse_delta)


def plan(task: Task) -> Derivation:
    """The two cases side by side, the line with both, the matrix; or a product with a Jacobian, entry by entry."""
    match task.ask:
        case spec.Simplify(expression):
            return _product(task, expression)
    question = task.question()
    if not isinstance(question, D):
        raise CannotDerive("`cases` differentiates once; for second derivatives use `index`")
    frame, asked = entry_question(question, task.setting)
    lemma = Lemma.of(task, _inside(asked, task.setting))
    blocks = lemma.blocks()
    if not frame.indices:
        argument = lemma.both()
        finish(argument, task.answer)
        chain = argument.chain()
        return _derived(task, question, (*blocks, chain))
    both = lemma.both().chain()
    return _derived(task, question, (*blocks, both, _matrix(task, question, frame, both)))


def _inside(asked: Node, setting: Setting) -> Node:
    """`∂(log s)_i` as `∂ log s_i`: the entry taken inside what acts entry by entry."""
    argument = Argument(setting, asked)
    if isinstance(asked, D):
        argument.exhaust((entry_by_entry,), (0,))
    return argument.now


def _derived(task: Task, question: Node, blocks: tuple[Chain | Cases, ...]) -> Derivation:
    last = blocks[-1]
    assert isinstance(last, Chain)
    return Derivation(question, last.result, "cases", blocks, intro=INTRO)


def _matrix(task: Task, question: Node, frame: Frame, both: Chain) -> Chain:
    """The matrix of the entries, and its closed form."""
    argument = Argument(task.setting, question)

    def build() -> None:
        argument.put(frame.table(both.start, task.setting), Reason("entries"))
        argument.put(both.result, Reason("established", (("g", both.start),)), (0,))

    argument.line(build, Reason("entries together"))
    if not (task.answer is not None and isinstance(task.answer, Table)):
        argument.line(lambda: argument.apply(matrix_of_entries))
        argument.line(lambda: argument.exhaust(TIDY))
    finish(argument, task.answer)
    return argument.chain()


# --- the two cases ------------------------------------------------------------------------------------------------


class Lemma:
    """`∂f_i/∂x_j` for j = i and for j ≠ i."""

    def __init__(self, task: Task, asked: D, own: Node, other: Idx) -> None:
        self.task = task
        self.asked = asked
        self.own = own
        self.other = other
        self.diagonal = self._case(substitute(asked, {other: own}), (), "On the diagonal")
        apart = Cmp(own, other, "!=")
        self.beside = self._case(asked, (apart,), "Off the diagonal")

    @staticmethod
    def of(task: Task, asked: Node) -> Lemma:
        """The lemma for the derivative of an entry; CannotDerive where there are no two cases to tell apart."""
        if not isinstance(asked, D) or not isinstance(asked.by, At) or len(asked.by.at) != 1:
            raise CannotDerive(
                "`cases` tells the entries of one vector apart; for anything else use `index` or `chain`"
            )
        if not is_vector(base(asked.by).shape) or not is_single(asked.of.shape):
            raise CannotDerive(
                "`cases` tells the entries of one vector apart; for anything else use `index` or `chain`"
            )
        other = asked.by.at[0]
        own = sorted((i for i in free_indices(asked.of) if i != other), key=lambda i: i.name)
        if not isinstance(other, Idx) or len(own) != 1 or own[0].range != other.range:
            raise CannotDerive(
                f"`{write(asked)}` has no index of its own that may or may not agree with that of the variable; "
                "`index` needs none"
            )
        return Lemma(task, asked, own[0], other)

    def blocks(self) -> tuple[Chain | Cases, ...]:
        return (Cases((self.diagonal, self.beside)),)

    def both(self) -> Argument:
        """The chain with both cases: `∂f_i/∂x_j = { … j = i, … j ≠ i`."""
        argument = Argument(self.task.setting, self.asked)

        def build() -> None:
            split = call("where", Cmp(self.own, self.other, "=="), self.diagonal.start, self.beside.start)
            argument.put(split, Reason("two cases"))
            argument.put(
                self.diagonal.result, Reason("established", (("g", self.diagonal.start),)), (1,), self._facts()
            )
            argument.put(self.beside.result, Reason("established", (("g", self.beside.start),)), (2,), self._facts())

        argument.line(build, Reason("both cases"))
        return argument

    def _facts(self) -> tuple[Fact, ...]:
        chains = (self.diagonal, self.beside)
        return tuple(dict.fromkeys(fact for chain in chains for step in chain.steps for fact in step.facts))

    def _case(self, start: Node, given: tuple[Node, ...], title: str) -> Chain:
        argument = Indexed(self.task.setting.assuming(*given), start)
        argument.line(lambda: _open(argument), _opening)
        argument.line(lambda: _differentiate(argument), _telling)
        if any(isinstance(part, D) for part in walk(argument.now)):
            stuck = next(part for part in walk(argument.now) if isinstance(part, D))
            raise CannotDerive(f"`cases` cannot differentiate `{write(stuck.of)}`; `index` or `kronecker` may")
        _fold(argument)
        argument.line(lambda: argument.exhaust((factor_out, number_first, *TIDY)))
        return argument.chain(given=given, title=title)


def _open(argument: Argument) -> None:
    """What is differentiated, down to quotients and sums of exponentials; logarithms taken apart."""
    for _ in range(60):
        if not _opened_once(argument):
            break
    argument.exhaust((log_of_quotient, log_of_product, log_of_exp, *TIDY), (0,))


def _opened_once(argument: Argument) -> bool:
    question = argument.now
    if not isinstance(question, D):
        return False
    for path, part in places(question.of, (0,)):
        match part:
            case At(arg=Sym(name) as symbol, at=where) if name in argument.setting.define and (
                symbol != base(question.by) and argument.setting.depends(symbol, question.by)
            ):
                value = At(argument.setting.define[name], where)
                return argument.put(value, Reason("definition", (("name", symbol),)), path)
            case Sym(name) if name in argument.setting.define and not part.shape and part != base(question.by):
                return argument.put(argument.setting.define[name], Reason("definition", (("name", part),)), path)
            case Call("log_softmax") | Call("log", (Call("softmax"),)) | Call("log", (At(arg=Call("softmax")),)):
                if argument.apply(log_of_softmax, path):
                    return True
        if isinstance(part, At | Call) and argument.setting.depends(part, question.by) and argument.apply(entry, path):
            return True
    return False


def _opening(steps: Sequence[Step]) -> Reason:
    """A name's definition is the reason where one was opened."""
    for step in steps:
        if step.reason.rule == "definition":
            return step.reason
    return Reason("entries")


def _differentiate(argument: Argument) -> None:
    argument.apply(quotient_rule)
    for _ in range(200):
        if not argument.apply_first((*EASY, *RULES, *DELTAS, *TIDY)):
            break
    argument.exhaust((*DELTAS, cancel, *TIDY))


def _telling(steps: Sequence[Step]) -> Reason:
    order = ("quotient rule", "chain rule", "derivative of a function", "sum rule")
    found = {step.reason.rule: step.reason for step in steps}
    return next((found[name] for name in order if name in found), Reason("chain rule"))


# --- back to the softmax ------------------------------------------------------------------------------------------


def _fold(argument: Argument) -> None:
    """Fractions over a sum of exponentials split, divided through, and read as entries of the softmax."""

    def divide() -> None:
        argument.exhaust((number_into_fraction, fraction_in_product, split_fraction, cancel, *TIDY))

    if any(_over_exponentials(part) for part in walk(argument.now)):
        argument.line(divide)
        argument.line(lambda: _entries(argument), Reason("definition of the softmax"))
        argument.line(lambda: argument.exhaust((collect_powers, *TIDY)))


def _over_exponentials(node: Node) -> bool:
    return isinstance(node, Div) and any(_sum_of_exponentials(b) is not None for b, _ in powers(node.right))


def _sum_of_exponentials(node: Node) -> Node | None:
    """The vector whose exponentials are summed over all their entries; None for anything else."""
    match node:
        case Big("sum", Call("exp", (At(arg=vector, at=(Idx() as index,)),)), same, None) if index == same:
            return vector
    return None


def _entries(argument: Argument) -> None:
    for _ in range(40):
        for path, part in places(argument.now):
            after = _as_entries(part, argument.setting)
            if after is not None:
                argument.put(after, Reason("definition of the softmax"), path)
                break
        else:
            return


def _as_entries(node: Node, setting: Setting) -> Node | None:
    """`a e^{x_i} e^{x_j} / s²` as `a σ_i σ_j`, with as many exponentials above as sums below."""
    if not isinstance(node, Div):
        return None
    below = powers(node.right)
    summed = [(vector, e) for b, e in below if (vector := _sum_of_exponentials(b)) is not None]
    if len(summed) != 1:
        return None
    vector, exponent = summed[0]
    rest_below = [(b, e) for b, e in below if _sum_of_exponentials(b) is None]
    above: list[Node] = []
    left = exponent
    for b, e in powers(node.left):
        match b:
            case Call("exp", (At(arg=inside, at=where),)) if inside == vector and left >= e:
                above += [At(_named(call("softmax", vector), setting), where)] * int(e)
                left -= e
            case _:
                above += [b] * int(e) if e.denominator == 1 and e > 0 else []
    if left != Fraction(0):
        return None
    whole = mul(*above)
    return (
        Div(whole, mul(*(f for f in factors(node.right) if _sum_of_exponentials(f) is None))) if rest_below else whole
    )


def _named(value: Node, setting: Setting) -> Node:
    return next((Sym(name, v.shape) for name, v in setting.define.items() if v == value), value)


# --- a row vector times a Jacobian --------------------------------------------------------------------------------


def _product(task: Task, expression: Node) -> Derivation:
    """`(v J)_i` by the two cases of J: for the first entry, with what cancels shown, then for any."""
    match expression:
        case At(at=(Idx() as index,)):
            pass
        case _:
            raise CannotDerive(
                "`cases` simplifies an entry `(v @ D(f, x))[i]`; `identity` and `index` simplify the rest"
            )
    if not any(isinstance(part, D) for part in walk(expression)):
        raise CannotDerive("there is no derivative whose cases could be told apart; use `identity` or `index`")
    blocks: list[Chain | Cases] = []
    opened = Indexed(task.setting, expression)
    opened.line(lambda: opened.exhaust((entry, *TIDY)), lambda steps: Reason("entries of a product"))
    derivative = next((part for part in walk(opened.now) if isinstance(part, D)), None)
    if derivative is None or not isinstance(opened.now, Big):
        raise CannotDerive("`cases` needs a sum over the entries of one Jacobian here; `index` may do without")
    known = _known(task, derivative)
    if known is None:
        lemma = Lemma.of(task, derivative)
        both = lemma.both().chain()
        blocks += [*lemma.blocks(), both]
        known = both.start, both.result, Reason("established", (("g", both.start),)), ()
    first = substitute(expression, {index: num(1)})
    one = _worked(task, first, known, None)
    general = _worked(task, expression, known, task.answer)
    return Derivation(expression, general.result, "cases", (*blocks, one, general), intro=INTRO if blocks else "")


Known = tuple[Node, Node, Reason, tuple[Fact, ...]]


def _known(task: Task, derivative: D) -> Known | None:
    """The two cases of the derivative, from an earlier part."""
    for equation in task.earlier:
        if matches(equation.question, derivative) is not None and isinstance(equation.result, Call):
            return equation.question, equation.result, Reason(f"part ({equation.part})"), equation.facts
    return None


def _worked(task: Task, expression: Node, known: Known, answer: Node | None) -> Chain:
    argument = Indexed(task.setting, expression)
    argument.line(lambda: argument.exhaust((entry, *TIDY)), lambda steps: Reason("entries of a product"))
    argument.line(lambda: _put_cases(argument, known))
    argument.line(lambda: argument.exhaust((split_at, known_case, under_condition, *TIDY)), _splitting)
    argument.line(lambda: argument.exhaust((sign_out, factor_out_of_sum, *TIDY)), _drawing)
    argument.line(lambda: argument.exhaust((factor_out, *TIDY)))
    argument.line(lambda: _complete(argument), lambda steps: Reason("complete the sum"))
    argument.line(lambda: argument.exhaust((like_terms, positive_first, *TIDY)), lambda steps: Reason("what cancels"))
    if answer is not None and not reach(argument, answer):
        argument.line(lambda: argument.exhaust((sum_as_product, *TIDY)))
        reach(argument, answer)
    return argument.chain(title="" if answer is not None else "The first entry")


def _put_cases(argument: Argument, known: Known) -> None:
    question, result, reason, facts = known
    for path, part in places(argument.now):
        if isinstance(part, D) and (found := matches(question, part)) is not None:
            argument.put(put_in(result, found, argument.setting), reason, path, facts)
            return


def _splitting(steps: Sequence[Step]) -> Reason:
    for step in steps:
        if step.reason.rule == split_at.name:
            return step.reason
    return Reason("one term and the rest")


def _drawing(steps: Sequence[Step]) -> Reason:
    return next((step.reason for step in steps if step.reason.rule == factor_out_of_sum.name), steps[0].reason)


def _complete(argument: Argument) -> None:
    """`v_i (1 − σ_i) − Σ_{k≠i}` as `v_i − v_i σ_i − (Σ_k − v_i σ_i)`, everything in one sum."""
    argument.exhaust((distribute, *TIDY))
    if argument.apply_first((complete_sum,)):
        argument.exhaust((distribute, *TIDY))
    if argument.apply_first((factor_out,)):
        argument.exhaust(TIDY)


ROUTE = Route(
    "cases", plan, (spec.Jacobian, spec.Gradient, spec.Derivative, spec.Simplify),
    "the diagonal and the rest apart, by the quotient rule and the Kronecker delta",
    lambda task: isinstance(task.ask, spec.Jacobian),
)  # fmt: skip
