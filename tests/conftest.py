"""Fixtures for all rings. A test whose tools are missing is skipped by name with the reason; under CI it fails."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.support import machine as machines
from tests.support import oracle as nix_oracle
from tests.support.machine import Machine
from tests.support.oracle import Oracle
from tests.support.roots import UnavailableError

_UNDER_CI = os.environ.get("CI") == "true"

# How long an example takes says more about the machine than about what is tested. Under CI the examples are the same
# every time; new ones are for those who can look at what they find.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=_UNDER_CI
)
settings.load_profile("unhurried")

# Whoever runs the tests in the background has it ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write new expected output into the corpora, not compare")
    parser.addoption("--suite", choices=machines.SUITES, default=machines.SUITE, help="the Debian of test machines")
    parser.addoption("--every-nix", action="store_true", help="compare programs with Nix 2.34, too, not only with 2.26")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether expected output is to be written."""
    return bool(request.config.getoption("--accept"))


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it where everything must be there."""
    if _UNDER_CI:
        pytest.fail(f"under CI nothing may be skipped: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def nix_of() -> Callable[[str], Oracle]:
    """Real Nix of a version. What one user shares with it, the next does not see."""

    @functools.cache
    def root(version: str) -> Path:
        try:
            return nix_oracle.nix(version).root
        except UnavailableError as error:
            unavailable(str(error))

    return lambda version: Oracle(root(version))


@pytest.fixture
def oracle(nix_of: Callable[[str], Oracle]) -> Oracle:
    """A real Nix 2.26."""
    return nix_of("2.26")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that is marked so on every suite, all others on the one that was chosen; likewise versions of Nix."""
    if "suite" in metafunc.fixturenames:
        every = metafunc.definition.get_closest_marker("every_suite") is not None
        metafunc.parametrize("suite", machines.SUITES if every else [metafunc.config.getoption("--suite")])
    if "nix_version" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-nix")
        metafunc.parametrize("nix_version", [*nix_oracle.SUITES] if every else ["2.26"])


@functools.cache
def _why_no_machine(suite: str) -> str | None:
    try:
        machines.layers(suite)
    except UnavailableError as error:
        return str(error)
    return None


@pytest.fixture
def new_machine(suite: str) -> Iterator[Callable[..., Machine]]:
    """Makes machines, with the arguments of :func:`tests.support.machine.machine`; they end with the test."""
    if (reason := _why_no_machine(suite)) is not None:
        unavailable(reason)
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(machines.machine(suite=suite, **options))


@pytest.fixture
def machine(new_machine: Callable[..., Machine]) -> Machine:
    """A freshly booted Debian machine with this checkout installed."""
    return new_machine()
