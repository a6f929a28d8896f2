"""What problems of machine learning have asked for: forms that an answer may have, and that a result ends in."""

from __future__ import annotations

from pathlib import Path

import pytest
from asked import Asked, why

from solver.expr.write import write
from solver.methods import CannotDerive


def test_a_condition_counts_at_its_edge_where_nothing_is_differentiated(tmp_path: Path):
    with pytest.raises(CannotDerive):
        Asked("x", 'prove: "indicator(x > 0) == indicator(x >= 0)"').by("identity", tmp_path)
    _, judgement = Asked("x", "derivative: {of: relu(x), wrt: x}", answer="indicator(x >= 0)").by("scalar", tmp_path)
    assert judgement.verdict == "verified", why(judgement)


def test_one_minus_a_sigmoid_of_the_opposite_is_the_sigmoid(tmp_path: Path):
    asked = Asked("U:d,k v:d", 'gradient: {of: "-sum(log(sigmoid(-U[:, j].T @ v)) for j in k)", wrt: v}')
    derivation, judgement = asked.by("chain", tmp_path)
    assert judgement.verdict == "verified", why(judgement)
    assert write(derivation.result) == "sum(sigmoid(U[:, j].T @ v)*U[:, j] for j in k)"
