"""Running TeX: in a folder of its own, without a shell, within limits of time and memory.

    compile_pdf(tex, assets, jobname="sheet") -> Compiled      `.notes` given to the next time save a run
    build(render, assets)                     -> (tex, Compiled), lines broken again where TeX found them too wide

The runner gives bytes back; putting them in place is the caller's. Two kinds of failure: `MachineError` (no TeX, out of
time, disk full: one sentence) and `TexError` (TeX refused the file: its first error and the problem it came from).
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 60
"""How long one run of TeX may take."""
MEMORY = 2 * 1024**3
"""How much memory, in bytes, a run of TeX may take."""
OUTPUT = 256 * 1024**2
RUNS = 3
NOTES = (".aux", ".out")
"""How the files end in which TeX writes down where things stand."""
EPOCH = "1"
"""The date that stands for every date in a PDF, so that the same input gives the same bytes."""
PACKAGES = "texlive-latex-extra, texlive-fonts-recommended and tex-gyre"
OVERFULL = 1.0
"""How far, in points, a line may stand out before it is too wide."""


class MachineError(Exception):
    """The machine lacks something; the message is one sentence that says what."""


class TexError(Exception):
    """TeX refused the file. `problem` and `part` name the place it came from, where it is known."""

    def __init__(self, message: str, problem: str = "", part: str = "", line: int = 0) -> None:
        where = f"problem {problem}" + (f", part {part}" if part else "") if problem else f"line {line}" if line else ""
        super().__init__(f"{where}: {message}" if where else message)
        self.message, self.problem, self.part, self.line = message, problem, part, line


@dataclass(frozen=True)
class Overfull:
    """A line that stands out of its box, in points, and the problem it belongs to."""

    points: float
    problem: str = ""
    part: str = ""


@dataclass(frozen=True)
class Compiled:
    """A PDF's bytes and what TeX had to say: lines too wide, glyphs that the fonts lack, the log."""

    pdf: bytes
    overfull: tuple[Overfull, ...]
    missing: tuple[str, ...]
    log: str
    runs: int
    notes: Mapping[str, bytes] = field(default_factory=dict)
    """Where things stand, as TeX has written it down for itself: its .aux and .out."""


def compile_pdf(
    tex: str, assets: Mapping[str, bytes] | None = None, *, jobname: str = "sheet",
    notes: Mapping[str, bytes] | None = None,
) -> Compiled:  # fmt: skip
    """The PDF of a LaTeX file and the files it includes, run until its references stand still.

    `notes` are those of the last time: where they are still right, one run will do, and it gives the same bytes.
    """
    program = shutil.which("pdflatex")
    if program is None:
        raise MachineError(f"pdflatex is not installed: install {PACKAGES}")
    try:
        with tempfile.TemporaryDirectory(prefix="worked-tex-") as folder:
            try:
                return _compile(Path(folder), program, tex, assets or {}, jobname, notes or {})
            except TexError:
                if not notes:
                    raise
                # of another state of the file, or not TeX's own
        with tempfile.TemporaryDirectory(prefix="worked-tex-") as folder:
            return _compile(Path(folder), program, tex, assets or {}, jobname, {})
    except OSError as error:
        raise MachineError(f"TeX could not work in the temporary folder: {error.strerror or error}") from error


def _compile(
    folder: Path, program: str, tex: str, assets: Mapping[str, bytes], jobname: str, notes: Mapping[str, bytes]
) -> Compiled:
    (folder / f"{jobname}.tex").write_text(tex, encoding="utf-8")
    for name, content in (*assets.items(), *notes.items()):
        (folder / name).write_bytes(content)
    seen = dict(notes)
    run = 0
    while run < RUNS:
        run += 1
        # a first run without notes only finds where things stand, and writes no page
        status, output = _run(folder, program, jobname, draft=run == 1 and not notes)
        log = _log(folder / f"{jobname}.log") or output
        if status != 0:
            raise _failure(log, tex)
        state = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in NOTES}
        if state == seen:
            break
        seen = state
    pdf = folder / f"{jobname}.pdf"
    if not pdf.exists():
        raise TexError("TeX made no page")
    return Compiled(pdf.read_bytes(), _overfull(log, tex), _missing(log), log, run, seen)


def _run(folder: Path, program: str, jobname: str, *, draft: bool) -> tuple[int, str]:
    command = [program, "-no-shell-escape", "-halt-on-error", "-file-line-error", "-interaction=nonstopmode"]
    command += ["-draftmode", jobname] if draft else [jobname]
    try:
        done = subprocess.run(
            command, cwd=folder, env=_environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS, preexec_fn=_limits, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise MachineError(f"TeX did not finish within {SECONDS} seconds") from error
    return done.returncode, done.stdout.decode("utf-8", "replace")


def _environment(folder: Path) -> dict[str, str]:
    """What TeX may see: its own trees and this folder; no date but ours, no line broken in the log."""
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "TEXMFDIST")}
    return kept | {
        "openin_any": "p", "openout_any": "p", "shell_escape": "f", "TEXMFOUTPUT": str(folder), "HOME": str(folder),
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", EPOCH), "FORCE_SOURCE_DATE": "1", "TZ": "UTC",
        "max_print_line": "1000", "error_line": "254", "half_error_line": "238",
    }  # fmt: skip


def _limits() -> None:
    """Limits of the child process; its own group, so that nothing outlives it."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # only for a run that outlives its parent: the parent's clock is the one that speaks
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 5, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- reading the log ----------------------------------------------------------------------------------------------


def _log(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace") if path.exists() else ""


def _failure(log: str, tex: str) -> Exception:
    """The first real error: a missing package is the machine's, the rest is the file's."""
    missing = re.search(r"File `([^']+\.(?:sty|cls|fd|tfm|pfb|ldf|def))' not found", log)
    if missing:
        return MachineError(f"TeX lacks {missing[1]}: install {PACKAGES}")
    if "TeX capacity exceeded" in log:
        return TexError("the sheet is larger than TeX can hold: " + _first(log, r"TeX capacity exceeded[^\n]*"))
    if re.search(r"[Nn]o space left|write error|[Dd]isk full|File size limit", log):
        return MachineError("TeX could not write its files: the disk is full")
    found = re.search(r"^[^\n:]*\.tex:(\d+): ([^\n]+)(?:\n(?:l\.\d+ ([^\n]*))?)?", log, re.MULTILINE)
    if found:
        line = int(found[1])
        context = re.search(rf"^l\.{line} ([^\n]*)", log, re.MULTILINE)
        message = found[2].strip() + (f" — at {context[1].strip()!r}" if context and context[1].strip() else "")
        return TexError(message, *place(tex, line), line=line)
    # an error inside a package, named by the package's own file
    found = re.search(r"^(?:! |\S+:\d+: )([^\n]+)", log, re.MULTILINE)
    if found:
        return TexError(found[1].strip())
    return MachineError("TeX stopped without a word: it may have run out of memory")


def _first(log: str, pattern: str) -> str:
    found = re.search(pattern, log)
    return found[0] if found else ""


def place(tex: str, line: int) -> tuple[str, str]:
    """The problem and part that a line of the LaTeX belongs to, by the comments that the templates write."""
    for text in reversed(tex.splitlines()[:line]):
        found = re.match(r"% problem: ([\w-]+)(?:, part: ([\w-]+))?", text)
        if found:
            return found[1], found[2] or ""
        if text.startswith(r"\begin{document}"):
            break
    return "", ""


def _overfull(log: str, tex: str) -> tuple[Overfull, ...]:
    pattern = r"Overfull \\hbox \(([\d.]+)pt too wide\)[^\n]*?(?:at lines? (\d+)|has occurred)"
    wide = [(float(m[1]), int(m[2] or 0)) for m in re.finditer(pattern, log)]
    return tuple(
        Overfull(points, *(place(tex, line) if line else ("", ""))) for points, line in wide if points > OVERFULL
    )


def _missing(log: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"Missing character: There is no ([^\n]+?)!?$", log, re.MULTILINE)))


# --- breaking lines again -----------------------------------------------------------------------------------------

SQUEEZES = (1.0, 0.9, 0.78)
"""How narrow the measure is taken, one try after another, while TeX finds lines too wide."""


def build(
    render: Callable[[float], str], assets: Mapping[str, bytes] | None = None, *, jobname: str = "sheet",
    notes: Mapping[str, bytes] | None = None,
) -> tuple[str, Compiled]:  # fmt: skip
    """The LaTeX that `render(squeeze)` gives and its PDF: the first without lines too wide, else the best there is."""
    best: tuple[str, Compiled] | None = None
    for squeeze in SQUEEZES:
        tex = render(squeeze)
        done = compile_pdf(tex, assets, jobname=jobname, notes=notes)
        if best is None or _excess(done) < _excess(best[1]):
            best = (tex, done)
        if not done.overfull:
            break
    assert best is not None, "there is at least one try"
    return best


def _excess(done: Compiled) -> float:
    return sum(each.points for each in done.overfull)
