"""The asks: for each, the keys it has in a file and how they are read.

A new ask is one class here, and its dataclass in `solver.spec.problem`.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeVar

from pydantic import Field

from solver.expr.nodes import Idx, Node, Sym
from solver.expr.read import read_open_equation
from solver.expr.shapes import SCALAR, Shape, derivative, describe, is_single
from solver.spec import problem as spec
from solver.spec.forms import OneOrMany
from solver.spec.leaves import Expression, Flag, Leaf, whole
from solver.spec.lines import Line, read_lines
from solver.spec.models import Model
from solver.spec.reading import Reading
from solver.spec.tables import TableModel
from solver.spec.tree import Scalar


@dataclass(frozen=True)
class Asked:
    """An ask that has been read; `shape` is what an answer must have, None where any will do."""

    ask: spec.Ask
    indices: tuple[Idx, ...] = ()
    shape: Shape | None = None


class AskModel(Model):
    """An ask.

    `answers` says whether its part may have an `answer`; `alone` names the one field whose value stands under the
    ask's key by itself (`simplify: expression`); a `bare` ask may stand there without any.
    """

    answers: ClassVar[bool] = True
    alone: ClassVar[str] = ""
    bare: ClassVar[bool] = False

    @abstractmethod
    def read(self, reading: Reading) -> Asked | None:
        """The ask, or None where a mistake was reported."""


ASKS: dict[str, type[AskModel]] = {}
A = TypeVar("A", bound=type[AskModel])


def ask(key: str) -> Callable[[A], A]:
    """The class reads what stands under `key` in a part."""

    def register(model: A) -> A:
        if key in ASKS:
            raise TypeError(f"the ask {key} is declared twice: {ASKS[key].__name__} and {model.__name__}")
        ASKS[key] = model
        model.where = f"`{key}`"
        return model

    return register


class _OfWrt(AskModel):
    of: Expression = Field(description="What is differentiated.", examples=["CE", "P[k, l]"])


class _ByOne(_OfWrt):
    wrt: Expression = Field(
        description="By what: a symbol, a name of `define` or an entry.", examples=["theta", "X[i, j]"]
    )

    def both(self, reading: Reading) -> tuple[Node, Node, tuple[Idx, ...]] | None:
        """`of` and `wrt`, and the indices that they introduce."""
        found = _opened(reading, self.of, [self.wrt])
        return None if found is None else (found[0], found[1][0], found[2])


def _opened(
    reading: Reading, of: Scalar, wrt: Sequence[Scalar]
) -> tuple[Node, tuple[Node, ...], tuple[Idx, ...]] | None:
    output = reading.opened(of)
    indices = output[1] if output else ()
    variables = []
    for each in wrt:
        variable = reading.within(indices).variable(each)
        if variable is not None:
            variables.append(variable[0])
            indices = (*indices, *(index for index in variable[1] if index not in indices))
    if output is None or len(variables) < len(wrt):
        return None
    return output[0], tuple(variables), indices


def _scalar(reading: Reading, at: Scalar, node: Node, what: str) -> bool:
    """Whether the node has one entry; a mistake where it has more."""
    if is_single(node.shape):
        return True
    reading.report(
        at, f"{what} is of a scalar, and this is {describe(node.shape)}", "`jacobian:` is of vectors and matrices"
    )
    return False


@ask("gradient")
class GradientAsk(_ByOne):
    """The gradient of a scalar, laid out as its variable is."""

    structured: Flag = Field(False, description="Count the entries of a symmetric symbol as one variable each.")

    def read(self, reading: Reading) -> Asked | None:
        found = self.both(reading)
        if found is None or not _scalar(reading, self.of, found[0], "a gradient"):
            return None
        of, wrt, indices = found
        return Asked(spec.Gradient(of, wrt, self.structured), indices, derivative(of.shape, wrt.shape))


@ask("jacobian")
class JacobianAsk(_ByOne):
    """The Jacobian: rows are the outputs, columns the inputs."""

    def read(self, reading: Reading) -> Asked | None:
        found = self.both(reading)
        if found is None:
            return None
        of, wrt, indices = found
        return Asked(spec.Jacobian(of, wrt), indices, derivative(of.shape, wrt.shape))


@ask("hessian")
class HessianAsk(_OfWrt):
    """The second derivatives of a scalar; two variables give the mixed block."""

    wrt: Annotated[list[Expression], OneOrMany()] = Field(
        description="The variable, or two for the mixed block.", min_length=1, max_length=2
    )

    def read(self, reading: Reading) -> Asked | None:
        found = _opened(reading, self.of, self.wrt)
        if found is None or not _scalar(reading, self.of, found[0], "a Hessian"):
            return None
        of, variables, indices = found
        first, second = variables[0], variables[-1]
        shape = derivative(derivative(of.shape, first.shape), second.shape)
        return Asked(spec.Hessian(of, (first, second)), indices, shape)


@ask("derivative")
class DerivativeAsk(_ByOne):
    """The derivative by a scalar, of order 1 or more."""

    order: Annotated[int, whole(1, 8)] = Field(1, description="How often to differentiate.")

    def read(self, reading: Reading) -> Asked | None:
        found = self.both(reading)
        if found is None:
            return None
        of, wrt, indices = found
        if not is_single(wrt.shape):
            shape = describe(wrt.shape)
            reading.report(
                self.wrt, f"a derivative is by a scalar, and this is {shape}", "write `gradient:` or `jacobian:`"
            )
            return None
        return Asked(spec.Derivative(of, wrt, self.order), indices, of.shape)


@ask("differential")
class DifferentialAsk(_OfWrt):
    """The differential of an expression in the differentials of its variables."""

    wrt: Annotated[list[Expression], OneOrMany()] = Field(description="The variables that change.", min_length=1)

    def read(self, reading: Reading) -> Asked | None:
        found = _opened(reading, self.of, self.wrt)
        if found is None:
            return None
        of, variables, indices = found
        return Asked(spec.Differential(of, variables), indices, of.shape)


@ask("simplify")
class SimplifyAsk(AskModel):
    """A simpler form of an expression."""

    alone = "expression"
    expression: Expression = Field(description="The expression to simplify.")

    def read(self, reading: Reading) -> Asked | None:
        found = reading.opened(self.expression)
        return None if found is None else Asked(spec.Simplify(found[0]), found[1], found[0].shape)


@ask("prove")
class ProveAsk(AskModel):
    """An identity, `lhs == rhs`, by rewriting."""

    answers = False
    alone = "identity"
    identity: Expression = Field(description="The identity to prove.", examples=["softmax(x + c) == softmax(x)"])

    def read(self, reading: Reading) -> Asked | None:
        found = reading.attempt(self.identity, lambda text: read_open_equation(text, reading.scope))
        if found is None:
            return None
        left, right, indices = found
        return Asked(spec.Prove(left, right), indices)


def _declared(reading: Reading, names: Sequence[Scalar]) -> tuple[Node, ...] | None:
    """The symbols and definitions of those names."""
    found = []
    for name in names:
        node = reading.expression(name)
        if isinstance(node, Sym):
            found.append(node)
        elif node is not None:
            reading.report(name, "this is no name of a symbol or of a definition")
    return tuple(found) if len(found) == len(names) else None


@ask("shapes")
class ShapesAsk(AskModel):
    """The shapes of the names listed, or of all."""

    answers = False
    alone = "names"
    names: Annotated[list[Expression], OneOrMany()] = Field(description="`all`, or names.", min_length=1)

    def read(self, reading: Reading) -> Asked | None:
        if [name.text for name in self.names] in (["all"], ["true"]) and self.names[
            0
        ].text not in reading.scope.symbols:
            return Asked(spec.Shapes())
        found = _declared(reading, self.names)
        return None if found is None else Asked(spec.Shapes(found))


@ask("count")
class CountAsk(AskModel):
    """How many entries the names listed hold together."""

    alone = "names"
    names: Annotated[list[Expression], OneOrMany()] = Field(
        description="Symbols and names of `define`.", min_length=1, examples=[["W1", "b1"]]
    )

    def read(self, reading: Reading) -> Asked | None:
        found = _declared(reading, self.names)
        return None if found is None else Asked(spec.Count(found), (), SCALAR)


@ask("steps")
class StepsAsk(AskModel):
    """An authored derivation, judged line by line."""

    alone = "lines"
    lines: list[Line] = Field(description="The lines, in order.", min_length=1)

    def read(self, reading: Reading) -> Asked | None:
        return Asked(spec.Steps(read_lines(reading, self.lines)))


@ask("discuss")
class DiscussAsk(AskModel):
    """Words, and a table of what float64 gives."""

    answers = False
    bare = True
    table: TableModel | None = Field(None, description="A table computed in float64.")

    def read(self, reading: Reading) -> Asked | None:
        if self.table is None:
            return Asked(spec.Discuss())
        found = self.table.read(reading)
        return None if found is None else Asked(spec.Discuss(*found))


@ask("implement")
class ImplementAsk(_OfWrt):
    """Code for the forward pass and the gradients, from the verified formulas."""

    answers = False
    wrt: Annotated[list[Expression], OneOrMany()] = Field(description="The variables.", min_length=1)
    name: Annotated[Scalar, Leaf("a name")] | None = Field(None, description="The module's name.", examples=["network"])

    def read(self, reading: Reading) -> Asked | None:
        found = _opened(reading, self.of, self.wrt)
        if found is None or not _scalar(reading, self.of, found[0], "a gradient"):
            return None
        name = "network" if self.name is None else self.name.text
        if self.name is not None and not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
            reading.report(self.name, f"`{name[:60]}` cannot name a module", "write lower-case letters, digits and `_`")
            return None
        return Asked(spec.Implement(found[0], found[1], name))
