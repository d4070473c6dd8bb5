"""What the benchmark of activations says of runs that it did not make."""

from __future__ import annotations

import pytest

from benchmarks.activation.results import Estimate, Run, estimate
from benchmarks.activation.workload import Size, Stage

SMALL, MIDDLE, LARGE = Size(9, 1), Size(90, 10), Size(900, 100)


def taking(seconds: float, *, cut: bool = False) -> list[Run]:
    return [Run(seconds, seconds, 1, cut)]


@pytest.mark.parametrize(
    ("small", "middle", "expected"),
    [
        (taking(2), taking(20), Estimate(200)),
        (taking(11), taking(20), Estimate(110)),  # ten seconds to begin with
        (taking(3), taking(3), Estimate(3)),
        (taking(4), taking(3), Estimate(3)),  # noise
        (taking(2), taking(20, cut=True), None),
        (taking(2), None, None),
        (None, None, None),
    ],
)
def test_estimates(small: list[Run] | None, middle: list[Run] | None, expected: Estimate | None) -> None:
    runs = {(size, Stage.FIRST): found for size, found in ((SMALL, small), (MIDDLE, middle)) if found is not None}
    assert estimate(runs, LARGE, Stage.FIRST) == expected
    assert estimate(runs, LARGE, Stage.AGAIN) is None
    assert estimate(runs, MIDDLE, Stage.FIRST) is None


def test_the_two_largest_sizes_count() -> None:
    runs = {(size, Stage.FIRST): taking(seconds) for size, seconds in ((SMALL, 5.0), (MIDDLE, 5.0), (LARGE, 14.0))}
    assert estimate(runs, Size(9_000, 1_000), Stage.FIRST) == Estimate(104)
