"""What the benchmark of activations says of runs that it did not make."""

from __future__ import annotations

import pytest

from benchmarks.activation.results import PROBES, Estimate, Run, estimate
from benchmarks.activation.workload import Size, Stage

ONE, TEN = PROBES
MIDDLE, LARGE = Size(100, 10), Size(1_000, 100)


def taking(seconds: float, *, cut: bool = False) -> list[Run]:
    return [Run(seconds, seconds, 1, cut)]


@pytest.mark.parametrize(
    ("one", "ten", "middle", "expected"),
    [
        (taking(2), taking(2), taking(11), Estimate(101)),  # a tenth of a second for each file
        (taking(1), taking(10), taking(10), Estimate(100)),  # a second for each service
        (taking(1), taking(10), taking(19), Estimate(199)),
        (taking(5), taking(5), taking(5), Estimate(5)),
        (taking(5), taking(4), taking(3), Estimate(3)),  # noise
        (taking(1), taking(10), taking(10, cut=True), None),
        (taking(1), taking(10), None, None),
        (None, None, taking(10), None),
    ],
)
def test_estimates(
    one: list[Run] | None, ten: list[Run] | None, middle: list[Run] | None, expected: Estimate | None
) -> None:
    measured = ((ONE, one), (TEN, ten), (MIDDLE, middle))
    runs = {(size, Stage.FIRST): found for size, found in measured if found is not None}
    assert estimate(runs, LARGE, Stage.FIRST) == expected
    assert estimate(runs, LARGE, Stage.AGAIN) is None
    assert estimate(runs, MIDDLE, Stage.FIRST) is None


def test_the_largest_sizes_count() -> None:
    seconds = {ONE: 1, TEN: 10, MIDDLE: 10, LARGE: 1000}
    runs = {(size, Stage.FIRST): taking(each) for size, each in seconds.items()}
    assert estimate(runs, Size(10_000, 200), Stage.FIRST) == Estimate(1000 + 100 + 9000)
