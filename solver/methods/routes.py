"""The routes there are, in the order in which they are tried where an author names none."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from solver.methods.task import Route

GRADIENTS = ("gradient", "derivative")
ORDER: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # name, module, what the module calls it, the asks it may answer
    ("shapes", "tables", "SHAPES", ("shapes",)),
    ("count", "tables", "COUNT", ("count",)),
    ("discuss", "tables", "DISCUSS", ("discuss",)),
    ("steps", "authored", "ROUTE", ("steps",)),
    ("implement", "implement", "ROUTE", ("implement",)),
    ("scalar", "scalar", "ROUTE", GRADIENTS),
    ("identity", "identity", "ROUTE", ("prove", "simplify")),
    ("cases", "cases", "ROUTE", (*GRADIENTS, "jacobian", "simplify")),
    ("chain", "chain", "ROUTE", GRADIENTS),
    ("matrix", "matrix", "ROUTE", GRADIENTS),
    ("index", "index", "ROUTE", (*GRADIENTS, "jacobian", "hessian", "simplify")),
    ("differential", "differential", "ROUTE", (*GRADIENTS, "jacobian", "hessian", "differential")),
    ("kronecker", "kronecker", "ROUTE", ("gradient", "jacobian", "hessian", "differential")),
)


def route(name: str) -> Route:
    """The route of that name; only its own module is loaded. KeyError where there is none."""
    module, attribute = {known: (module, attribute) for known, module, attribute, _ in ORDER}[name]
    return cast(Route, getattr(import_module(f"solver.methods.{module}"), attribute))


def able(kind: str) -> tuple[str, ...]:
    """The names of the routes that may answer an ask of this kind, in the order in which they are tried."""
    return tuple(name for name, _, _, kinds in ORDER if kind in kinds)


def kinds(name: str) -> tuple[str, ...]:
    """The asks that the route may answer."""
    return next(kinds for known, _, _, kinds in ORDER if known == name)
