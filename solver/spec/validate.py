"""A tree against a model: every mistake reported with its place, and a model of all that stands without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from solver.spec.mistakes import Mistake, instead, nearest
from solver.spec.models import Model, known_elsewhere
from solver.spec.tree import Fields, Items, Key, Scalar

M = TypeVar("M", bound=Model)
Loc = tuple[int | str, ...]


def validate(model: type[M], fields: Fields, depth: Mapping[str, int], mistakes: list[Mistake]) -> M:
    """The model of `fields` without what is mistaken in it.

    What is mistaken is taken out of `fields`, and the rest is looked at again, until no mistake is left. `depth` says
    for each top key how far down a thing of its own is (a symbol, an ask): a mistake below marks that thing as broken
    in the mapping that holds it.
    """
    while True:
        try:
            return model.model_validate(fields)
        except ValidationError as error:
            found = error.errors(include_url=False)
        for each in found:
            mistakes.extend(_mistakes(fields, each))
        # from the back, so that the numbers of a list's items stay right while others are taken out
        found.sort(key=lambda each: [f"{step:>9}" for step in each["loc"]], reverse=True)
        taken = [_take_out(fields, each, depth) for each in found]
        if not any(taken):
            raise AssertionError(f"nothing to take out for {found}")


def _mistakes(fields: Fields, error: Any) -> list[Mistake]:
    loc, context, given = error["loc"], error.get("ctx", {}), error["input"]
    match error["type"]:
        case "missing" if loc[-1] in given.broken:
            return []
        case "too_short" if given.broken:
            return []
        case "leaf":
            return [(context["at"] or given).mistake(context["message"], context["hint"])]
        case "unknown":
            return [_unknown(key, context["known"]) for key in context["keys"]]
        case "missing":
            return [given.source.mistake(given.start, given.start + 1, f"`{loc[-1]}` is missing here")]
        case "dict_type":
            return [given.mistake(f"read {_read(given)}, wanted a mapping of names", "write `name: …`")]
        case "list_type" if isinstance(given, Scalar):
            return [
                given.mistake(f"read {_read(given)}, wanted a list", f"write `[{given.text}]`" if given.text else "")
            ]
        case "list_type":
            return [given.mistake(f"read {_read(given)}, wanted a list", "start each item with `- `")]
        case "too_short":
            return [given.mistake("the list is empty")]
    raise AssertionError(f"no words for pydantic's error {error['type']} at {loc}")


def _read(value: object) -> str:
    if isinstance(value, Scalar):
        return f"`{value.text[:60]}`" if value.text else "nothing"
    return "a list" if isinstance(value, Items) else "a mapping"


def _unknown(key: Key, known: tuple[str, ...]) -> Mistake:
    home = known_elsewhere(key)
    if ":" in key:
        return key.scalar.mistake(f"unknown key `{key[:60]}`", "there is no blank after the colon")
    if home is not None and nearest(key, known) is None:
        return key.scalar.mistake(f"unknown key `{key}`", f"it belongs to {home}; here are known: {', '.join(known)}")
    return key.scalar.mistake(f"unknown key `{key[:60]}`", instead(key, known))


def _take_out(fields: Fields, error: Any, depth: Mapping[str, int]) -> bool:
    """Whether something was taken out."""
    loc: Loc = tuple(step for step in error["loc"] if step != "[key]")
    thing = loc[: depth.get(str(loc[0]), 1)] if loc else loc
    holder = _at(fields, thing[:-1])
    if isinstance(holder, Fields) and thing:
        holder.broken.add(str(thing[-1]))
    if error["type"] == "unknown":
        keys = error["ctx"]["keys"]
        owner = _at(fields, loc)
        if isinstance(owner, Fields):
            owner.broken.update(keys)
        removed = [_remove(fields, (*loc, key)) for key in keys]
        return any(removed)
    return any(_remove(fields, loc[:length]) for length in range(len(loc), 0, -1))


def _at(value: Any, loc: Loc) -> Any:
    """The container at `loc`, or as far down as the tree goes."""
    for step in loc:
        inner = _step(value, step)
        if not isinstance(inner, Items | Fields):
            return value
        value = inner
    return value


def _step(value: Any, step: int | str) -> Any:
    if isinstance(value, Items) and isinstance(step, int) and step < len(value):
        return value[step]
    return value.get(cast(Key, step)) if isinstance(value, Fields) else None


def _remove(fields: Fields, loc: Loc) -> bool:
    """Whether there was something at `loc` to take out."""
    holder: Any = fields
    for step in loc[:-1]:
        holder = _step(holder, step)
    if not loc or _step(holder, loc[-1]) is None:
        return False
    del holder[loc[-1]]
    holder.broken.add(str(loc[-1]))
    return True
