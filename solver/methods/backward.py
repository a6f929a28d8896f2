"""The chain rule through named intermediates, entry by entry: `∂E/∂w = Σ_l ∂E/∂z_l ∂z_l/∂w`, from the loss back."""

from __future__ import annotations

from dataclasses import dataclass, field

from solver.expr.derivation import Chain, Fact, Reason
from solver.expr.nodes import At, Big, Call, D, Node, Sym, add, free_indices, mul, substitute, symbols, walk
from solver.expr.shapes import is_single, is_vector
from solver.methods.argument import Argument, refuse_kinks
from solver.methods.deltas import named_after
from solver.methods.entrywise import settle, work_out
from solver.methods.indexing import Frame, Indexed, matches, put_in, recognised, sums_as_entries
from solver.methods.splitting import split_cases
from solver.methods.task import Task
from solver.rules.algebra import TIDY
from solver.rules.entries import SHALLOW, entry_by_entry, entrywise, pick, place
from solver.rules.indexed import value_at
from solver.rules.setting import Setting, base

LONG = 12
"""A gradient by a name with more parts than this gets a name of its own, `=: δ_i`, for the chains that use it."""


def _root(of: Node) -> str:
    """The name of which the expression is the value, or an entry; nothing for any other expression."""
    return base(of).name if isinstance(of, Sym) or (isinstance(of, At) and isinstance(of.arg, Sym)) else ""


def _names(setting: Setting, of: Node, variable: Sym) -> list[str]:
    """The defined names that the expression rests on and that rest on the variable, each after those that use it."""
    found: list[str] = []

    def visit(node: Node) -> None:
        for name in sorted(symbols(node)):
            if name in found or name == variable.name or variable.name not in setting.rests_on(name):
                continue
            visit(setting.define[name])
            found.append(name)

    visit(of)
    return found[::-1]


@dataclass
class Result:
    """`∂E/∂u_ij` for the indices of `frame`."""

    frame: Frame
    value: Node
    facts: tuple[Fact, ...]


@dataclass
class Backward:
    """One walk back from a scalar `of` to `variable`. `whole` says that the answer will be a matrix, not an entry.

    `naming` says that long gradients on the way may be given names; they are in `deltas`, as matrices.
    """

    task: Task
    of: Node
    variable: Sym
    whole: bool = False
    naming: bool = False
    deltas: dict[Sym, Node] = field(default_factory=dict)
    chains: list[Chain] = field(default_factory=list)
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def setting(self) -> Setting:
        return self.task.setting

    # --- what is known ----------------------------------------------------------------------------------------------

    def known(self, node: D) -> tuple[Node, Reason, tuple[Fact, ...]] | None:
        """The derivative, where a chain before or an earlier part has shown it."""
        if node.of == self.of and not node.by.shape:
            name = base(node.by).name
            if name in self.results:
                result = self.results[name]
                values = matches(result.frame.entry(base(node.by)), node.by)
                if values is not None:
                    return (
                        put_in(result.value, values, self.setting),
                        Reason("established", (("g", node),)),
                        result.facts,
                    )
        return self._from_parts(node)

    def _from_parts(self, node: D) -> tuple[Node, Reason, tuple[Fact, ...]] | None:
        """What an earlier part says of the derivative itself, or the entry of a whole gradient that has a name."""
        found = [
            (value, Reason(f"part ({equation.part})", (("g", node),)), equation.facts)
            for read in (_instance, _entry)
            for equation in self.task.earlier
            if (value := read(equation.question, equation.result, node, self.setting)) is not None
            and not any(isinstance(part, D) for part in walk(value))
        ]
        return min(found, key=lambda each: not (isinstance(each[0], At) and isinstance(each[0].arg, Sym)), default=None)

    def _shown_before(self, name: Sym) -> bool:
        frame = Frame.of(name.shape, self.setting, self.of)
        return self._from_parts(D(self.of, frame.entry(name))) is not None

    # --- the walk ---------------------------------------------------------------------------------------------------

    def run(self, by: Node) -> Indexed:
        """The chain for `∂of/∂by`, those before it in `chains`."""
        users = self._users(self.variable)
        if self.known(D(self.of, by)) is None:
            for user in users:
                self._need(user)
        return self._chain(by, users)

    def _need(self, name: str) -> None:
        if name in self.results or name == _root(self.of):
            return
        symbol = Sym(name, self.setting.define[name].shape)
        if self._shown_before(symbol):
            self._recall(symbol)
            return
        users = self._users(symbol)
        for user in users:
            refuse_kinks(
                self._value() if user in ("", _root(self.of)) else self.setting.define[user], symbol, self.setting
            )
            self._need(user)
        frame = Frame.of(symbol.shape, self.setting, self.of)
        argument = self._chain(frame.entry(symbol), users)
        if self.whole and frame.indices:
            sums_as_entries(argument, frame)
        called = self._called(symbol, frame, argument.now)
        chain = argument.chain(name=called)
        facts = tuple(dict.fromkeys(fact for step in chain.steps for fact in step.facts))
        self.results[name] = Result(frame, called or chain.result, facts)
        self.chains.append(chain)

    def _recall(self, symbol: Sym) -> None:
        """A long gradient that an earlier part has shown, put in as a whole and named here."""
        shown = next((e for e in self.task.earlier if e.question == D(self.of, symbol)), None)
        frame = Frame.of(symbol.shape, self.setting, self.of)
        if shown is None or shown.result.shape != symbol.shape or any(isinstance(p, D) for p in walk(shown.result)):
            return
        argument = Indexed(self.setting, D(self.of, frame.entry(symbol)))
        entry = frame.entry(shown.result)
        argument.put(entry, Reason(f"part ({shown.part})", (("g", shown.question),)), (), shown.facts)
        called = self._called(symbol, frame, entry)
        if called is not None:
            self.results[symbol.name] = Result(frame, called, shown.facts)
            self.chains.append(argument.chain(name=called))

    def _called(self, symbol: Sym, frame: Frame, result: Node) -> Node | None:
        """The entry of the name that a long gradient by `symbol` is given, where it can be opened as a matrix again."""
        if not (self.naming and self.whole and frame.indices) or sum(1 for _ in walk(result)) <= LONG:
            return None
        if free_indices(result) - set(frame.indices):
            # it is another matrix for every entry of what is differentiated
            return None
        matrix = recognised(result, frame, self.setting)
        if matrix is None:
            return None
        delta = named_after(symbol, self.setting, self.deltas)
        self.deltas[delta] = matrix
        return frame.entry(delta)

    def _users(self, variable: Sym) -> list[str]:
        """The names whose definitions the variable stands in, `""` for an expression without a name."""
        names = list(_names(self.setting, self.of, variable))
        seen = [name for name in names if not self._seen_through(name, names)]
        users = [name for name in seen if self._stands_in(variable, self.setting.define[name], names)]
        if not _root(self.of) and self._stands_in(variable, self.of, names):
            users.append("")
        return users

    def _stands_in(self, variable: Sym, value: Node, names: list[str]) -> bool:
        """Whether the variable stands in the value, or in a name in it that is seen through."""
        return variable.name in symbols(value) or any(
            self._seen_through(name, names) and self._stands_in(variable, self.setting.define[name], names)
            for name in symbols(value)
            if name in names
        )

    def _seen_through(self, name: str, names: list[str]) -> bool:
        """A name that needs no chain of its own: a number used once, a softmax that stands under logarithms only."""
        value = self.setting.define[name]
        if name == _root(self.of):
            return False
        users = [self._value(), *(self.setting.define[o] for o in names if o not in (name, _root(self.of)))]
        if is_single(value.shape):
            return sum(part == Sym(name, value.shape) for user in users for part in walk(user)) == 1
        if not (isinstance(value, Call) and value.name == "softmax") or self._part_about(name):
            return False
        return all(_under_log(user, name) for user in users)

    def _part_about(self, name: str) -> bool:
        """Whether an earlier part has worked out a derivative of the name."""
        return any(
            isinstance(equation.question, D) and any(
                isinstance(part, Sym) and part.name == name for part in walk(equation.question.of)
            ) and isinstance(equation.question.of, At | Sym)
            for equation in self.task.earlier
        )  # fmt: skip

    # --- one chain --------------------------------------------------------------------------------------------------

    def _chain(self, by: Node, users: list[str]) -> Indexed:
        argument = Indexed(self.setting, D(self.of, by))
        direct = not users or users in ([""], [_root(self.of)])
        if not direct and self.known(D(self.of, by)) is None:
            self._through(argument, by, users)
        work_out(argument, self.known)
        settle(argument)
        split_cases(argument)
        return argument

    def _through(self, argument: Indexed, by: Node, users: list[str]) -> None:
        """`Σ_u Σ_ij ∂E/∂u_ij ∂u_ij/∂v`: the chain rule through every name that the variable stands in."""
        terms: list[Node] = []
        facts: list[Fact] = []
        letters: list[Node] = [by]
        for user in users:
            if user in ("", _root(self.of)):
                terms.append(self._partial(self._value(), by, facts))
                continue
            value = self.setting.define[user]
            symbol = Sym(user, value.shape)
            where = place(by) if isinstance(by, At) else None
            direct = isinstance(by, At) and by.arg == base(by)
            if where is not None and direct and acts_entrywise(value, base(by), self.setting):
                entry = pick(symbol, *where)
                terms.append(mul(D(self.of, entry), self._local(user, entry, by, users, facts)))
                continue
            frame = Frame.of(value.shape, self.setting, self.of, *letters, letters="kl")
            letters += frame.indices
            entry = frame.entry(symbol)
            term: Node = mul(D(self.of, entry), self._local(user, entry, by, users, facts))
            for index in reversed(frame.indices):
                term = Big("sum", term, index)
            terms.append(term)
        names = [Sym(u, self.setting.define[u].shape) for u in users if u not in ("", _root(self.of))]
        captures = (("v", by), *((f"u{n}" if n else "u", name) for n, name in enumerate(names)))

        def build() -> None:
            argument.put(add(*terms), Reason("chain rule through names", captures), (), dict.fromkeys(facts))
            argument.exhaust(TIDY)

        argument.line(build)

    def _value(self) -> Node:
        """What the root stands for."""
        found = value_at(self.of, self.setting)
        return self.of if found is None else found[0]

    def _local(self, user: str, entry: Node, by: Node, users: list[str], facts: list[Fact]) -> Node:
        """`∂u/∂v` with the other names held fixed: written as it stands where that is the whole derivative."""
        rests = self.setting.rests_on(user)
        others = [other for other in users if other not in (user, "", _root(self.of))]
        if not any(other in rests for other in others):
            return D(entry, by)
        where = place(entry) if isinstance(entry, At) else None
        value = self.setting.define[user]
        opened = value if where is None else pick(value, *where)
        # `1 − tanh²(…)` is said through the name again: `1 − h_k²`
        inside = Argument(self.setting, opened)
        inside.apply(entry_by_entry)
        return substitute(self._partial(opened, by, facts), {opened: entry, inside.now: entry})

    def _partial(self, value: Node, by: Node, facts: list[Fact]) -> Node:
        """The derivative of a definition in which every other name is held fixed; `facts` gathers what it uses."""
        names = _names(self.setting, self.of, base(by))
        open_names = {name: self.setting.define[name] for name in names if self._seen_through(name, names)}
        fixed = Setting(self.setting.symbols, open_names, self.setting.layout, self.setting.given)
        scratch = Indexed(fixed, D(value, by))
        work_out(scratch)
        settle(scratch)
        facts.extend(fact for step in scratch.steps for fact in step.facts)
        return scratch.now


def acts_entrywise(value: Node, variable: Sym, setting: Setting) -> bool:
    """Whether each entry of the value depends on the variable's entry at the same place only."""
    if value == variable:
        return True
    if not setting.depends(value, variable):
        return True
    if isinstance(value, Sym) or not entrywise(value):
        return False
    return value.shape == variable.shape and all(acts_entrywise(child, variable, setting) for child in value.children)


def _under_log(node: Node, name: str) -> bool:
    """Whether the name stands in the node only as `log(name)` or `log(name[i])`."""
    match node:
        case Call("log", (Sym(found) | At(arg=Sym(found)),)) if found == name:
            return True
        case Sym(found):
            return found != name
    return all(_under_log(child, name) for child in node.children)


def _instance(question: Node, result: Node, node: D, setting: Setting) -> Node | None:
    """What `question = result` says of `node`, when that is the question at other indices."""
    values = matches(question, node)
    return None if values is None else _shallow(put_in(result, values, setting), setting)


def _entry(question: Node, result: Node, node: D, setting: Setting) -> Node | None:
    """The entry of a whole gradient or Jacobian that `node` is."""
    match question, node:
        case D(of, Sym() as whole), D(inner, At(arg=variable) as by) if whole == variable:
            there = place(by)
            if there is not None and inner == of and is_single(of.shape):
                return _shallow(pick(result, *there), setting)
            vectors = is_vector(of.shape) and is_vector(whole.shape)
            if there is not None and vectors and isinstance(inner, At) and inner.arg == of:
                here = place(inner)
                return None if here is None else _shallow(pick(result, _along(of, here), _along(whole, there)), setting)
    return None


def _along(vector: Node, where: tuple[Node, Node]) -> Node:
    return where[1] if vector.shape and vector.shape[0].number == 1 else where[0]


def _shallow(entry: Node, setting: Setting) -> Node:
    """The entry of a result, opened as far as no sum is needed."""
    scratch = Indexed(setting, entry)
    scratch.exhaust(SHALLOW)
    return scratch.now
