"""Sheets with hand-made derivations, for the tests of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

from solver.expr.derivation import Cases, Chain, Derivation, Reason, Step
from solver.expr.nodes import Idx, Node, Sym
from solver.expr.read import Scope, read, read_condition
from solver.expr.sizes import Size
from solver.language.catalogue import catalogue
from solver.spec.problem import Discuss, Gradient, Part, Problem, Prove, Sheet, Symbol, TableRow
from solver.typeset.page import view
from solver.typeset.setting import Context
from solver.typeset.view import Record, SheetView

N, H, DX, DY = (Size.of(name) for name in ("N", "H", "Dx", "Dy"))
ONE = Size.of(1)

SHAPES = {
    "x": (ONE, N), "v": (ONE, N), "z": (ONE, N), "s": (ONE, N), "y": (ONE, N), "yhat": (ONE, N), "theta": (ONE, N),
    "A": (N, N), "B": (N, N), "X": (N, N), "W1": (N, H), "h": (ONE, H), "a": (), "b": (), "c": (), "t": (), "J": (),
    "CE": (), "lam": (), "h_prev": (ONE, H), "U": (H, N),
}  # fmt: skip


def scope(layout: str = "row", **more: object) -> Scope:
    indices = {name: Idx(name, N) for name in "ijkl"} | {"p": Idx("p", H)}
    return Scope(
        symbols={name: Sym(name, shape) for name, shape in (SHAPES | more).items()},
        layout=layout,  # type: ignore[arg-type]
        sizes=frozenset(("N", "H", "Dx", "Dy")),
        indices=indices,
        functions=frozenset(("f",)),
    )


def node(text: str, **more: object) -> Node:
    """The node of a text over the symbols of these tests."""
    return read(text, scope(**more))


CONTEXT = Context("row", dict(SHAPES), frozenset(("N", "H", "Dx", "Dy")))


def chain(start: str, *lines: tuple[str, str], at: Scope | None = None, name: str = "", **fields: object) -> Chain:
    """A chain from texts: each line a right side and its reason."""
    here = at or scope()
    first = read(start, here)
    nodes = [first, *(read(text, here) for text, _ in lines)]
    steps = tuple(
        Step(before, after, Reason(reason), routine=reason.startswith("~"))
        for before, after, (_, reason) in zip(nodes, nodes[1:], lines, strict=False)
    )
    given = tuple(read_condition(text, here) for text in fields.pop("given", ()))  # type: ignore[union-attr]
    return Chain(first, steps, given=given, name=read(name, here) if name else None, **fields)  # type: ignore[arg-type]


def derivation(*blocks: Chain | Cases, route: str = "cases", **fields: object) -> Derivation:
    last = blocks[-1]
    assert isinstance(last, Chain)
    return Derivation(last.start, last.result, route, blocks, **fields)  # type: ignore[arg-type]


def softmax_problem() -> tuple[Problem, dict[tuple[str, str], Sequence[Derivation]]]:
    """C1a to C1d by hand: cases side by side, a matrix with dots, struck-out terms, a table of float64."""
    names = {"sigma": (ONE, N)}
    at = scope(**names)
    sigma, s = "sigma", "sum(exp(x[k]) for k in N)"
    diagonal = chain(
        f"D({sigma}[i], x[i])",
        (f"(exp(x[i])*{s} - exp(x[i])*exp(x[i]))/({s})**2", "quotient rule"),
        (f"{sigma}[i] - {sigma}[i]**2", "divide by the square of the sum"),
        (f"{sigma}[i]*(1 - {sigma}[i])", "factor"),
        at=at, title=Reason("On the diagonal"),
    )  # fmt: skip
    off = chain(
        f"D({sigma}[i], x[j])",
        (f"-exp(x[i])*exp(x[j])/({s})**2", "the numerator does not depend on the variable"),
        (f"-{sigma}[i]*{sigma}[j]", "fold the names"),
        at=at, given=("j != i",), title=Reason("Off the diagonal"),
    )  # fmt: skip
    entries = f"where(i == j, {sigma}[i]*(1 - {sigma}[i]), -{sigma}[i]*{sigma}[j])"
    final = chain(
        f"D({sigma}, x)",
        (f"matrix({entries} for i in N for j in N)", "both cases"),
        (f"diag({sigma}) - {sigma}.T @ {sigma}", "one matrix for the diagonal, one for all products"),
        at=at,
    )  # fmt: skip
    first = chain(
        "z[1]",
        (f"v[1]*{sigma}[1]*(1 - {sigma}[1]) - sum(v[j]*{sigma}[j]*{sigma}[1] for j in N if j != 1)", "column 1"),
        (f"{sigma}[1]*(v[1] - v[1]*{sigma}[1] - sum(v[j]*{sigma}[j] for j in N) + v[1]*{sigma}[1])",
         "complete the sum"),
        (f"{sigma}[1]*(v[1] - v @ {sigma}.T)", "what is struck out cancels"),
        at=at, intro=Reason("The first entry shows how it goes."),
    )  # fmt: skip
    general = chain(
        "z[i]",
        (f"{sigma}[i]*(v[i] - v @ {sigma}.T)", "the same for every entry"),
        at=at,
    )  # fmt: skip
    gradient = Gradient(node("a"), node("a"))
    rows = tuple(
        TableRow({"x": values}, "", {"N": 2}) for values in (["0", "0"], ["0", "-1e-320"], ["1000", "0"])
    )  # fmt: skip
    columns = (
        ("naive", read("exp(x)/sum(exp(x))", at)), ("shifted", read("softmax(x)", at)),
        ("loss", read("-log(softmax(x)[2])", at)), ("zero times log", read("0*log(softmax(x)[2])", at)),
    )  # fmt: skip
    problem = Problem(
        file=Path("problems/softmax/jacobian.yaml"), name="jacobian", title="The softmax and its Jacobian",
        source="Machine learning, problem set 2, question 1", layout="row",
        symbols={
            "x": Symbol("x", (ONE, N), about="the logits"), "v": Symbol("v", (ONE, N), about="any row vector"),
            "t": Symbol("t", (ONE, N), ("one-hot",), about="the label"),
        },
        define={"sigma": read("softmax(x)", at), "z": read(f"v @ D({sigma}, x)", at)},
        indices={"i": N}, dims={"N": "number of classes"},
        intro="Let `sigma` be the softmax of a row vector `x`, with entries `sigma[i]`.",
        parts=(
            Part("a", "jacobian", gradient, "Find the Jacobian of `sigma` with respect to `x`.",
                 indices=(Idx("i", N), Idx("j", N)), intro="The numerator of an entry of `sigma` depends on `x[j]` in "
                 "two ways, so we take two cases.", points=4),
            Part("b", "simplify", gradient, "Let `z = v @ D(sigma, x)`. Find its entries.", indices=(Idx("i", N),)),
            Part("c", "discuss", Discuss(columns, rows), "What goes wrong when a probability is 0?",
                 remark="Subtracting the largest entry first changes nothing by part (a) of the next problem and keeps "
                 "every exponential in range: 50 % of the trouble is gone & no digit is lost."),
        ),
    )  # fmt: skip
    derivations = {
        ("jacobian", "a"): (derivation(Cases((diagonal, off)), final),),
        ("jacobian", "b"): (derivation(first, general, route="index"),),
    }
    return problem, derivations


def network_problem() -> tuple[Problem, dict[tuple[str, str], Sequence[Derivation]]]:
    """A4 by hand: the chain rule through named intermediates."""
    shapes = {
        "x": (ONE, DX), "W1": (DX, H), "b1": (ONE, H), "W2": (H, DY), "b2": (ONE, DY), "y": (ONE, DY), "h": (ONE, H),
        "z": (ONE, H), "theta": (ONE, DY), "yhat": (ONE, DY), "delta1": (ONE, H), "delta2": (ONE, DY), "J": (),
    }  # fmt: skip
    at = scope(**shapes)
    blocks = (
        chain("D(J, theta)", ("yhat - y", "softmax with cross-entropy, part (b)"), name="delta2", at=at),
        chain("D(J, h)", ("delta2 @ W2.T", "the logits are affine in the hidden layer"), at=at),
        chain("D(J, z)", ("delta2 @ W2.T * D(h, z)", "the sigmoid acts on each entry"),
              ("(yhat - y) @ W2.T * h * (1 - h)", "the derivative of the sigmoid, part (a)"), name="delta1", at=at),
        chain("D(J, x)", ("delta1 @ W1.T", "affine in the input"),
              ("((yhat - y) @ W2.T * h * (1 - h)) @ W1.T", "definition"), at=at),
    )  # fmt: skip
    define = {
        "z": "x @ W1 + b1", "h": "sigmoid(z)", "theta": "h @ W2 + b2", "yhat": "softmax(theta)",
        "J": "-sum(y*log(yhat))",
    }  # fmt: skip
    problem = Problem(
        file=Path("problems/network/backprop.yaml"), name="backprop", title="One hidden layer", layout="row",
        symbols={name: Symbol(name, shapes[name], ("one-hot",) if name == "y" else (), about) for name, about in (
            ("x", "input"), ("W1", "hidden layer"), ("b1", "its bias"), ("W2", "output layer"), ("b2", "its bias"),
            ("y", "label"))},
        define={name: read(text, at) for name, text in define.items()}, indices={},
        intro="A network classifies a row vector `x` with one hidden layer of `sigmoid` units; `J` is the "
        "cross-entropy between the label `y` and the prediction `yhat`.",
        parts=(Part("c", "gradient", Gradient(node("a"), node("a")), "Find the gradient of `J` with respect to the "
                    "input `x`.", intro="We walk back from the loss, one definition at a time."),),
    )  # fmt: skip
    return problem, {("backprop", "c"): (derivation(*blocks, route="chain"),)}


def scalar_problem() -> tuple[Problem, dict[tuple[str, str], Sequence[Derivation]]]:
    """C3a by hand, and an identity: reasons over the equals signs."""
    above, below = "(exp(a) - exp(-a))", "(exp(a) + exp(-a))"
    lines = chain(
        "D(tanh(a), a)",
        (f"D({above}/{below}, a)", "definition of tanh"),
        (f"(D({above}, a)*{below} - {above}*D({below}, a))/{below}**2", "quotient rule"),
        (f"({below}*{below} - {above}*{above})/{below}**2", "derivative of exp"),
        ("1 - tanh(a)**2", "definition of tanh"),
    )
    shift = chain(
        "softmax(x + c)[i]",
        ("exp(x[i] + c)/sum(exp(x[k] + c) for k in N)", "definition of softmax"),
        ("exp(c)*exp(x[i])/(exp(c)*sum(exp(x[k]) for k in N))", "exponential of a sum"),
        ("exp(x[i])/sum(exp(x[k]) for k in N)", "cancel"),
        ("softmax(x)[i]", "definition of softmax"),
    )
    problem = Problem(
        file=Path("problems/scalar/tanh.yaml"), name="tanh", title="Two short ones", layout="row",
        symbols={"a": Symbol("a"), "x": Symbol("x", (ONE, N)), "c": Symbol("c")}, define={}, indices={},
        parts=(Part("derivative", "derivative", Gradient(node("a"), node("a")), "Differentiate `tanh`."),
               Part("shift", "prove", Prove(node("a"), node("a")),
                    "Show that `softmax(x + c)[i] = softmax(x)[i]` for a scalar `c`.", indices=(Idx("i", N),))),
    )  # fmt: skip
    worked = {("tanh", "derivative"): (derivation(lines, route="scalar"),),
              ("tanh", "shift"): (derivation(shift, route="identity"),)}  # fmt: skip
    return problem, worked


RECORD = Record(lines=31, verified=31, points=9, digest="a41f 09c2", version="0.1.0")


class _Named(dict[str, str]):
    """Reasons of which each one's name is its words."""

    def __missing__(self, name: str) -> str:
        return name


ENGLISH = replace(catalogue("en"), reasons=_Named())


def sheet_view(*made: tuple[Problem, dict[tuple[str, str], Sequence[Derivation]]], **options: object) -> SheetView:
    problems = tuple(problem for problem, _ in made)
    worked = reduce(lambda a, b: a | b, (each for _, each in made))
    sheet = Sheet(
        Path("problems/x"), "x", "Softmax and backpropagation", "Natural language processing, set 1", problems
    )
    return view(sheet, worked, RECORD, ENGLISH, **options)  # type: ignore[arg-type]
