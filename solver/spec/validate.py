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
        case "missing" if loc[-1] in given.broken or nearest(loc[-1], given.broken):
            return []  # it was there, misspelt or mistaken, and that has been said
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
        case "too_short" if len(given):
            return [given.mistake(f"{len(given)} is too few, at least {context['min_length']} are wanted")]
        case "too_short":
            return [given.mistake("nothing stands in it")]
        case "too_long":
            return [given.mistake(f"{len(given)} are too many, up to {context['max_length']} are allowed")]
    raise AssertionError(f"no words for pydantic's error {error['type']} at {loc}")


def _read(value: object) -> str:
    if isinstance(value, Scalar):
        return f"`{value.text[:60]}`" if value.text else "nothing"
    return "a list" if isinstance(value, Items) else "a mapping"


def _unknown(key: Key, known: tuple[str, ...]) -> Mistake:
    home = known_elsewhere(key)
    if ":" in key:
        return key.scalar.mistake(f"unknown key `{key[:60]}`", "there is no blank after the colon")
    if home is not None:
        return key.scalar.mistake(f"unknown key `{key}`", f"it belongs to {home}; here are known: {', '.join(known)}")
    return key.scalar.mistake(f"unknown key `{key[:60]}`", instead(key, known))


def _take_out(fields: Fields, error: Any, depth: Mapping[str, int]) -> bool:
    """Whether something was taken out."""
    loc = _real(fields, error["loc"])
    thing = loc[: depth.get(str(loc[0]), 1)] if loc else loc
    holder = _at(fields, thing[:-1])
    if isinstance(holder, Fields) and thing:
        holder.broken.add(str(thing[-1]))
    if error["type"] == "unknown":
        owner = _at(fields, loc)
        removed = [_remove(owner, key) for key in error["ctx"]["keys"]]
        return any(removed)
    return bool(loc) and _remove(_at(fields, loc[:-1]), loc[-1])


def _real(fields: Fields, loc: Loc) -> Loc:
    """As much of `loc` as there is in the file, where an item may stand for a list, a field for its mapping."""
    value: Any = fields
    real: list[int | str] = []
    for step in loc:
        inner = _step(value, step)
        if inner is not None:
            real.append(step)
            value = inner
        elif not isinstance(value, Fields if isinstance(step, int) else Items):
            break
    return tuple(real)


def _at(value: Any, loc: Loc) -> Any:
    for step in loc:
        value = _step(value, step)
    return value


def _step(value: Any, step: int | str) -> Any:
    if isinstance(value, Items) and isinstance(step, int) and step < len(value):
        return value[step]
    return value.get(cast(Key, step)) if isinstance(value, Fields) else None


def _remove(holder: Any, step: int | str) -> bool:
    """Whether there was something to take out."""
    if _step(holder, step) is None:
        return False
    del holder[step]
    holder.broken.add(str(step))
    return True
