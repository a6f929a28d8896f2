"""Values put in for symbols: numbers and lists against the shapes declared, and the sizes that they settle."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from solver.expr.nodes import Big, Idx, Node, SizeSym, Sym, Table, walk
from solver.expr.shapes import Shape, describe, is_single, is_vector
from solver.expr.sizes import Size
from solver.spec.forms import nested
from solver.spec.mistakes import nearest
from solver.spec.reading import Reading
from solver.spec.tree import Key, Scalar, Value

E = TypeVar("E")
MAX_ENTRIES = 400


@dataclass(frozen=True)
class Settled(Generic[E]):
    """Values by name (an entry, a tuple of them, or a tuple of rows), and the sizes that follow from them."""

    values: Mapping[str, E | tuple[E, ...] | tuple[tuple[E, ...], ...]]
    sizes: Mapping[str, int]


@dataclass
class _Settling(Generic[E]):
    reading: Reading
    convert: Callable[[Scalar], E | None]
    values: dict[str, E | tuple[E, ...] | tuple[tuple[E, ...], ...]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    later: list[tuple[Size, int, str, Value]] = field(default_factory=list)
    failed: bool = False

    def report(self, at: Value, message: str, hint: str = "") -> None:
        self.reading.report(at, message, hint)
        self.failed = True

    def put(self, key: Key, value: Value) -> None:
        rows = nested(value, "a value")
        if sum(map(len, rows)) > MAX_ENTRIES:
            self.report(value, f"more than {MAX_ENTRIES} values are put in", "show the point on a smaller size")
            return
        shape = self.shape(key, value, rows)
        if shape is None or not self.fits(key, value, rows, shape):
            return
        entries = [tuple(self.convert(each) for each in row) for row in rows]
        if any(each is None for row in entries for each in row):
            self.failed = True
            return
        read: list[tuple[E, ...]] = [tuple(each for each in row if each is not None) for row in entries]
        self.values[key] = read[0][0] if isinstance(value, Scalar) else tuple(read) if _deep(value) else read[0]

    def shape(self, key: Key, value: Value, rows: list[list[Scalar]]) -> Shape | None:
        """The shape declared for the name; None where it has none, or a size or an index was settled instead."""
        reading = self.reading
        symbols = reading.scope.symbols
        if key in symbols:
            return symbols[key].shape
        if key in reading.unreadable:
            self.failed = True
            return None
        if key in reading.sizes or key in reading.indices:
            number = rows[0][0].text
            if not isinstance(value, Scalar) or not re.fullmatch("[1-9][0-9]{0,2}", number):
                self.report(
                    value, f"`{key}` is {'a size' if key in reading.sizes else 'an index'}", "a whole number from 1 on"
                )
            elif key in reading.sizes:
                self.bind(Size.of(str(key)), int(number), key, value)
            else:
                return ()
            return None
        near = nearest(key, [*symbols, *reading.sizes, *reading.indices])
        self.report(key.scalar, f"`{key}` is not declared", f"write `{near}` instead" if near else "")
        return None

    def fits(self, key: Key, value: Value, rows: list[list[Scalar]], shape: Shape) -> bool:
        """Whether the value has the shape; the sizes it settles are noted."""
        what = describe(shape)
        if isinstance(value, Scalar):
            if not is_single(shape):
                self.report(value, f"`{key}` is {what}, and one value is given", "write a list of values: `[1, 0]`")
            return is_single(shape)
        if not shape:
            self.report(value, f"`{key}` is a scalar, and a list is given")
            return False
        counts = (len(rows), len(rows[0]))
        if is_vector(shape) and not _deep(value):
            counts = (1, counts[1]) if shape[0].number == 1 else (counts[1], 1)
        elif not _deep(value):
            self.report(value, f"`{key}` is {what}, and one list is given", "write a list of rows: `[[1, 0], [0, 1]]`")
            return False
        for size, count in zip(shape, counts, strict=True):
            self.bind(size, count, key, value)
        return not self.failed

    def bind(self, size: Size, count: int, key: str, value: Value) -> None:
        """`size = count`: settles a named size, or is looked at when the others are settled."""
        name = size.name
        if name is None:
            self.later.append((size, count, key, value))
        elif self.sizes.setdefault(name, count) != count:
            self.report(value, f"`{key}` makes {name} = {count}, and `{self.origin[name]}` made it {self.sizes[name]}")
        self.origin.setdefault(name or "", key)

    def close(self) -> None:
        """The sizes that are no single name must come out as counted."""
        for size, count, key, value in self.later:
            if size.names <= self.sizes.keys():
                try:
                    wanted = size.at(self.sizes)
                except ValueError as error:
                    self.report(value, str(error))
                    continue
                if wanted != count:
                    self.report(value, f"`{key}` has {count} entries along {size}, which is {wanted} here")
            else:
                free = sorted(size.names - self.sizes.keys())
                self.report(value, f"{size} = {count} does not settle {', '.join(free)}", f"add `{free[0]}: …`")


def settle(
    reading: Reading,
    entries: Mapping[Key, Value],
    needed: Iterable[Node],
    convert: Callable[[Scalar], E | None],
    at: Value,
) -> Settled[E] | None:
    """The values and the sizes that follow from them; None, with mistakes reported, where something does not fit.

    `needed` are the expressions to be evaluated: every symbol, size and index that they rest on must be settled.
    """
    settling = _Settling(reading, convert)
    for key, value in entries.items():
        settling.put(key, value)
    settling.close()
    if settling.failed:
        return None
    known = {*settling.values, *settling.sizes, *reading.variables}
    missing = _missing(reading, needed, known)
    for name, what in missing.items():
        settling.report(at, f"no value is given for the {what} `{name}`", f"add `{name}: …`")
    return None if settling.failed else Settled(settling.values, settling.sizes)


def _missing(reading: Reading, needed: Iterable[Node], known: set[str]) -> dict[str, str]:
    """What the expressions rest on, through definitions, and is not known: names with their kinds."""
    missing: dict[str, str] = {}
    waiting = list(needed)
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        bound = {index.name for part in walk(node) for index in _bound(part)}
        for part in walk(node):
            match part:
                case Sym(name) if name not in known and name not in seen:
                    seen.add(name)
                    if name in reading.define:
                        waiting.append(reading.define[name])
                    else:
                        missing[name] = "symbol"
                case Idx(name) if name not in known and name not in bound:
                    missing[name] = "index"
                case SizeSym(name) if name not in known:
                    missing[name] = "size"
                case Big() | Table():
                    ranges = {name for index in _bound(part) for name in index.range.names}
                    missing |= dict.fromkeys(ranges - known, "size")
    return missing


def _bound(node: Node) -> tuple[Idx, ...]:
    match node:
        case Big(index=index):
            return (index,)
        case Table(row=row, column=column):
            return (row, column)
    return ()


def _deep(value: Value) -> bool:
    return isinstance(value, list) and isinstance(value[0], list)
