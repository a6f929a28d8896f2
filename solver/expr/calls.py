"""From text to nodes: calls of functions, sums and tables over indices, derivatives."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from solver.expr.entries import check_index
from solver.expr.functions import ALIASES, FUNCTIONS, Function, axis_by_layout
from solver.expr.limits import check_power
from solver.expr.nodes import (
    ONE_NODE,
    Apply,
    At,
    Big,
    Call,
    D,
    Dif,
    Div,
    Idx,
    Logic,
    Node,
    Num,
    Sym,
    Table,
    from_size,
    mul,
    symbols,
    walk,
)
from solver.expr.scope import RESERVED_FUNCTIONS, size_of
from solver.expr.shapes import ShapeError, describe, is_single
from solver.expr.sizes import ONE
from solver.expr.tried import unknown_function

if TYPE_CHECKING:
    from solver.expr.reader import Reader

_ORDERS = ("", "_prime", "_second")
_CONDITIONED = frozenset({"indicator", "where"})
_INDEXED = frozenset({"sum", "prod", "mean", "matrix"})


def read_call(reader: Reader, part: ast.Call) -> Node:
    """`name(…)`: a function of the table, an abstract one, an indexed sum, a table, a derivative, a differential."""
    match part.func:
        case ast.Name(id=name):
            pass
        case ast.Attribute():
            reader.value(part.func)  # names what to write instead
            raise reader.error(part, "`.T` takes no arguments", "write `A.T`")
        case _:
            raise reader.error(part, "only a function's name stands before `(`", "write `*` or `@` between two values")
    if any(isinstance(arg, ast.GeneratorExp) for arg in part.args):
        return _indexed(reader, part, name)
    if name == "matrix":
        raise reader.error(part, "`matrix` needs `for`", "write `matrix(e for i in m for j in n)`")
    if name in ("D", "d"):
        _no_keywords(reader, part)
        return _derivative(reader, part) if name == "D" else Dif(reader.value(_only(reader, part, name)))
    for function in reader.scope.functions if name not in RESERVED_FUNCTIONS else ():
        for order, suffix in enumerate(_ORDERS):
            if name == function + suffix:
                _no_keywords(reader, part)
                return Apply(function, reader.value(_only(reader, part, name)), order)
    row = FUNCTIONS.get(ALIASES.get(name, name))
    if row is None:
        raise reader.error(part.func, *unknown_function(name, reader.scope, reader.names))
    return _function(reader, part, name, row)


def _only(reader: Reader, part: ast.Call, name: str) -> ast.expr:
    if len(part.args) != 1 or isinstance(part.args[0], ast.Starred):
        raise reader.error(part, f"`{name}` takes one argument, and {_count(len(part.args))} given")
    return part.args[0]


def _count(number: int) -> str:
    return f"{number or 'none'} {'is' if number < 2 else 'are'}"


def _no_keywords(reader: Reader, part: ast.Call) -> None:
    for keyword in part.keywords:
        raise reader.error(keyword, f"`{keyword.arg}=` is not taken here" if keyword.arg else "`**` is not taken here")


# --- functions of the table ---------------------------------------------------------------------------------------


def _function(reader: Reader, part: ast.Call, name: str, row: Function) -> Node:
    _check_arity(reader, part, name, row)
    args = [_argument(reader, row, number, arg) for number, arg in enumerate(part.args)]
    if row.defaults:
        required = len(row.params) - len(row.defaults)
        args += [reader.default(text) for text in row.defaults[len(args) - required :]]
    axis = _axis(reader, part, name, row, args)
    if row.name in ("ones", "zeros") and len(args) == 1:
        args = [ONE_NODE, *args] if reader.scope.layout == "row" else [*args, ONE_NODE]
    _check_values(reader, part, row, args)
    try:
        return Call(row.name, tuple(args), axis)
    except ShapeError as error:
        raise reader.unfit(part, f"`{name}`: {error.message}", error.hint) from None


def _check_arity(reader: Reader, part: ast.Call, name: str, row: Function) -> None:
    given = len(part.args)
    most = len(row.params)
    least = 1 if row.name in ("ones", "zeros") else most - len(row.defaults)
    if row.variadic:
        if not given:
            raise reader.error(part, f"`{name}` needs arguments")
        return
    if least <= given <= most:
        return
    hint = ""
    if row.name in ("max", "min") and given == 2:
        hint = f"write `{row.name}imum(a, b)`"
    elif row.name in ("sum", "prod") and given > 1:
        hint = "write `a + b`, or `axis=0`" if row.name == "sum" else "write `a * b`, or `axis=0`"
    elif row.takes_axis and given == 2:
        hint = "write `axis=0`"
    signature = f"{row.name}({', '.join(row.params)})"
    wanted = str(most) if least == most else f"{least} or {most}"
    plural = "argument" if wanted == "1" else "arguments"
    raise reader.error(part, f"`{signature}` takes {wanted} {plural}, and {_count(given)} given", hint)


def _argument(reader: Reader, row: Function, number: int, part: ast.expr) -> Node:
    if row.name in _CONDITIONED and number == 0:
        return reader.condition(part)
    if row.kind != "made":
        return reader.value(part)
    if row.name == "basis" and number == 0:
        return reader.value(part)
    # read as a size first: it is bounded there, before any shape is worked out from it
    size_of(reader.source, part, reader.scope.sizes)
    return reader.value(part)


def _check_values(reader: Reader, part: ast.Call, row: Function, args: Sequence[Node]) -> None:
    """A basis vector's index is within its size, and a matrix has whole powers."""
    match row.name, args:
        case "basis", [index, Node(size=size)] if size is not None and not index.shape:
            check_index(reader, part.args[0], index, size, "of a basis vector")
        case "matrix_power", [base, Num(value) as exponent]:
            if value.denominator != 1:
                raise reader.error(part.args[1], "a matrix has whole powers only")
            problem = check_power(base, exponent)
            if problem:
                raise reader.error(part.args[1], problem)


def _axis(reader: Reader, part: ast.Call, name: str, row: Function, args: Sequence[Node]) -> int | None:
    """The axis written, or the one that vectors' lie gives where none is."""
    default = axis_by_layout(row, [arg.shape for arg in args])
    for keyword in part.keywords:
        if keyword.arg != "axis":
            hint = "`axis=` keeps the axis, at size 1" if keyword.arg == "keepdims" else ""
            if keyword.arg in row.params:
                hint = f"give it by its place: `{row.name}({', '.join(row.params)})`"
            raise reader.error(keyword, f"`{keyword.arg or '**'}` is not taken by `{name}`", hint)
        if not (row.takes_axis or default):
            raise reader.error(keyword, f"`{name}` takes no `axis=` here")
        if not args[0].shape and row.takes_axis:
            raise reader.error(keyword, "a scalar has no axis")
        match keyword.value:
            case ast.Constant(value=None):
                return None
            case ast.Constant(value=int(axis)) if axis in (0, 1):
                return axis
        hint = "`axis=0` goes down the columns, `axis=1` along the rows"
        raise reader.error(keyword, "an axis is 0 or 1", hint)
    if not default:
        return None
    return 1 if reader.scope.layout == "row" else 0


# --- sums, products, means and tables over indices ----------------------------------------------------------------


def _indexed(reader: Reader, part: ast.Call, name: str) -> Node:
    """`sum(e for i in m if c for j in n)` and its like."""
    generator = part.args[0]
    if name not in _INDEXED:
        known = name in reader.scope.function_names
        hint = f"write `{name}(matrix(e for i in n))`" if known else ""
        raise reader.error(part, f"`for` does not stand in `{name}`", hint or "write `sum(e for i in n)`")
    if len(part.args) > 1 or not isinstance(generator, ast.GeneratorExp):
        raise reader.error(part, f"`{name}` with `for` takes nothing else")
    _no_keywords(reader, part)
    pairs: list[tuple[Idx, Node | None]] = []
    inner = reader
    for clause in generator.generators:
        index = _bound_index(inner, clause)
        inner = inner.binding(index)
        conditions = [inner.single_condition(condition) for condition in clause.ifs]
        if conditions and name in ("mean", "matrix"):
            hint = "write `matrix(where(c, e, 0) for …)`" if name == "matrix" else "divide a sum by the number of terms"
            raise reader.error(clause.ifs[0], f"`if` does not stand in `{name}`", hint)
        pairs.append((index, _all(conditions)))
    body = inner.value(generator.elt)
    if name == "matrix":
        return _table(inner, part, body, [index for index, _ in pairs])
    kind: Literal["sum", "prod"] = "prod" if name == "prod" else "sum"
    for index, condition in reversed(pairs):
        body = Big(kind, body, index, condition)
    return Div(body, mul(*(from_size(index.range) for index, _ in pairs))) if name == "mean" else body


def _all(conditions: list[Node]) -> Node | None:
    if len(conditions) > 1:
        return Logic("and", tuple(conditions))
    return conditions[0] if conditions else None


def _bound_index(reader: Reader, clause: ast.comprehension) -> Idx:
    target = clause.target
    if not isinstance(target, ast.Name):
        raise reader.error(target, "one index follows `for`", "write `for i in m for j in n`")
    name = target.id
    if name in reader.bound:
        raise reader.error(target, f"`{name}` is bound already by the `for` around it", "choose another index")
    if name in reader.scope.symbols or name in reader.scope.sizes or name == "pi":
        kind = "symbol" if name in reader.scope.symbols else "size" if name in reader.scope.sizes else "number"
        raise reader.error(target, f"`{name}` is a {kind} already and cannot be an index here", "choose another index")
    if name in reader.scope.indices:
        reader.rebound[name] = target
    return Idx(name, size_of(reader.source, clause.iter, reader.scope.sizes))


def _table(reader: Reader, part: ast.Call, body: Node, indices: list[Idx]) -> Node:
    if len(indices) > 2:
        raise reader.error(part, f"a matrix has two indices, and {len(indices)} are given")
    if not is_single(body.shape):
        raise reader.error(part, f"an entry is a scalar, and this one is {describe(body.shape)}")
    if len(indices) == 2:
        return Table(body, *indices)
    used = reader.scope.names | reader.bound.keys() | symbols(body)
    used |= {
        node.name if isinstance(node, Idx) else node.index.name for node in walk(body) if isinstance(node, Idx | Big)
    }
    used |= {index.name for node in walk(body) if isinstance(node, Table) for index in (node.row, node.column)}
    letters = (*"ijklmnpqrstuvw", *(f"i{number}" for number in range(1, len(used) + 2)))
    single = Idx(next(letter for letter in letters if letter not in used), ONE)
    return Table(body, single, indices[0]) if reader.scope.layout == "row" else Table(body, indices[0], single)


# --- derivatives --------------------------------------------------------------------------------------------------


def _derivative(reader: Reader, part: ast.Call) -> Node:
    """`D(f, x)`; `D(f, x, y)` is `D(D(f, x), y)`."""
    if len(part.args) < 2:
        raise reader.error(
            part, f"`D(f, x)` takes what is differentiated and by what, and {_count(len(part.args))} given"
        )
    node = reader.value(part.args[0])
    for arg in part.args[1:]:
        by = reader.value(arg)
        match by:
            case Sym() | At(arg=Sym()):
                node = D(node, by)
            case _:
                hint = "the second argument of `D` is a symbol, a defined name, or an entry, row or column of one"
                raise reader.error(arg, f"`{reader.source.segment(arg)}` cannot be differentiated by", hint)
    return node
