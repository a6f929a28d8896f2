"""The page's fonts for the figures: TeX Gyre Pagella from the system's TeX, else the serif that matplotlib brings."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FAMILY = "TeX Gyre Pagella of the sheet"
_FACES = (("qplr", "normal", 400), ("qplri", "italic", 400), ("qplb", "normal", 700), ("qplbi", "italic", 700))
_FOLDERS = (
    Path("/usr/share/texmf/fonts/type1/public/tex-gyre"),
    Path("/usr/share/texlive/texmf-dist/fonts/type1/public/tex-gyre"),
    Path("/usr/share/fonts/X11/Type1"),
)
_SUBSTITUTE = {"font.family": "STIXGeneral", "mathtext.fontset": "stix"}


def settings() -> dict[str, object]:
    """matplotlib's settings for text and formulas in the page's hand."""
    return _pagella() or dict(_SUBSTITUTE)


def _pagella() -> dict[str, object] | None:
    from matplotlib import font_manager

    known = {Path(entry.fname).name for entry in font_manager.fontManager.ttflist if entry.name == FAMILY}
    for name, style, weight in _FACES:
        file = f"{name}.pfb"
        if file in known:
            continue
        found = _find(file)
        if found is None:
            return None
        entry = font_manager.FontEntry(
            fname=str(found), name=FAMILY, style=style, variant="normal", weight=weight, stretch="normal",
            size="scalable",
        )  # fmt: skip
        font_manager.fontManager.ttflist.append(entry)
    return {
        "font.family": FAMILY, "mathtext.fontset": "custom", "mathtext.rm": FAMILY, "mathtext.it": f"{FAMILY}:italic",
        "mathtext.bf": f"{FAMILY}:bold", "mathtext.bfit": f"{FAMILY}:italic:bold",
        "mathtext.cal": f"{FAMILY}:italic", "mathtext.sf": FAMILY,
        "mathtext.tt": FAMILY, "mathtext.fallback": "stix",
    }  # fmt: skip


def _find(file: str) -> Path | None:
    for folder in _FOLDERS:
        if (folder / file).is_file():
            return folder / file
    finder = shutil.which("kpsewhich")
    if finder is None:
        return None
    done = subprocess.run([finder, file], capture_output=True, text=True, check=False, timeout=20)
    path = Path(done.stdout.strip())
    return path if done.returncode == 0 and path.is_file() else None
