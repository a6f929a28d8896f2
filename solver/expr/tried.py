"""What people try that the language does not have, and what to write instead: a message and a hint for each."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from solver.expr.scope import Scope, nearest

_ATTRIBUTES = {
    "dot": "write `A @ B`, or `dot(a, b)` for two vectors",
    "matmul": "write `A @ B`",
    "mT": "write `.T`",
    "H": "write `.T`",
    "t": "write `.T`",
    "transpose": "write `.T`",
    "trace": "write `tr(A)`",
    "shape": "a size is used by its own name",
    "size": "a size is used by its own name",
    "inverse": "write `inv(A)`",
    "I": "write `inv(A)`",
    "flatten": "write `vec(A)`",
    "ravel": "write `vec(A)`",
}
_FUNCTIONS = {
    "transpose": "write `A.T`",
    "matmul": "write `A @ B`",
    "multiply": "write `a * b`",
    "hadamard": "write `a * b`",
    "power": "write `a ** b`",
    "pow": "write `a ** b`",
    "square": "write `a ** 2`",
    "frac": "write `a / b`",
    "range": "write `for i in n`: an index runs from 1 to n",
    "len": "a size is used by its own name",
    "shape": "a size is used by its own name",
    "grad": "write `D(f, x)`",
    "diff": "write `D(f, x)`",
    "derivative": "write `D(f, x)`",
    "partial": "write `D(f, x)`",
    "log2": "write `log(x)/log(2)`",
    "log10": "write `log(x)/log(10)`",
    "factorial": "write `prod(i for i in n)`",
    "concatenate": "write `hstack(a, b)` or `vstack(a, b)`",
    "array": "write `hstack(a, b)`, `vstack(a, b)` or `matrix(e for i in m for j in n)`",
    "argmax": "`max(x)` is the largest entry",
    "argmin": "`min(x)` is the smallest entry",
    "σ": "write `sigmoid(x)`",
    "logistic": "write `sigmoid(x)`",
    "Tr": "write `tr(A)`",
    "inverse": "write `inv(A)`",
    "Id": "write `eye(n)`",
    "E": "an expectation is written out, as `sum(p[i]*x[i] for i in n)`",
}
_NAMES = {
    "e": "write `exp(1)`",
    "I": "write `eye(n)`",
    "π": "the number is `pi`",
    "Pi": "the number is `pi`",
    "PI": "the number is `pi`",
    "inf": "there is no infinity here",
    "nan": "every value is a number",
}

Complaint = tuple[str, str]
"""What is wrong, and what to write instead (or nothing)."""


def unknown_function(name: str, scope: Scope, values: Iterable[str]) -> Complaint:
    """`foo(x)`, where `values` are the names that are values here."""
    if name in values:
        return f"`{name}` is not a function", f"write `{name}*(…)` for a product, `{name}[…]` for an entry"
    near = nearest(name, scope.function_names)
    hint = _FUNCTIONS.get(name) or (f"did you mean `{near}`?" if near else "")
    return f"there is no function `{name}`", hint


def undeclared(name: str, scope: Scope, values: Iterable[str]) -> Complaint:
    """`foo`, where `values` are the names that are values here."""
    if name in scope.function_names:
        return f"`{name}` is a function, and has no argument here", f"write `{name}(…)`"
    near = nearest(name, values)
    hint = _NAMES.get(name) or (f"did you mean `{near}`?" if near else "")
    return f"`{name}` is not declared", hint


def attribute(part: ast.Attribute, scope: Scope, values: Iterable[str]) -> Complaint:
    """`np.exp`, `A.dot`: anything after a dot but `T`."""
    attr = part.attr
    known = attr in scope.function_names
    match part.value:
        case ast.Name(id=name) if name not in values:
            hint = f"write `{attr}`, without `{name}.`" if known else _FUNCTIONS.get(attr, "")
            return f"`{name}.{attr}` cannot be read: nothing is imported here", hint
    hint = _ATTRIBUTES.get(attr) or (f"write `{attr}(…)`" if known else "")
    return f"`.{attr}` cannot be read: only `.T` follows a dot", hint


def unreadable(part: ast.expr) -> Complaint:
    """An expression of Python's that is none of the language's."""
    match part:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "a condition is not a value", "write `indicator(c)` or `where(c, a, b)`"
        case ast.List() | ast.ListComp():
            hint = "write `hstack(a, b)`, `vstack(a, b)` or `matrix(e for i in m for j in n)`"
            return "lists are not part of the language", hint
        case ast.Tuple():
            return "one value is wanted, and not several or none", ""
        case ast.GeneratorExp():
            hint = "write `sum(e for i in n)`, `prod(…)`, `mean(…)` or `matrix(e for i in m for j in n)`"
            return "`for` stands only in a sum, a product, a mean or a matrix", hint
        case ast.Starred():
            return "`*` in front of an argument is not part of the language", ""
        case ast.Slice():
            return "`:` stands only alone, as an index", ""
    return "this is not part of the language", ""
