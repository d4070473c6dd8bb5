"""The digits of a float as C++ Nix writes them in JSON.

They are those of Grisu2 (F. Loitsch, "Printing floating-point numbers quickly and accurately with integers",
PLDI 2010): enough to read the same float back, but for one number in twenty not the shortest or not the closest, so
Python's ``repr`` will not do. Numbers here are pairs of a 64-bit significand ``f`` and an exponent ``e``: f * 2**e.
"""

from __future__ import annotations

import math
from functools import cache

_MASK = 2**64 - 1

# The product with a power of ten shall have its binary exponent between these.
_LOWEST_EXPONENT = -60

# The known powers of ten are 10 ** (-300 + 8 * index).
_FIRST_POWER, _POWER_STEP = -300, 8


def decimal_digits(number: float) -> tuple[str, int]:
    """Digits and exponent of a positive, finite float: it reads back from ``digits * 10 ** exponent``."""
    lower, value, upper = _boundaries(number)
    power_f, power_e, power = _cached_power(upper[1])
    exponent = upper[1] + power_e + 64
    # One unit on each side makes up for the rounding of the products.
    low = _product(lower[0], power_f) + 1
    high = _product(upper[0], power_f) - 1
    digits, shift = _generate(low, _product(value[0], power_f), high, -exponent)
    return digits, shift - power


def _boundaries(number: float) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """The middles between the float and its neighbours, and the float, all with 64 bits."""
    mantissa, exponent = math.frexp(number)
    f, e = int(mantissa * 2**53), exponent - 53
    if e < -1074:  # subnormal: fewer bits
        f, e = f >> (-1074 - e), -1074
    closer = f == 2**52 and e > -1074
    upper_f, upper_e = 2 * f + 1, e - 1
    lower_f, lower_e = (4 * f - 1, e - 2) if closer else (2 * f - 1, e - 1)
    shift = 64 - upper_f.bit_length()
    upper = (upper_f << shift, upper_e - shift)
    lower = (lower_f << lower_e - upper[1], upper[1])
    return lower, (f << e - upper[1], upper[1]), upper


@cache
def _power_of_ten(power: int) -> tuple[int, int]:
    """10 ** power, rounded to 64 bits."""
    if power >= 0:
        value = 10**power
        e = value.bit_length() - 64
        f = value << -e if e <= 0 else (value + (1 << e - 1)) >> e
    else:
        divisor = 10**-power
        e = -(divisor.bit_length() + 64)
        f = ((1 << -e + 1) // divisor + 1) >> 1
        while f.bit_length() > 64:
            f, e = ((1 << -(e + 1) + 1) // divisor + 1) >> 1, e + 1
    return f, e


def _cached_power(exponent: int) -> tuple[int, int, int]:
    """A power of ten that brings a number with this binary exponent into range."""
    distance = _LOWEST_EXPONENT - exponent - 1
    # 78913 / 2**18 is the logarithm of 2 to base 10.
    least = int(distance * 78913 / 2**18) + (1 if distance > 0 else 0)
    index = (-_FIRST_POWER + least + _POWER_STEP - 1) // _POWER_STEP
    power = _FIRST_POWER + _POWER_STEP * index
    return (*_power_of_ten(power), power)


def _product(left: int, right: int) -> int:
    """The upper half of the product, rounded."""
    return (left * right + (1 << 63)) >> 64


def _generate(low: int, value: int, high: int, bits: int) -> tuple[str, int]:
    """The shortest digits between ``low`` and ``high`` and their exponent; ``bits`` is where the fraction starts."""
    delta, distance = high - low, high - value
    one = 1 << bits
    whole, fraction = high >> bits, high & one - 1
    remaining = len(str(whole))
    digits: list[int] = []
    while remaining:
        remaining -= 1
        unit = 10**remaining
        digits.append(whole // unit)
        whole %= unit
        rest = (whole << bits) + fraction
        if rest <= delta:
            _weed(digits, distance, delta, rest, unit << bits)
            return _joined(digits), remaining
    exponent = 0
    while True:
        fraction *= 10
        digits.append(fraction >> bits)
        fraction &= one - 1
        exponent -= 1
        delta *= 10
        distance *= 10
        if fraction <= delta:
            _weed(digits, distance, delta, fraction, one)
            return _joined(digits), exponent


def _weed(digits: list[int], distance: int, delta: int, rest: int, unit: int) -> None:
    """Lower the last digit while that brings the result closer to the float."""
    while (
        rest < distance
        and delta - rest >= unit
        and (rest + unit < distance or distance - rest > rest + unit - distance)
    ):
        digits[-1] -= 1
        rest += unit


def _joined(digits: list[int]) -> str:
    return "".join([str(digit) for digit in digits])
