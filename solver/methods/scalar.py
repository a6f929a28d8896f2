"""The route `scalar`: textbook differentiation by one scalar variable."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Derivation, Reason, Step
from solver.expr.nodes import Add, At, Big, Call, D, Div, Mul, Neg, Node, Path, Sym, places, places_of, walk
from solver.methods.argument import Argument, CannotDerive
from solver.methods.ending import finish, tidy
from solver.methods.entrywise import settle
from solver.methods.reaching import to_known_quotients
from solver.methods.task import Route, Task
from solver.rules.algebra import TIDY, collect_powers, order_factors, power_of_power
from solver.rules.calculus import EASY, RULES, known_derivative, sum_rule
from solver.rules.cancelling import piece_and_indicator
from solver.rules.fractions import cancel, number_into_fraction
from solver.rules.gradients import cancel_in_product, fraction_in_product, like_terms
from solver.rules.names import open_all, open_function
from solver.rules.setting import Setting, base
from solver.spec import problem as spec

MAX_LINES = 60


def plan(task: Task) -> Derivation:
    """Open what is asked about, differentiate a level a line, and bring the result to its form."""
    question = task.question()
    argument = Argument(task.setting, question)
    about = _about(question)
    open_definitions(argument)
    while (path := _innermost(argument.now)) is not None:
        differentiate(argument, path)
    if Big in argument.now.kinds:
        settle(argument)
    answer = task.answer
    if answer is None and about is not None:
        # a question about a function of the table itself: its derivative in its own terms
        rewrite = known_derivative(question, task.setting)
        answer = _tidied(rewrite.after, task.setting) if rewrite is not None else None
    if answer is None and about is not None:
        to_known_quotients(argument, (about,))
    finish(argument, answer)
    chain = argument.chain()
    return Derivation(question, chain.result, "scalar", (chain,), variables=(_variable(question),))


def _tidied(node: Node, setting: Setting) -> Node:
    argument = Argument(setting, node)
    argument.exhaust(TIDY)
    return argument.now


def _variable(question: Node) -> Node:
    while isinstance(question, D):
        variable, question = question.by, question.of
    return variable


def _about(question: Node) -> Call | None:
    """The function of the table that the question is about: `σ(x)` in `∂σ(x)/∂x`."""
    match question:
        case D(Call(args=(arg, *_)) as function, by) if arg == by:
            return function
    return None


def open_definitions(argument: Argument) -> None:
    """Names that depend on the variable are opened; so is the function that the question itself is about."""

    def build() -> None:
        for _ in range(200):
            for path, part in places(argument.now):
                if isinstance(part, Sym) and part.name in argument.setting.define and _inside(argument, path, part):
                    value = argument.setting.define[part.name]
                    argument.put(value, Reason("definition", (("name", part),)), path)
                    break
            else:
                return

    argument.line(build)
    match argument.now:
        case D(Call(args=(arg, *_)) as function, by) if arg == by and function.function.definition:
            argument.apply(open_function, (0,))


def _inside(argument: Argument, path: Path, part: Node) -> bool:
    """Whether the place is inside what is differentiated, by a variable that the name rests on."""
    node = argument.now
    for number in path:
        if isinstance(node, D) and number == 0 and argument.setting.depends(part, node.by):
            return part != base(node.by)
        node = node.children[number]
    return False


def _innermost(node: Node) -> Path | None:
    """The place of a derivative that holds no other."""
    found = [path for path, _ in places_of(node, D)]
    return found[-1] if found else None


def differentiate(argument: Argument, path: Path = ()) -> None:
    """The derivative at `path`, worked out: a line for each level of rules, what is easy done on sight."""
    for _ in range(MAX_LINES):
        if not _within(argument, path):
            return
        before = argument.now
        argument.line(lambda: _level(argument, path), _telling)
        if argument.now == before:
            stuck = next(part for part in walk(argument.now) if isinstance(part, D))
            raise CannotDerive(_refusal(stuck, argument.setting))
    raise CannotDerive("the derivative did not come to an end within a page")


def _within(argument: Argument, path: Path) -> list[Path]:
    """The places of the derivatives at or inside a place."""
    return [p for p, _ in places_of(argument.now, D) if p[: len(path)] == path]


def _refusal(stuck: D, setting: Setting) -> str:
    from solver.expr.write import write

    return f"the scalar rules cannot differentiate `{write(stuck.of)}`"


def _level(argument: Argument, within: Path) -> None:
    """One line: what is easy, then one visible rule on each derivative that is left, then tidying."""
    argument.exhaust(EASY, within)
    visible = False
    for path in sorted(_within(argument, within), key=len, reverse=True):
        visible = any(argument.apply(rule, path) for rule in RULES) or visible
    if visible:
        _on_sight(argument, within)
    tidy_products(argument)


def _telling(steps: Sequence[Step]) -> Reason:
    """The reason that a line is given: its visible rule, else the functions whose derivative it used."""
    by_name = {step.reason.rule: step.reason for step in steps}
    for rule in RULES:
        if rule.name in by_name:
            return by_name[rule.name]
    known = {step.reason.captures for step in steps if step.reason.rule == known_derivative.name}
    if len(known) > 1:
        return Reason("derivatives of the functions")
    return by_name.get(known_derivative.name) or by_name.get(sum_rule.name) or steps[0].reason


def _on_sight(argument: Argument, within: Path) -> None:
    """Inner derivatives of what is affine in the variable need no line of their own."""
    for _ in range(100):
        for path, part in places_of(argument.now, D):
            if _affine(part.of, part.by, argument.setting) and argument.apply_first(EASY, path):
                break
        else:
            return


def _affine(node: Node, by: Node, setting: Setting) -> bool:
    if node == by or not setting.depends(node, by):
        return True
    match node:
        case Add(args):
            return all(_affine(arg, by, setting) for arg in args)
        case Neg(arg):
            return _affine(arg, by, setting)
        case Mul(args):
            moving = [arg for arg in args if setting.depends(arg, by)]
            return len(moving) == 1 and _affine(moving[0], by, setting)
        case Div(left, right):
            return not setting.depends(right, by) and _affine(left, by, setting)
    return False


def tidy_products(argument: Argument) -> None:
    """Tidying, with equal factors collected and fractions cancelled once no derivative is left."""
    if D in argument.now.kinds:
        tidy(argument)
    else:
        argument.exhaust((*TIDY, *CLEAN))


CLEAN = (
    power_of_power, piece_and_indicator, collect_powers, cancel_in_product, fraction_in_product, cancel,
    number_into_fraction, like_terms, order_factors,
)  # fmt: skip
"""Products and quotients put in order: powers first, then what cancels, then like terms, then the order of factors."""


def fits(task: Task) -> bool:
    """A derivative by a scalar of something without sums over entries."""
    match task.ask:
        case spec.Derivative(of, wrt, _) | spec.Gradient(of, wrt):
            moving = [part for part in walk(open_all(of, task.setting)) if task.setting.depends(part, wrt)]
            sums = isinstance(wrt, At) and any(isinstance(part, Big) for part in moving)
            return not wrt.shape and not sums and not any(part.shape for part in moving)
    return False


ROUTE = Route(
    "scalar", plan, (spec.Derivative, spec.Gradient), "textbook differentiation: product, quotient and chain rule", fits
)
