"""A part asked in a few words, derived by a route and put before the judge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from solver.check.judge import judge
from solver.check.verdicts import Judgement
from solver.expr.derivation import Chain, Derivation
from solver.expr.write import write
from solver.methods import Established, derive
from solver.spec.load import load_problem
from solver.spec.problem import Problem


@dataclass(frozen=True)
class Asked:
    """One part: symbols as `name:shape:trait+trait`, definitions as `name = value`, the ask as YAML."""

    symbols: str
    ask: str
    define: tuple[str, ...] = ()
    layout: str = "column"
    answer: str = ""
    given: tuple[str, ...] = ()

    def problem(self, folder: Path) -> Problem:
        """The part in a problem file, read as any file is."""
        lines = ["title: asked", f"notation: {{vectors: {self.layout}}}", "symbols:"]
        for symbol in self.symbols.split():
            name, shape, traits, *_ = f"{symbol}::".split(":")
            if shape == "function":
                lines.append(f"  {name}: {{function: elementwise}}")
            else:
                lines.append(
                    f"  {name}: {{shape: [{shape}]" + (f", is: [{traits.replace('+', ', ')}]}}" if traits else "}")
                )
        if self.define:
            lines += ["define:", *(f'  {d.split(" = ")[0]}: "{d.split(" = ")[1]}"' for d in self.define)]
        if self.given:
            lines.append("given: [" + ", ".join(f'"{condition}"' for condition in self.given) + "]")
        lines += ["parts:", "  - id: p", "    ask: Find it.", f"    {self.ask}"]
        if self.answer:
            lines.append(f'    answer: "{self.answer}"')
        file = folder / "asked.yaml"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_problem(file)

    def by(self, route: str, folder: Path, earlier: tuple[Established, ...] = ()) -> tuple[Derivation, Judgement]:
        """The derivation by a route, and the judge's word on it."""
        problem = self.problem(folder)
        derivation = derive(problem, problem.parts[0], route, earlier)
        return derivation, judge(problem, problem.parts[0], derivation)


def why(judgement: Judgement) -> object:
    """What the judge objects to, for a failing test to show."""
    return (judgement.message, *judgement.replay_errors)


def lines(derivation: Derivation) -> list[str]:
    """Every line as it is printed, chain after chain."""
    chains = [block for block in derivation.blocks if isinstance(block, Chain)]
    return [line for chain in chains for line in (write(chain.start), *(write(step.rhs) for step in chain.steps))]


def rules(derivation: Derivation) -> list[str]:
    """The reasons of the lines, in order."""
    return [step.reason.rule for block in derivation.blocks if isinstance(block, Chain) for step in block.steps]
