"""The demonstration, told in silence: every step of it is checked by the story itself."""

from __future__ import annotations

import pytest

from demo.narrator import Narrator
from demo.story import tell
from tests.support.machine import Machine

pytestmark = [pytest.mark.machine, pytest.mark.every_suite]


def test_demo(machine: Machine) -> None:
    tell(Narrator(machine, aloud=False, coloured=False))
