"""Random losses by every route that applies: no wrong line, no crash, all routes agreeing."""

import pytest
from random_losses import attempt, draw

SEEDS = range(16)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_route_is_right_or_says_that_it_cannot(seed: int):
    said = attempt(seed)
    assert set(said.values()) <= {"verified", "refused"}, said
    assert said["chain"] == "verified"


def test_the_draw_repeats_and_varies():
    texts = {str(draw(seed)[0].define) for seed in SEEDS}
    assert len(texts) > len(SEEDS) * 0.8
    assert str(draw(3)[0].define) == str(draw(3)[0].define)
