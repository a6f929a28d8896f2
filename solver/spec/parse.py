"""YAML 1.2 to a tree, with bounds on depth, on the number of values and on what aliases may repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from solver.spec.mistakes import Mistake, Mistakes, is_hidden
from solver.spec.rejoin import rejoined_entries, rejoined_items
from solver.spec.source import Source, describe_character
from solver.spec.traps import latex_escape, syntax_mistake
from solver.spec.tree import Fields, Items, Key, Scalar, Value, placed

MAX_DEPTH = 24
MAX_VALUES = 20_000


def parse(source: Source) -> tuple[Fields, list[Mistake]]:
    """The mapping that the file holds, and the mistakes that could be stepped over.

    Mistakes when it is not YAML, not one mapping, or out of bounds.
    """
    builder = _Builder(source)
    try:
        value = builder.document()
    except _Stop as stop:
        raise Mistakes([*builder.mistakes, stop.mistake]) from None
    except MarkedYAMLError as error:
        raise Mistakes([*builder.mistakes, syntax_mistake(source, error)]) from None
    except ReaderError as error:
        raise Mistakes([source.mistake(error.position, error.position + 1, "this character is not allowed")]) from None
    except YAMLError as error:
        raise Mistakes([source.mistake(0, 1, f"this is not YAML: {error}")]) from None
    if not isinstance(value, Fields):
        wanted = source.mistake(value.start, value.end, "read no mapping; wanted keys, such as `title: …`")
        raise Mistakes([*builder.mistakes, wanted])
    return value, builder.mistakes


class _Stop(Exception):
    """A mistake after which reading on makes no sense."""

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake


@dataclass
class _Builder:
    """Builds the tree from YAML's events, counting as it goes."""

    source: Source
    mistakes: list[Mistake] = field(default_factory=list)
    anchors: dict[str, Value | None] = field(default_factory=dict)
    """None while the anchored value is being read."""
    count: int = 0

    def __post_init__(self) -> None:
        self.events: Iterator[Any] = YAML(typ="safe", pure=True).parse(self.source.text)

    def document(self) -> Value:
        other = re.search(r"^%YAML(?!\s+1\.2\s*$).*", self.source.text, re.MULTILINE)
        if other is not None:
            raise _Stop(self.source.mistake(*other.span(), "problem files are YAML 1.2", "delete this line"))
        next(self.events)  # the start of the stream
        event = next(self.events)
        if isinstance(event, StreamEndEvent):
            raise _Stop(self.source.mistake(0, 1, "the file is empty"))
        if event.version is not None and tuple(event.version) != (1, 2):
            raise _Stop(self._over(event, "problem files are YAML 1.2", "delete this line"))
        value = self.value(next(self.events), 0)
        next(self.events)  # the end of the document
        event = next(self.events)
        if not isinstance(event, StreamEndEvent):
            raise _Stop(self._over(event, "a second document starts here", "one file holds one problem"))
        return value

    def value(self, event: Any, depth: int) -> Value:
        if isinstance(event, AliasEvent):
            return self.alias(event)
        if event.tag is not None:
            raise _Stop(self._over(event, "tags are not allowed", "a text that starts with `!` needs quotes"))
        if depth > MAX_DEPTH:
            raise _Stop(self._over(event, f"this is nested more than {MAX_DEPTH} deep"))
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.counted(event)
        value: Value
        if isinstance(event, ScalarEvent):
            value = self.scalar(event)
        elif isinstance(event, SequenceStartEvent):
            value = self.items(event, depth)
        else:
            value = self.fields(event, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def counted(self, event: Any) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            raise _Stop(self._over(event, f"more than {MAX_VALUES} values, those that aliases repeat included"))

    def alias(self, event: Any) -> Value:
        if event.anchor not in self.anchors:
            raise _Stop(
                self._over(event, f"`*` starts an alias, and no anchor is called `{event.anchor}`",
                           "a text that starts with `*` needs quotes")
            )  # fmt: skip
        value = self.anchors[event.anchor]
        if value is None:
            raise _Stop(self._over(event, f"the anchor `{event.anchor}` holds an alias to itself"))
        return self.copy(value, event)

    def copy(self, value: Value, event: Any) -> Value:
        self.counted(event)
        match value:
            case Scalar():
                return value
            case Items():
                items = Items(self.copy(item, event) for item in value)
                return placed(items, self.source, value.start, value.end)
            case Fields():
                fields = Fields((key, self.copy(item, event)) for key, item in value.items())
                return placed(fields, self.source, value.start, value.end)

    def scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        scalar = Scalar(event.value, event.style, self.source, start, end)
        if event.style == '"':
            self.escapes(scalar)
        return scalar

    def escapes(self, scalar: Scalar) -> None:
        start = scalar.start
        latex = latex_escape(self.source.text[start : scalar.end])
        if latex is not None:
            first, last, text = latex
            self.mistakes.append(
                self.source.mistake(
                    start + first, start + last, f"between double quotes the `{text[:2]}` of `{text}` is one character",
                    "write the text between single quotes: there a backslash is a backslash",
                )
            )  # fmt: skip
            return
        for index, char in enumerate(scalar.text):
            if char != "\n" and is_hidden(char):
                self.mistakes.append(scalar.mistake(f"{describe_character(char)} is not allowed", "", index, index + 1))
                return

    def items(self, event: Any, depth: int) -> Items:
        values: list[Value] = []
        while not isinstance(each := next(self.events), SequenceEndEvent):
            after = values[-1].end if values else event.start_mark.index
            values.append(_nothing_after(self.value(each, depth + 1), "-", after))
        if event.flow_style:
            values, cut = rejoined_items(values)
            self.mistakes += cut
        return placed(Items(values), self.source, event.start_mark.index, each.end_mark.index)

    def fields(self, event: Any, depth: int) -> Fields:
        entries: list[tuple[Scalar, Value]] = []
        while not isinstance(each := next(self.events), MappingEndEvent):
            key = self.value(each, depth + 1)
            value = self.value(next(self.events), depth + 1)
            if isinstance(key, Scalar):
                entries.append((key, _nothing_after(value, ":", key.end)))
            else:
                self.mistakes.append(key.mistake("a key is a text, not a list or a mapping", "put it in quotes"))
        if event.flow_style:
            entries, cut = rejoined_entries(entries)
            self.mistakes += cut
        fields = placed(Fields(), self.source, event.start_mark.index, each.end_mark.index)
        for key, value in entries:
            if key.text in fields:
                first = fields.key(key.text).scalar.place.line
                self.mistakes.append(key.mistake(f"the key `{key.text}` stands twice, first on line {first}"))
            else:
                fields[Key.of(key)] = value
        return fields

    def _over(self, event: Any, message: str, hint: str = "") -> Mistake:
        start = event.start_mark.index
        end = max(event.end_mark.index, start + 1)
        return self.source.mistake(start, end, message, hint)


def _nothing_after(value: Value, sign: str, after: int) -> Value:
    """A value that is not there, placed behind the sign that announces it; YAML has it where the next thing starts."""
    if not isinstance(value, Scalar) or value.style is not None or value.start < value.end:
        return value
    place = value.source.text.rfind(sign, after, value.start) + 1
    return Scalar(value.text, None, value.source, place, place) if place else value
