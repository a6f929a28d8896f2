"""The routes there are, in the order in which they are tried where an author names none."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from solver.methods.task import Route

ORDER: tuple[tuple[str, str, str], ...] = (
    # name, module, what the module calls it
    ("shapes", "tables", "SHAPES"),
    ("count", "tables", "COUNT"),
    ("discuss", "tables", "DISCUSS"),
    ("scalar", "scalar", "ROUTE"),
    ("identity", "identity", "ROUTE"),
    ("cases", "cases", "ROUTE"),
    ("chain", "chain", "ROUTE"),
    ("matrix", "matrix", "ROUTE"),
    ("index", "index", "ROUTE"),
    ("differential", "differential", "ROUTE"),
    ("kronecker", "kronecker", "ROUTE"),
)


def route(name: str) -> Route:
    """The route of that name; only its own module is loaded. KeyError where there is none."""
    module, attribute = {known: (module, attribute) for known, module, attribute in ORDER}[name]
    return cast(Route, getattr(import_module(f"solver.methods.{module}"), attribute))


def routes() -> dict[str, Route]:
    """Every route by name."""
    return {name: route(name) for name, _, _ in ORDER}
