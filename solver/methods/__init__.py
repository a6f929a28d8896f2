"""How people argue: a plan for each route, choosing rules and recording steps."""

from __future__ import annotations

from collections.abc import Sequence

from solver.expr.derivation import Derivation
from solver.methods.argument import CannotDerive
from solver.methods.task import Established, Route, Task
from solver.spec.problem import Part, Problem

__all__ = ["CannotDerive", "Established", "derive", "others", "routes_for"]


def routes_for(problem: Problem, part: Part) -> tuple[str, ...]:
    """The routes that may answer the part, the one that reads best first; those an author names, as named."""
    from solver.methods.routes import able, route

    names = part.by or able(part.kind)
    if part.by or len(names) < 2:
        return names
    task = Task(problem, part)
    known = [route(name) for name in names]
    return tuple(each.name for each in sorted(known, key=lambda each: not each.fits(task)))


def derive(problem: Problem, part: Part, route: str | None = None, earlier: Sequence[Established] = ()) -> Derivation:
    """The derivation of a part by a route; without one, by the first that can, in the order of `routes_for`.

    Raises CannotDerive with a sentence that says what the route met.
    """
    from solver.methods import routes

    task = Task(problem, part, tuple(earlier))
    if route is not None:
        chosen = routes.route(route)
        if part.kind not in routes.kinds(route):
            raise CannotDerive(f"the route `{route}` does not answer `{part.kind}`")
        return chosen.derive(task)
    refusals: dict[str, list[str]] = {}
    for name in routes_for(problem, part):
        try:
            return routes.route(name).derive(task)
        except CannotDerive as refusal:
            refusals.setdefault(str(refusal), []).append(name)
    said = [f"{', '.join(names)}: {reason}" for reason, names in refusals.items()]
    raise CannotDerive("; ".join(said) or f"no route answers `{part.kind}` yet")


def others(problem: Problem, part: Part, route: str, earlier: Sequence[Established] = ()) -> tuple[str, ...]:
    """The other routes that can derive the part: each is tried, for only that tells."""
    from solver.methods import routes

    return tuple(
        name for name in routes.able(part.kind) if name != route and _can(routes.route(name), problem, part, earlier)
    )


def _can(route: Route, problem: Problem, part: Part, earlier: Sequence[Established]) -> bool:
    try:
        route.derive(Task(problem, part, tuple(earlier)))
    except Exception:  # whatever stops it, it is no route to point at; asked for by name it says what it met
        return False
    return True
