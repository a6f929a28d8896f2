"""Values that a comma has cut inside braces or brackets: joined again, each with the quotes that cure it.

{of: f(a, b), wrt: x}     YAML reads `of: f(a`, a key `b)` without a value, `wrt: x`
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from solver.spec.mistakes import Mistake
from solver.spec.traps import after_closing, cure
from solver.spec.tree import Scalar, Value

Entry = tuple[Scalar, Value]


def rejoined_items(items: Sequence[Value]) -> tuple[list[Value], list[Mistake]]:
    """`f(a`, `b)` -> `f(a, b)`."""
    kept: list[Value] = []
    mistakes: list[Mistake] = []
    starts = [item.start for item in items]
    end = -1
    for item in items:
        if item.start < end:
            continue
        whole = _to_closing(item, starts)
        if whole is not None:
            mistakes.append(_cut(item, whole, ""))
            end = whole.end
        kept.append(whole or item)
    return kept, mistakes


def rejoined_entries(entries: Sequence[Entry]) -> tuple[list[Entry], list[Mistake]]:
    """`of: f(a`, `b)` -> `of: f(a, b)`; `about: one`, `two` -> `about: one, two`; `a:1` is dropped."""
    kept: list[Entry] = []
    mistakes: list[Mistake] = []
    starts = [key.start for key, _ in entries]
    end = -1
    for number, (key, value) in enumerate(entries):
        if key.start < end:
            continue
        whole = _to_closing(value, starts) or _through(value, entries[number + 1 :])
        if whole is not None:
            mistakes.append(_cut(value, whole, f"{key.text}: "))
            end = whole.end
        elif _absent(value) and ":" in key.text and key.style is None:
            name, _, rest = key.text.partition(":")
            mistakes.append(key.mistake("there is no blank after the colon", f"write `{name}: {rest}`"))
            continue
        kept.append((key, whole or value))
    return kept, mistakes


def _cut(value: Value, whole: Scalar, name: str) -> Mistake:
    read = whole.source.text[value.start : value.end][:60]
    return whole.mistake(
        f"between braces or brackets a plain value ends at the comma: read `{read}`",
        cure(whole.text, name),
    )


def _plain(value: Value) -> bool:
    return isinstance(value, Scalar) and value.style is None and value.start < value.end


def _absent(value: Value) -> bool:
    return isinstance(value, Scalar) and value.style is None and value.start == value.end


def _to_closing(value: Value, starts: Sequence[int]) -> Scalar | None:
    """A plain value whose brackets do not close, with what stands up to where they do, if other values start there."""
    if not isinstance(value, Scalar) or not _plain(value) or value.text.count("(") <= value.text.count(")"):
        return None
    end = after_closing(value.source.text, value.start)
    if end is None or bisect_left(starts, value.end) == bisect_left(starts, end):
        return None
    return Scalar(value.source.text[value.start : end], None, value.source, value.start, end)


def _through(value: Value, following: Sequence[Entry]) -> Scalar | None:
    """A plain value with the keys after it that have no values: a text with commas."""
    end = None
    for key, other in following:
        if not _absent(other) or key.style is not None or ":" in key.text:
            break
        end = key.end
    if end is None or not isinstance(value, Scalar) or not _plain(value):
        return None
    return Scalar(value.source.text[value.start : end], None, value.source, value.start, end)
