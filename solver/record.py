"""The record beside each PDF: from which files it was made, by what, and what was checked.

It is compared by hashing files, with nothing but the standard library, so that a build with nothing to do starts no
mathematics.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType

from solver import __version__

VERSION = 1
PACKAGES = ("jinja2", "matplotlib", "numpy", "pydantic", "python_flint", "ruamel_yaml", "sympy")
"""The libraries whose versions may change what stands on a page."""


class BadRecord(Exception):
    """A record that is missing or cannot be read: one sentence."""


@dataclass(frozen=True)
class Checked:
    """What was verified: counts, sample points a line, and the seed they were drawn with."""

    parts: int
    lines: int
    verified: int
    points: int
    seed: int = 0


@dataclass(frozen=True)
class Record:
    """`inputs` and `outputs` are digests by path, relative to the record; `program` says what made them.

    `read_back` is how many formulas of the page were read back from their LaTeX and found to be what was checked.
    """

    sheet: str
    form: str
    inputs: Mapping[str, str]
    program: Mapping[str, str]
    checked: Checked
    outputs: Mapping[str, str] = field(default_factory=dict)
    tex: str = ""
    read_back: int = 0
    asked: Mapping[str, str] = field(default_factory=dict)
    """What the command line said of the page."""
    page: Mapping[str, str] = field(default_factory=dict)
    """How it was set: `paper` and `size` of print."""
    version: int = VERSION

    @property
    def name(self) -> str:
        """The record's own digest, printed on every page: of all but the files that were made."""
        content = {key: value for key, value in asdict(self).items() if key not in ("outputs", "tex", "read_back")}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def text(self) -> str:
        return json.dumps({"record": self.name, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(files: Iterable[Path], base: Path) -> dict[str, str]:
    """The digest of each file, by its path from `base`."""
    found = {os.path.relpath(path, base): digest(path) for path in files}
    return dict(sorted(found.items()))


def program(templates: Path) -> dict[str, str]:
    """What makes the pages: the version, the digest of our own source and templates, Python and the libraries."""
    source = hashlib.sha256()
    for root in (Path(__file__).parent, templates):
        for path in sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            source.update(f"{path.relative_to(root)}\0{digest(path)}\0".encode())
    return {"worked": __version__, "source": source.hexdigest(), "python": platform.python_version(), **_packages()}


def _packages() -> dict[str, str]:
    """Installed versions, read off the names of the folders that describe them: quicker than asking for each."""
    versions: dict[str, str] = {}
    for place in sys.path:
        if place.endswith("-packages") and os.path.isdir(place):
            for entry in os.listdir(place):
                name, dash, version = entry.removesuffix(".dist-info").partition("-")
                if entry.endswith(".dist-info") and dash and name.lower() in PACKAGES:
                    versions.setdefault(name.lower(), version)
    return dict(sorted(versions.items()))


def load(path: Path) -> Record:
    """The record in a file; BadRecord where there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        name = content.pop("record")
        record = Record(**{**content, "checked": Checked(**content["checked"])})
    except FileNotFoundError:
        raise BadRecord(f"there is no record {path}") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise BadRecord(f"the record {path} cannot be read") from None
    if record.version != VERSION or record.name != name:
        raise BadRecord(f"the record {path} is not as it was written")
    return record


def complaints(path: Path, inputs: Iterable[Path] | None = None) -> list[str]:
    """Why the record's files are not the ones it speaks of: a sentence each, none when all is as it was.

    `inputs` are the files the sheet is made of now; without them, those the record names are looked at.
    """
    record = load(path)
    base = path.parent
    found = []
    for name, expected in record.outputs.items():
        found += _compare(base / name, name, expected, "is not the one that was made")
    for name, expected in record.inputs.items():
        found += _compare(base / name, name, expected, "has changed since")
    if inputs is not None:
        new = {os.path.relpath(each, base) for each in inputs} - set(record.inputs)
        found += [f"{name} is new" for name in sorted(new)]
    return found


def _compare(path: Path, name: str, expected: str, otherwise: str) -> list[str]:
    try:
        return [] if digest(path) == expected else [f"{name} {otherwise}"]
    except OSError:
        return [f"{name} is missing"]


def is_current(
    path: Path, inputs: Iterable[Path], made_by: Mapping[str, str], asked: Mapping[str, str] = MappingProxyType({})
) -> bool:
    """Whether the PDF beside the record is what a build would make now."""
    try:
        found = load(path)
        return (dict(found.program), dict(found.asked)) == (dict(made_by), dict(asked)) and not complaints(path, inputs)
    except BadRecord:
        return False
