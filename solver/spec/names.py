"""The names that a problem declares: symbols, sizes, indices, in one namespace; and the order of definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from solver.expr.functions import ALIASES, FUNCTIONS
from solver.expr.nodes import Idx
from solver.expr.read import ReadError, read_size
from solver.expr.shapes import SCALAR, Shape, ShapeError
from solver.expr.sizes import ONE, Size
from solver.spec.mistakes import Mistake, instead
from solver.spec.models import ProblemModel, SymbolModel
from solver.spec.problem import Layout, Place, Symbol
from solver.spec.reading import TOKEN
from solver.spec.traits import TRAIT_TABLE, contradiction, unfit
from solver.spec.tree import Fields, Key, Scalar

MAX_NUMBER = 10_000
MAX_DEGREE = 4
MAX_NAMES = 300
"""How large a size written as a number may be, its degree in named sizes, and how many names a section may declare."""


@dataclass
class Declared:
    """What has been declared so far; `unreadable` are names whose declaration has a mistake."""

    layout: Layout
    mistakes: list[Mistake]
    symbols: dict[str, Symbol] = field(default_factory=dict)
    sizes: set[str] = field(default_factory=set)
    indices: dict[str, Idx] = field(default_factory=dict)
    definitions: list[Key] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)
    taken: dict[str, tuple[str, int]] = field(default_factory=dict)
    """What each name is, in words, and on which line."""

    def take(self, name: str, what: str, at: Scalar) -> bool:
        """Whether the name was free for this use; a mistake where it stands for something else."""
        line = at.place.line
        before, first = self.taken.setdefault(name, (what, line))
        if (before, first) == (what, line) or before == what == "a size":
            return True
        self.mistakes.append(at.mistake(f"`{name}` is {what} here, and {before} on line {first}", "rename one of them"))
        return False


def declare(model: ProblemModel, layout: Layout, mistakes: list[Mistake]) -> Declared:
    """The symbols, definitions' names, indices and sizes of the file, checked against each other."""
    declared = Declared(layout, mistakes)
    for section in ("symbols", "define", "indices"):
        _broken(model.place, section, declared)
    for key, symbol in (model.symbols or {}).items():
        if not declared.take(key, "a symbol", key.scalar):
            continue
        declared.places[key] = key.scalar.place
        _symbol(declared, key, symbol)
    for key in model.define or {}:
        if declared.take(key, "a definition", key.scalar):
            declared.definitions.append(key)
            declared.places[key] = key.scalar.place
    for key, range_ in (model.indices or {}).items():
        free = declared.take(key, "an index", key.scalar)
        size = _size(declared, range_)
        if not free:
            continue
        declared.places[key] = key.scalar.place
        if size is None:
            declared.unreadable.add(key)
        else:
            declared.indices[key] = Idx(str(key), size)
    for key in model.dims or {}:
        if key not in declared.sizes:
            hint = instead(key, sorted(declared.sizes)) if declared.sizes else ""
            mistakes.append(key.scalar.mistake(f"no shape uses the size `{key}`", hint))
    return declared


def crowded(fields: Fields) -> Mistake | None:
    """The mistake of a section that declares too many names for anything to be read."""
    for section in ("symbols", "define", "indices", "dims"):
        holder = fields.get(section)  # type: ignore[call-overload]
        if isinstance(holder, Fields) and len(holder) > MAX_NAMES:
            return list(holder)[MAX_NAMES].scalar.mistake(f"`{section}` declares more than {MAX_NAMES} names")
    return None


def _broken(fields: Fields, section: str, declared: Declared) -> None:
    holder = fields.get(section)  # type: ignore[call-overload]
    if isinstance(holder, Fields):
        declared.unreadable |= holder.broken


def _symbol(declared: Declared, key: Key, model: SymbolModel) -> None:
    about = model.about.text.strip() if model.about is not None else ""
    if model.function is not None:
        _function(declared, key, model, about)
        return
    sizes = [_size(declared, size) for size in model.shape or ()]
    if len(sizes) > 2 and model.shape is not None:
        extra = model.shape[2]
        declared.mistakes.append(
            extra.mistake(f"a shape has up to two sizes, not {len(sizes)}", "stack the samples in rows")
        )
    shape = _shape(sizes, declared.layout)
    misspelt = model.shape is None and model.place.broken - set(model.known_keys())
    if shape is None or misspelt or model.place.broken & {"shape", "function"}:
        declared.unreadable.add(key)
        return
    traits = tuple(trait.text for trait in _traits(declared, model.is_ or (), shape))
    declared.symbols[key] = Symbol(str(key), shape, traits, about)


def _function(declared: Declared, key: Key, model: SymbolModel, about: str) -> None:
    for name, other in (("shape", model.shape), ("is", model.is_)):
        if other is not None:
            declared.mistakes.append(key.scalar.mistake(f"the function `{key}` has no `{name}`", f"delete `{name}`"))
    plain = key.removesuffix("_prime").removesuffix("_second")
    if key in FUNCTIONS or key in ALIASES or key in ("D", "d", "matrix"):
        declared.mistakes.append(key.scalar.mistake(f"the language has a function `{key}` already", "rename this one"))
    elif plain != key and plain in declared.symbols and declared.symbols[plain].function:
        declared.mistakes.append(
            key.scalar.mistake(f"`{key}` is the derivative of the function `{plain}`", "rename one")
        )
    declared.symbols[key] = Symbol(str(key), SCALAR, (), about, "elementwise")


def _shape(sizes: list[Size | None], layout: Layout) -> Shape | None:
    read = [size for size in sizes if size is not None]
    if len(read) < len(sizes) or len(sizes) > 2:
        return None
    match read:
        case []:
            return SCALAR
        case [size]:
            return (ONE, size) if layout == "row" else (size, ONE)
    return (read[0], read[1])


def _size(declared: Declared, at: Scalar) -> Size | None:
    """The size that is written there, its names noted; None, with a mistake reported, where it is none."""
    try:
        size = read_size(at.text)
    except ReadError as error:
        declared.mistakes.append(at.mistake(error.message, error.hint, error.start, error.end))
        return None
    except ShapeError as error:
        declared.mistakes.append(at.mistake(error.message, error.hint))
        return None
    found = _bounds(size)
    if found:
        declared.mistakes.append(at.mistake(*found))
        return None
    free = {name for name in sorted(size.names) if declared.take(name, "a size", at)}
    declared.sizes |= free
    return size if free == size.names else None


def _bounds(size: Size) -> tuple[str, str] | None:
    if size.number is not None and not 1 <= size.number <= MAX_NUMBER:
        return f"the size {str(size)[:40]} is out of range", f"from 1 to {MAX_NUMBER}, or a name"
    large = any(abs(value) > MAX_NUMBER or value.denominator > MAX_NUMBER for _, value in size.terms)
    if large or any(sum(power for _, power in monomial) > MAX_DEGREE for monomial, _ in size.terms):
        return f"a size of a degree above {MAX_DEGREE}, or with numbers above {MAX_NUMBER}, is too large", "name it"
    return None


def _traits(declared: Declared, traits: Iterable[Scalar], shape: Shape) -> Iterator[Scalar]:
    """The traits that fit the shape and each other."""
    kept: list[Scalar] = []
    for trait in traits:
        found = unfit(TRAIT_TABLE[trait.text], shape)
        clash = next((other for other in kept if contradiction(trait.text, other.text)), None)
        if any(trait.text == other.text for other in kept):
            found = f"`{trait.text}` stands twice", "delete one"
        elif found is None and clash is not None:
            found = f"`{trait.text}` contradicts `{clash.text}`, or says it in another way", "keep one of them"
        if found is not None:
            declared.mistakes.append(trait.mistake(*found))
            continue
        kept.append(trait)
        yield trait


def in_order(texts: Mapping[str, str]) -> tuple[list[str], list[list[str]]]:
    """The definitions, each after those it mentions; and the circles among them, each as its names in order."""
    mentions = {name: [each for each in TOKEN.findall(text) if each in texts] for name, text in texts.items()}
    ordered: list[str] = []
    circles: list[list[str]] = []
    done: set[str] = set()
    for root in texts:
        path: dict[str, Iterator[str]] = {} if root in done else {root: iter(mentions[root])}
        while path:
            name = next(reversed(path))
            below = next(path[name], None)
            if below is None:
                del path[name]
                done.add(name)
                ordered.append(name)
            elif below in path:
                names = list(path)
                circles.append(names[names.index(below) :])
            elif below not in done:
                path[below] = iter(mentions[below])
    return ordered, circles
