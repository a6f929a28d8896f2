"""The routes there are, in the order in which they are tried where an author names none."""

from __future__ import annotations

from solver.methods.task import Route


def routes() -> dict[str, Route]:
    """Every route by name. Imported when called, so that reading a problem does not load the rules."""
    from solver.methods import cases, chain, differential, identity, index, kronecker, matrix, scalar, tables

    order = (
        tables.SHAPES, tables.COUNT, tables.DISCUSS, scalar.ROUTE, identity.ROUTE, cases.ROUTE, chain.ROUTE,
        matrix.ROUTE, index.ROUTE, differential.ROUTE, kronecker.ROUTE,
    )  # fmt: skip
    return {route.name: route for route in order}
