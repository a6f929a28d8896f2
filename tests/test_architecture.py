"""The rooms: which may import which, and what importing them must not load."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from solver.methods.routes import ORDER
from solver.spec.problem import ROUTES

ROOT = Path(__file__).resolve().parents[1]
SOLVER = ROOT / "solver"
MAY_IMPORT = {
    "expr": {"expr"},
    "language": {"language"},
    "latex": {"expr", "latex"},
    "spec": {"expr", "language", "latex", "spec"},
    "check": {"expr", "spec", "check"},
    "rules": {"expr", "spec", "rules"},
    "methods": {"expr", "spec", "check", "rules", "methods"},
    "typeset": {"expr", "language", "spec", "check", "typeset"},
}
"""Data flows one way; the judge must not know how an argument was found."""
LIGHT = ("expr.nodes", "expr.derivation", "expr.functions", "spec.problem", "spec.paths", "record", "upkeep", "cli")
HEAVY = {"sympy", "matplotlib", "numpy", "flint", "pydantic", "jinja2", "ruamel"}


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """The modules a file imports, anywhere in it, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((f"{module}.{alias.name}", node.lineno) for alias in names)
            case ast.ImportFrom():
                raise AssertionError(f"{path}:{node.lineno}: a relative import hides where it leads")


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_from_those_above_it(room: str) -> None:
    files = sorted((SOLVER / room).rglob("*.py"))
    found = [(path, *each) for path in files for each in imports(path) if each[0].split(".")[0] == "solver"]
    assert len(files) > 1
    assert found or MAY_IMPORT[room] == {room}, f"no import was found in {room}: the scan is broken"
    for path, module, line in found:
        parts = module.split(".")
        top = len(parts) == 2 and not (SOLVER / parts[1]).is_dir()
        allowed = module == "solver.__version__" or (not top and parts[1] in MAY_IMPORT[room])
        assert allowed, f"{path.relative_to(ROOT)}:{line}: {room} may not import {module}"


def test_every_room_is_known() -> None:
    rooms = {path.parent.name for path in SOLVER.glob("*/__init__.py")}
    assert rooms == set(MAY_IMPORT)


@pytest.mark.parametrize("module", LIGHT)
def test_light_modules_stay_light(module: str) -> None:
    program = f"import sys, solver.{module}; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_every_route_that_a_file_may_name_is_there() -> None:
    assert set(ROUTES) <= {name for name, *_ in ORDER}


def test_nothing_a_file_says_is_evaluated() -> None:
    forbidden = {"eval", "exec", "sympify", "parse_expr", "__import__"}
    calls = [
        (path, node.lineno, node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
        for path in SOLVER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    ]
    assert len(calls) > 100
    assert [call for call in calls if call[2] in forbidden] == []


def test_dependencies_are_pinned() -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {*project["dependencies"], *project["optional-dependencies"]["test"]}
    assert wanted
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in wanted} <= names


def test_the_setup_looks_for_every_latex_package_of_the_templates() -> None:
    script = (ROOT / "tools" / "setup.sh").read_text()
    listed = re.search(r'^sty="(.*?)"', script, re.MULTILINE | re.DOTALL)
    assert listed
    known = set(listed[1].replace("\\\n", " ").split())
    used = {
        name.strip()
        for path in (ROOT / "templates").glob("*.j2")
        for group in re.findall(r"\\usepackage(?:\[.*?\])?\{([^}]*)\}", path.read_text(encoding="utf-8"))
        for name in group.split(",")
    }
    assert used
    # the class of large print, extarticle, comes with that package
    assert used | {"extsizes"} == known
