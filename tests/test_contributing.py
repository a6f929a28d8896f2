"""The changes that CONTRIBUTING.md shows are applied to a copy, and do there what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DIFFS = re.findall(r"```diff\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)


def files(diff: str) -> Iterator[tuple[str, list[str]]]:
    """The path and the hunks of each file that a diff changes."""
    for part in re.split(r"^--- [^\n]+\n", diff, flags=re.MULTILINE)[1:]:
        path, _, body = part.partition("\n")
        assert path.startswith("+++ b/"), path
        yield path.removeprefix("+++ b/"), re.split(r"^(?=@@)", body, flags=re.MULTILINE)[1:]


def applied(text: str, hunk: str) -> str:
    """The text with one hunk applied: after the line its head names, in the place of its context, or at the end."""
    head, *lines = hunk.splitlines()
    old = [line[1:] for line in lines if line[:1] != "+"]
    new = [line[1:] for line in lines if line[:1] != "-"]
    known = text.splitlines()
    anchor = head.removeprefix("@@").strip()
    start = known.index(next(line for line in known if line.strip() == anchor)) + 1 if anchor else 0
    if not old:
        at = start if anchor else len(known)
    else:
        at = next(k for k in range(start, len(known)) if known[k : k + len(old)] == old)
    return "\n".join([*known[:at], *new, *known[at + len(old) :]]) + "\n"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with every change applied."""
    root = tmp_path_factory.mktemp("changed")
    for name in ("solver", "templates"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for diff in DIFFS:
        for name, hunks in files(diff):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            for hunk in hunks:
                text = applied(text, hunk)
            path.write_text(text, encoding="utf-8")
    return root


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command `worked` of the copy."""
    return subprocess.run(
        [sys.executable, "-c", "import sys; sys.path.insert(0, '.'); from solver.cli import main; main()", *words],
        cwd=copy, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_there_is_a_change_of_every_kind() -> None:
    changed = {name for diff in DIFFS for name, _ in files(diff)}
    for room in ("problems/", "solver/expr", "solver/rules", "solver/methods", "solver/spec", "solver/language"):
        assert any(name.startswith(room) for name in changed), room


def test_the_new_problem_is_verified_and_the_new_route_derives_it(copy: Path) -> None:
    done = run(copy, "check", "problems/activations")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 part" in done.stdout
    done = run(copy, "derive", "problems/activations/swish.yaml", "--by", "product")
    assert done.returncode == 0, done.stderr
    assert "route product: verified" in done.stdout


def test_the_new_figure_is_drawn(copy: Path) -> None:
    (copy / "bars.yaml").write_text(
        "symbols: {z: {shape: [N]}}\nfigure: {bars: {of: softmax(z), at: {z: [0, 1, 2]}}}\nparts: [{simplify: 1}]\n"
    )
    program = (
        "import sys; sys.path.insert(0, '.'); from pathlib import Path; from solver.spec.load import load_problem;"
        "from solver.language.catalogue import catalogue; from solver.typeset.figures import draw;"
        "p = load_problem(Path('bars.yaml')); print(draw(p.figures[0], p, catalogue('en')).alternative)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=False)
    assert done.stdout == "Bars for the entries of softmax(z), from 0.09003 to 0.6652.\n", done.stderr


def test_the_new_function_and_rule_and_words_are_whole(copy: Path) -> None:
    shutil.copytree(ROOT / "tests" / "rules", copy / "tests" / "rules", dirs_exist_ok=True)
    shutil.copy(ROOT / "tests" / "test_language.py", copy / "tests" / "test_language.py")
    tests = ["tests/rules/test_examples.py", "tests/test_language.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-x", "-p", "no:cacheprovider", *tests, "-k", "inverse or language"],
        cwd=copy, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "test_applies[inverse of the inverse" in done.stdout
    assert "test_a_language_says_everything_and_fills_in_the_same[de] PASSED" in done.stdout
