"""Files that appear whole or not at all, in a folder that nothing leads out of."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

_UNSAFE = re.compile(r"[^\w.-]+")


class NoOutput(Exception):
    """Where the output should go cannot be used: one sentence."""


def folder(base: Path, name: str) -> Path:
    """The folder of a sheet under `base`, made when missing; NoOutput where it is a link that leads elsewhere."""
    safe = _UNSAFE.sub("-", name).strip(".-")[:100] or "sheet"
    target = base / safe
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise NoOutput(f"{target} is not a folder of its own; remove it, or choose another place with -o")
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoOutput(f"{target} cannot be made: {error.strerror}") from None
    return target


def replace(path: Path, content: bytes) -> None:
    """The file holds `content` from one moment to the next: written beside it, brought to disk, moved over it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove(target: Path, stem: str) -> bool:
    """Removes every file of one form (`solutions.pdf`, …) and what a killed build left; whether one was there."""
    had = any(os.path.lexists(target / f"{stem}.{ending}") for ending in ("pdf", "html"))
    for path in (
        *(target / f"{stem}.{ending}" for ending in ("pdf", "html", "json", "tex")),
        *target.glob(f".{stem}.*.part"),
    ):
        path.unlink(missing_ok=True)
    return had
