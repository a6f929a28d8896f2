"""The route `chain`: backpropagation through the names of the definitions, from the loss back to the variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from solver.expr.derivation import Chain, Definition, Derivation, Reason, Step
from solver.expr.nodes import (
    ONE_NODE,
    Add,
    Apply,
    At,
    Call,
    D,
    MatMul,
    Node,
    Path,
    Sym,
    add,
    at,
    places,
    substitute,
    symbols,
    walk,
)
from solver.expr.shapes import is_single, rows
from solver.expr.sizes import ONE
from solver.methods.argument import Argument, CannotDerive, refuse_kinks, refuse_singular
from solver.methods.ending import LAST, finish
from solver.methods.matrix import form
from solver.methods.naming import definitions_of, fold
from solver.methods.reading import ENTRIES, counted_once, facts_of, parts_of, rested_on
from solver.methods.task import Established, Route, Task
from solver.rules.algebra import TIDY
from solver.rules.cancelling import CANCELLING
from solver.rules.gradients import SIMPLER
from solver.rules.names import open_all
from solver.rules.parts import Parts, order
from solver.rules.pullback import NoPullback, pull_to
from solver.rules.setting import Setting, base
from solver.rules.shorter import SHORTER, known_total
from solver.spec import problem as spec

SHORT = (*TIDY, *SIMPLER, known_total, *CANCELLING, *SHORTER)
"""What makes the result of a line shorter."""

SHOWN = 12
"""A definition with more parts than this is not written out in the reason of a line."""

LONG = 14
"""A gradient with more parts than this gets a name when later lines use it."""


def plan(task: Task) -> Derivation:
    """Name the parts, then one chain for each name between the loss and the variable, each using the ones before."""
    return backpropagation(task, {})


def backpropagation(task: Task, known: Mapping[Node, Sym]) -> Derivation:
    """The derivation of a gradient, in which values that have a name in `known` keep it."""
    match task.ask:
        case spec.Gradient(of, wrt) | spec.Derivative(of, wrt, 1):
            pass
        case spec.Derivative():
            raise CannotDerive("`chain` differentiates once")
        case _:
            raise CannotDerive("`chain` works out gradients of a scalar")
    if not is_single(of.shape):
        raise CannotDerive("`chain` walks back from a scalar loss, and this is no scalar")
    if isinstance(task.ask, spec.Gradient) and task.ask.structured:
        free = Backward(replace(task, part=replace(task.part, answer=None)), of, base(wrt), wrt, known).run()
        once = counted_once(task, of, wrt, [b for b in free.blocks if isinstance(b, Chain)], "chain")
        return replace(once, definitions=free.definitions, restated=free.restated)
    return Backward(task, of, base(wrt), wrt, known).run()


@dataclass
class Backward:
    """One walk back: the parts, and what is established so far."""

    task: Task
    of: Node
    variable: Sym
    wrt: Node
    letters: Mapping[Node, Sym] = field(default_factory=dict)
    """Values that keep the name which an argument before this one gave them."""
    known: dict[Node, Node] = field(default_factory=dict)
    """Established gradients: `D(J, u)` to the name or expression that later lines put in."""
    chains: list[Chain] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    users: set[Node] = field(default_factory=set)
    """The names whose definition a line has been taken through."""
    named: dict[Node, Node] = field(default_factory=dict)
    """Results that were given a name (`=: δ`), with what they stand for."""

    def run(self) -> Derivation:
        """The derivation of D(of, wrt)."""
        question = D(self.of, self.wrt)
        setting = self.task.setting
        if not setting.depends(self.of, self.wrt):
            return self._constant(question, setting)
        parts = Parts(setting, self.variable, known=self.letters)
        loss = self._loss(parts)
        values = parts.values
        named = dict(parts.introduced)
        self.definitions = [Definition(name, value) for name, value in named.items() if name != loss]
        if not isinstance(self.of, Sym):
            self.definitions.append(Definition(loss, values[loss.name]))
        restated: tuple[Definition, ...] = tuple(
            Definition(Sym(name, values[name].shape), values[name]) for name in parts.changed
        )
        self.setting = setting.defining({**_passed_by(setting.define, values, named), **values})
        names = order(loss.name, values)
        targets = [Sym(n, values[n].shape) for n in names if n != loss.name]
        for variable in (*targets, self.variable):
            self._gradient(loss, variable, values, last=variable == self.variable)
        self._close(question, loss)
        self.chains = rested_on(self.chains)
        chain = self.chains[-1]
        # earlier parts may have said what a new name was for
        restated = tuple(d for d in restated if d.name in self.users)
        used = {part for each in self.chains for part in parts_of(each)}
        used |= {part for d in restated for part in walk(d.value)}
        # each rests on those before it
        for d in reversed(self.definitions):
            if d.name == loss or d.name in used:
                used |= set(walk(d.value))
        self.definitions = [d for d in self.definitions if d.name == loss or d.name in used]
        return Derivation(
            question, chain.result, "chain", tuple(self.chains), tuple(self.definitions), restated, (self.variable,)
        )

    def _constant(self, question: Node, setting: Setting) -> Derivation:
        argument = Argument(setting, question)
        argument.exhaust(SIMPLER)
        chain = argument.chain()
        return Derivation(question, chain.result, "chain", (chain,), variables=(self.variable,))

    def _loss(self, parts: Parts) -> Sym:
        """The loss as a name: its own, or one given to it here."""
        if isinstance(self.of, Sym):
            parts.visit(self.of.name)
            return self.of
        name = next(n for n in ("J", "L", "E", *(f"J{k}" for k in range(1, 999))) if n not in parts.setting.names)
        parts.taken.add(name)
        parts.values[name] = parts.split(self.of, root=True)
        return Sym(name, self.of.shape)

    def _gradient(self, loss: Sym, variable: Sym, values: dict[str, Node], last: bool) -> None:
        argument = Argument(self.setting, D(loss, variable))
        earlier = self._earlier(loss, variable)
        if earlier is not None:
            argument.put(earlier.result, Reason(f"part ({earlier.part})"), facts=earlier.facts)
        else:
            self._local(argument, loss, variable, values)
            self._substitute(argument)
            self._simplify(argument, self._names(variable == self.wrt))
        result = argument.now
        name = None
        if not last and sum(1 for _ in walk(result)) > LONG:
            name = Sym(self._delta(variable), result.shape)
            self.named[name] = result
        self.known[D(loss, variable)] = name or result
        self.chains.append(argument.chain(name=name))

    def _earlier(self, loss: Sym, variable: Sym) -> Established | None:
        return next((e for e in self.task.earlier if e.question == D(loss, variable)), None)

    def _delta(self, variable: Sym) -> str:
        used = set(self.setting.symbols) | set(self.setting.define)
        candidate = f"delta_{variable.name}"
        return candidate if candidate not in used else f"{candidate}_grad"

    def _local(self, argument: Argument, loss: Sym, variable: Sym, values: dict[str, Node]) -> None:
        """`∂J/∂v = Σ_u` what each user `u` of `v` passes back."""
        terms: list[Node] = []
        users: list[tuple[Sym, Path]] = []
        for name in order(loss.name, values):
            user = Sym(name, values[name].shape)
            gradient: Node = ONE_NODE if user == loss else D(loss, user)
            if variable != self.variable and variable.name in symbols(values[name]):
                refuse_kinks(values[name], variable, self.setting)
            if variable.name in symbols(values[name]):
                refuse_singular(values[name], self.setting.letting(variable))
            for path, part in places(values[name]):
                if part == variable:
                    try:
                        terms.append(pull_to(values[name], gradient, path, self.setting))
                    except NoPullback as refusal:
                        raise CannotDerive(str(refusal)) from None
                    users.append((user, path))
        self.users.update(user for user, _ in users)
        total = add(*terms)
        argument.line(lambda: self._first(argument, total, _reason(users, values, variable, self.setting)))

    def _first(self, argument: Argument, total: Node, reason: Reason) -> None:
        argument.put(total, reason)
        argument.exhaust((*TIDY, *(rule for rule in SIMPLER if rule.routine)))

    def _substitute(self, argument: Argument) -> None:
        put: dict[Node, None] = {}

        def build() -> None:
            for _ in range(500):
                for path, part in places(argument.now):
                    if isinstance(part, D) and part in self.known:
                        argument.put(self.known[part], Reason("established", (("g", part),)), path)
                        put[part] = None
                        break
                else:
                    break
            argument.exhaust((*TIDY, *(rule for rule in SIMPLER if rule.routine)))

        def reason(steps: Sequence[Step]) -> Reason:
            match list(put):
                case [one]:
                    return Reason("established", (("g", one),))
                case [one, other]:
                    return Reason("two established", (("g", one), ("h", other)))
            return Reason("all established")

        argument.line(build, reason)

    def _names(self, asked: bool) -> frozenset[str]:
        """The names that a line is written in: all of the problem's; of the answer those that it is made of."""
        define = self.task.problem.define
        if not asked or self.task.answer is None:
            return frozenset(define)
        wanted = symbols(self.task.answer) & define.keys()
        return wanted.union(*(self.task.setting.rests_on(name) for name in wanted)) & define.keys()

    def _simplify(self, argument: Argument, names: frozenset[str]) -> None:
        argument.line(lambda: argument.exhaust(SHORT))
        fold(argument, names)
        argument.line(lambda: argument.exhaust(SHORT))

    def _close(self, question: Node, loss: Sym) -> None:
        """The last chain: the question itself, introduced names opened again, the answer's form reached."""
        last = self.chains.pop()
        argument = Argument(self.setting, question)
        if question != last.start:
            if self.of != loss:
                argument.put(substitute(question, {self.of: loss}), Reason("definition", (("name", loss),)))
            if self.wrt != self.variable:
                entry = self.wrt
                assert isinstance(entry, At)
                self.chains.append(last)
                argument.put(At(D(loss, self.variable), entry.at), Reason("entry of the gradient"))
                # a number is its own entry
                found = At(last.result, entry.at) if last.result.shape else last.result
                argument.put(found, Reason("established", (("g", last.start),)), facts=facts_of(*self.chains))
                argument.line(lambda: argument.exhaust(ENTRIES), Reason("entries"))
                argument.line(lambda: argument.exhaust(SHORT))
            else:
                argument.steps.extend(last.steps)
        else:
            argument.steps.extend(last.steps)
        self._open_introduced(argument)
        finish(argument, self.task.answer)
        self.chains.append(argument.chain())

    def _open_introduced(self, argument: Argument) -> None:
        values = {d.name: d.value for d in self.definitions} | self.named

        def build() -> None:
            for _ in range(2000):
                for part in walk(argument.now):
                    if part in values:
                        # everywhere at once and in its short form: `u = max u` stays a line about one value
                        value = Argument(argument.setting, values[part])
                        value.exhaust(SHORT)
                        opened = substitute(argument.now, {part: value.now})
                        argument.put(opened, Reason("definition", (("name", part),)), facts=facts_of(value.chain()))
                        break
                else:
                    break
            argument.exhaust(SHORT)
            if self.task.answer is None:
                argument.exhaust(LAST)

        if any(part in values for part in walk(argument.now)):
            argument.line(build, lambda steps: definitions_of(steps, self.setting))


def _passed_by(
    define: Mapping[str, Node], values: Mapping[str, Node], introduced: Mapping[Sym, Node]
) -> dict[str, Node]:
    """The definitions that the walk goes past (`ŷ`, where the loss is written in the logits), by the new names."""
    back: dict[Node, Node] = {value: name for name, value in introduced.items()}
    opened = {name: substitute(value, back) for name, value in define.items() if name not in values}
    return {name: value for name, value in opened.items() if value != define[name]}


def _reason(users: list[tuple[Sym, Path]], values: dict[str, Node], variable: Sym, setting: Setting) -> Reason:
    """What people say of the step: the kind of map that leads from the variable to its user."""
    names = list(dict.fromkeys(user for user, _ in users))
    if len(names) > 1:
        kind = "two users" if len(names) == 2 else "several users"
        return Reason(kind, (("v", variable), *((f"u{n}", name) for n, name in enumerate(names))))
    user = names[0]
    value = values[user.name]
    kinds = {_kind(value, path, user) for _, path in users}
    kind = kinds.pop() if len(kinds) == 1 else "chain rule for matrices"
    if kind == "chain rule for matrices":
        kind = form(value, variable, setting) or kind
    if kind == "entrywise function" and is_single(user.shape):
        kind = "scalar function" if is_single(variable.shape) else "summed over entries"
    if kind in ("affine map", "entrywise function", "scalar function") and sum(1 for _ in walk(value)) <= SHOWN:
        kind += " shown"
    return Reason(kind, (("u", user), ("v", variable), ("x", variable), ("e", value)))


def _kind(value: Node, path: Path, user: Sym) -> str:
    passed = [at(value, path[:n]) for n in range(len(path))]
    if passed and all(isinstance(p, Add) for p in passed) and not is_single(user.shape):
        kind = _repeated(at(value, path), user)
        if kind is not None:
            return kind
    linear = ("sum", "mean", "tr", "vec", "diag")
    functions = [p for p in passed if (isinstance(p, Call) and p.name not in linear) or isinstance(p, Apply)]
    if any(isinstance(p, Call) and p.name == "log_softmax" for p in functions):
        return "log-sum-exp of the logits"
    if any(isinstance(p, Call) and p.name == "logsumexp" for p in functions):
        return "gradient of log-sum-exp"
    if any(isinstance(p, Call) and p.name == "softmax" for p in functions):
        return "softmax"
    variable = at(value, path)
    products = sum(1 for part in walk(value) if part == variable)
    if not functions and products == 1 and all(type(p).__name__ not in ("Div", "Pow") for p in passed):
        return "affine map"
    if all(not isinstance(p, MatMul) for p in passed) and all(
        not isinstance(p, Call) or p.function.kind == "elementwise" or p.name in ("sum", "mean") for p in passed
    ):
        return "entrywise function"
    return "chain rule for matrices"


def _repeated(bias: Node, user: Sym) -> str | None:
    """What people say of a vector that is added to every row, or to every column, of a matrix."""
    if is_single(bias.shape) or bias.shape == user.shape:
        return None
    return "bias of rows" if rows(bias.shape) == ONE else "bias of columns"


def fits(task: Task) -> bool:
    """A gradient by a vector or matrix, or the slope of a loss with matrices on the way."""
    match task.ask:
        case spec.Derivative(of, wrt, 1) if not isinstance(wrt, At):
            return any(part.shape and task.setting.depends(part, wrt) for part in walk(open_all(of, task.setting)))
    return isinstance(task.ask, spec.Gradient)


ROUTE = Route(
    "chain", plan, (spec.Gradient, spec.Derivative),
    "backpropagation through the names of the definitions, from the loss back", fits, True,
)  # fmt: skip
