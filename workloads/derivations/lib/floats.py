"""Floats without a floating-point unit, and what the number guests share.

Floats are bit patterns; their arithmetic is done on exact fractions and then
rounded once, as IEEE 754 defines it.
"""

import hashlib
import math
import struct
from fractions import Fraction

MASK32, MASK64, MASK128 = (1 << 32) - 1, (1 << 64) - 1, (1 << 128) - 1
SEED = 0x9E3779B97F4A7C15


class Format:
    """A binary format of IEEE 754: values are bit patterns."""

    def __init__(self, width: int, fraction: int):
        self.width, self.fraction = width, fraction
        exponent = width - 1 - fraction
        self.bias = (1 << (exponent - 1)) - 1
        self.least = 1 - self.bias - fraction  # exponent of the last subnormal bit
        self.infinity = ((1 << exponent) - 1) << fraction
        self.nan = self.infinity | 1 << (fraction - 1)
        self.sign = 1 << (width - 1)

    def is_nan(self, bits: int) -> bool:
        return bits & ~self.sign > self.infinity

    def is_infinite(self, bits: int) -> bool:
        return bits & ~self.sign == self.infinity

    def negative(self, bits: int) -> bool:
        return bool(bits & self.sign)

    def value(self, bits: int) -> Fraction:
        bits, minus = bits & ~self.sign, bits & self.sign
        exponent, significand = bits >> self.fraction, bits & ((1 << self.fraction) - 1)
        if exponent:
            significand |= 1 << self.fraction
            exponent -= 1
        value = Fraction(significand) * Fraction(2) ** (exponent + self.least)
        return -value if minus else value

    def round(self, value: Fraction, minus: bool = False) -> int:
        """The nearest value, ties to even; `minus` is the sign of a zero."""
        if value == 0:
            return self.sign if minus else 0
        sign, value = (self.sign, -value) if value < 0 else (0, value)
        exponent = value.numerator.bit_length() - value.denominator.bit_length()
        if Fraction(2) ** exponent > value:
            exponent -= 1
        unit = max(exponent - self.fraction, self.least)
        significand = round(value / Fraction(2) ** unit)  # Python: ties to even
        # A carry, and subnormals, come out right because the patterns are in
        # the order of the values.
        bits = significand + ((unit - self.least) << self.fraction)
        return sign | min(bits, self.infinity)

    def add(self, a: int, b: int) -> int:
        if self.is_nan(a) or self.is_nan(b):
            return self.nan
        if self.is_infinite(a):
            return self.nan if self.is_infinite(b) and a != b else a
        if self.is_infinite(b):
            return b
        both = self.negative(a) and self.negative(b)
        return self.round(self.value(a) + self.value(b), both)

    def sub(self, a: int, b: int) -> int:
        return self.add(a, b ^ self.sign)

    def mul(self, a: int, b: int) -> int:
        if self.is_nan(a) or self.is_nan(b):
            return self.nan
        sign = (a ^ b) & self.sign
        if self.is_infinite(a) or self.is_infinite(b):
            zero = not a & ~self.sign or not b & ~self.sign
            return self.nan if zero else sign | self.infinity
        return self.round(self.value(a) * self.value(b), bool(sign))

    def div(self, a: int, b: int) -> int:
        if self.is_nan(a) or self.is_nan(b):
            return self.nan
        sign = (a ^ b) & self.sign
        if self.is_infinite(a):
            return self.nan if self.is_infinite(b) else sign | self.infinity
        if self.is_infinite(b):
            return sign
        if not b & ~self.sign:
            return sign | self.infinity if a & ~self.sign else self.nan
        return self.round(self.value(a) / self.value(b), bool(sign))

    def sqrt(self, a: int) -> int:
        if self.is_nan(a) or not a & ~self.sign:
            return self.nan if self.is_nan(a) else a
        if self.negative(a):
            return self.nan
        if self.is_infinite(a):
            return a
        value, scale = self.value(a), 1300  # far below the last bit of any root
        root = math.isqrt(value.numerator * 4**scale // value.denominator)
        exact = Fraction(root, 2**scale) ** 2 == value
        # Between two multiples of 2^-scale: anything in between rounds alike.
        return self.round(Fraction(2 * root + (0 if exact else 1), 2 ** (scale + 1)))

    def fma(self, a: int, b: int, c: int) -> int:
        if any(map(self.is_nan, (a, b, c))):
            return self.nan
        sign = (a ^ b) & self.sign
        if self.is_infinite(a) or self.is_infinite(b):
            return self.add(self.mul(a, b), c)
        if self.is_infinite(c):
            return c
        product = self.value(a) * self.value(b)
        return self.round(product + self.value(c), bool(sign and self.negative(c)))

    def less(self, a: int, b: int) -> bool:
        if self.is_nan(a) or self.is_nan(b):
            return False

        def key(bits: int):
            infinite = math.inf if not self.negative(bits) else -math.inf
            return infinite if self.is_infinite(bits) else self.value(bits)

        return key(a) < key(b)

    def minimum(self, a: int, b: int) -> int:
        if self.is_nan(a) or self.is_nan(b):
            return self.nan
        if not (a | b) & ~self.sign:
            return a | b
        return b if self.less(b, a) else a

    def maximum(self, a: int, b: int) -> int:
        if self.is_nan(a) or self.is_nan(b):
            return self.nan
        if not (a | b) & ~self.sign:
            return a & b
        return b if self.less(a, b) else a

    def integral(self, a: int, rounding) -> int:
        if self.is_nan(a):
            return self.nan
        if self.is_infinite(a):
            return a
        return self.round(Fraction(rounding(self.value(a))), self.negative(a))

    def to(self, other: "Format", bits: int) -> int:
        if self.is_nan(bits):
            return other.nan
        sign = other.sign if self.negative(bits) else 0
        if self.is_infinite(bits):
            return sign | other.infinity
        return other.round(self.value(bits), bool(sign))

    def saturate(self, bits: int, low: int, high: int) -> int:
        if self.is_nan(bits):
            return 0
        if self.is_infinite(bits):
            return low if self.negative(bits) else high
        return min(max(math.trunc(self.value(bits)), low), high)


F64, F32 = Format(64, 52), Format(32, 23)


def away(value: Fraction) -> int:
    """To the nearest integer, ties away from zero."""
    whole = math.floor(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


SPECIAL_64 = [int(bits, 16) for bits in """
    0000000000000000 8000000000000000 0000000000000001 8000000000000001
    000fffffffffffff 0010000000000000 8010000000000000 1e60000000000001
    3c90000000000000 3fd5555555555555 3fb999999999999a 3fefffffffffffff
    3ff0000000000000 bff0000000000000 3ff0000000000001 4008000000000000
    4340000000000000 4340000000000001 5fefffffffffffff 7fefffffffffffff
    ffefffffffffffff 7ff0000000000000 fff0000000000000 7ff8000000000000""".split()]
SPECIAL_32 = [int(bits, 16) for bits in """
    00000000 80000000 00000001 80000001 007fffff 00800000 80800000 20000001
    33000000 3eaaaaab 3dcccccd 3f7fffff 3f800000 bf800000 3f800001 40400000
    4b800000 4b800001 5f7fffff 7f7fffff ff7fffff 7f800000 ff800000 7fc00000""".split()]


def step(state: int) -> int:
    state ^= state << 13 & MASK64
    state ^= state >> 7
    return state ^ state << 17 & MASK64


def states(count: int):
    state = SEED
    for _ in range(count):
        state = step(state)
        yield state


class Results:
    def __init__(self):
        self.hash, self.count = hashlib.sha256(), 0

    def add(self, value: int, width: int) -> None:
        self.add_bytes((value & ((1 << width) - 1)).to_bytes(width // 8, "little"))

    def add_bytes(self, data: bytes) -> None:
        self.hash.update(data)
        self.count += 1

    def line(self, name: str) -> str:
        return f"{name} {self.count} results {self.hash.hexdigest()}\n"


def signed(value: int, width: int) -> int:
    value &= (1 << width) - 1
    return value - (value >> (width - 1) << width)


def toward_zero(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def bounds(kind: str) -> tuple[int, int]:
    """The ends of i8, u8, … i128, u128."""
    bits = int(kind[1:])
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if kind[0] == "i" else (0, (1 << bits) - 1)


def bits_of(form: Format, text: str) -> int:
    """The pattern of a decimal number, of inf or of nan."""
    if text.lstrip("-") in ("inf", "nan"):
        bits = form.infinity if "inf" in text else form.nan
    else:
        bits = form.round(abs(Fraction(text)))
    return bits | (form.sign if text.startswith("-") else 0)


def double(bits: int) -> float:
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def digits_64(value: float) -> tuple[str, int]:
    """The shortest digits that read back as `value`, and its decimal exponent."""
    mantissa, _, power = f"{value!r}".partition("e")
    whole, _, part = mantissa.partition(".")
    exponent = int(power or 0) + len(whole) - 1
    digits = whole + part
    while digits[0] == "0" and len(digits) > 1:
        digits, exponent = digits[1:], exponent - 1
    return digits.rstrip("0") or "0", exponent


def scientific(minus: bool, digits: str, exponent: int) -> str:
    point = f"{digits[0]}.{digits[1:]}" if digits[1:] else digits
    return ("-" if minus else "") + f"{point}e{exponent}"


def shown_64(bits: int) -> str:
    """As Rust prints with {:e}."""
    minus, value = F64.negative(bits), abs(double(bits))
    if value == 0 or not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("-" if minus else "") + ("inf" if value else "0e0")
    return scientific(minus, *digits_64(value))
