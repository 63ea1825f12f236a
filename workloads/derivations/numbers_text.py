"""Expected outputs of the numbers/* that print floats or compute long with them.

numbers/libm is checked rather than derived: the values it shows must be those
of the C library's functions within three units in the last place, and what
remains of the output is returned as it is written.
"""

import math
import struct
import sys
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

from floats import F32, F64, MASK32, SPECIAL_32, SPECIAL_64  # noqa: E402
from floats import Results, digits_64, double, scientific, shown_64  # noqa: E402
from floats import states, step  # noqa: E402


def single(value: float) -> float:
    """Rounded to binary32."""
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def pattern(value: float) -> int:
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def pattern_32(value: float) -> int:
    return struct.unpack("<I", struct.pack("<f", value))[0]


def digits_32(bits: int) -> tuple[str, int]:
    """The same for binary32: the fewest digits, then the nearest such number, and
    of two that are equally near the greater, which is the choice of Rust's std."""
    exact = F32.value(bits)
    exponent = int(f"{float(exact):.20e}".partition("e")[2])
    for count in range(1, 12):
        unit = Fraction(10) ** (exponent - count + 1)
        below = math.floor(exact / unit)
        fits = [one for one in (below, below + 1) if F32.round(one * unit) == bits]
        if fits:
            best = min(fits, key=lambda one: (abs(one * unit - exact), -one))
            digits = str(best)
            return digits.rstrip("0"), exponent + len(digits) - count
    raise AssertionError(bits)


def shown_32(bits: int) -> str:
    minus, rest = F32.negative(bits), bits & ~F32.sign
    if rest == 0 or rest >= F32.infinity:
        return "NaN" if F32.is_nan(bits) else ("-" if minus else "") + ("inf" if rest else "0e0")
    return scientific(minus, *digits_32(rest))


def plain(value: float, digits: str, exponent: int) -> str:
    """As Rust prints with {}: no exponent, whatever the size."""
    if exponent >= len(digits) - 1:
        text = digits + "0" * (exponent + 1 - len(digits))
    elif exponent >= 0:
        text = f"{digits[: exponent + 1]}.{digits[exponent + 1 :]}"
    else:
        text = "0." + "0" * (-exponent - 1) + digits
    return ("-" if value < 0 else "") + text


def plain_64(value: float) -> str:
    return plain(value, *digits_64(abs(value)))


def plain_32(value: float) -> str:
    return plain(value, *digits_32(pattern_32(abs(value))))


def text(case: dict) -> str:
    return {"print": prints, "parse": parses, "single": singles}[case["args"][0]]()


def fixed(bits: int) -> str:
    """Three digits after the point, ties of the exact value to even."""
    value = double(bits)
    if not math.isfinite(value):
        return shown_64(bits)
    mantissa, _, power = f"{value:.3e}".partition("e")
    return f"{mantissa}e{int(power)}"


def prints() -> str:
    lines, results = "", Results()
    for bits in SPECIAL_64:
        lines += f"{bits:016x} {shown_64(bits)} {fixed(bits)}\n"
    lines += f"2.5 {2.5:.0f} 0.1 {0.1:.20f} {1e21:.2f} {plain_64(1e-7)}\n"
    for state in states(2000):
        if not F64.is_nan(state):
            shown = shown_64(state)
            assert pattern(float(shown)) == state
            results.add_bytes(shown.encode())
    return lines + results.line("print") + "differing after reading back: 0\n"


TEXTS = """0.1 -0 1e400 -1e400 1e-400 9007199254740993
    9007199254740993.00000000000000000000000000000000000001
    9007199254740992.99999999999999999999999999999999999999
    2.2250738585072011e-308 2.2250738585072012e-308 2.4703282292062327208e-324
    2.4703282292062328e-324 1.7976931348623158e308 1.7976931348623159e308
    179769313486231580793728971405301 6.631236846766476e-316
    0.000000000000000000000000000000000000000000000000000000000000001e63
    3.4028235677973366e38""".split()


def parses() -> str:
    lines, results = "", Results()
    for decimal in TEXTS:
        both = [form.round(Fraction(decimal), decimal[0] == "-") for form in (F64, F32)]
        lines += f"{decimal} {both[0]:016x} {both[1]:08x}\n"
    for state in states(2000):
        value = Fraction(f"{state}e{step(state) % 660 - 340}")
        results.add(F64.round(value), 64)
        results.add(F32.round(value), 32)
    lines += results.line("parse")
    for refused in ("", "0x1p3", "1e", "1,5", "--1", " 1"):
        lines += f'"{refused}" refused true\n'
    return lines


def singles() -> str:
    lines, results = "", Results()
    for bits in SPECIAL_32:
        lines += f"{bits:08x} {shown_32(bits)}\n"
    for state in states(2000):
        bits = state & MASK32
        if not F32.is_nan(bits):
            results.add_bytes(shown_32(bits).encode())
    return lines + results.line("print") + "differing after reading back: 0\n"


def kernels(case: dict) -> str:
    return {"logistic": logistic, "lorenz": lorenz, "series": series}[case["args"][0]]()


def logistic() -> str:
    lines, results, x = "", Results(), 0.3
    for turn in range(1, 100_001):
        x = 3.99 * x * (1.0 - x)
        results.add(pattern(x), 64)
        if turn % 20_000 == 0:
            lines += f"f64 {turn} {pattern(x):016x} {plain_64(x)}\n"
    # One operation in binary64 and a rounding to binary32 is the operation in
    # binary32: 53 bits are more than twice 24 and two.
    rate, x = single(3.99), single(0.3)
    for turn in range(1, 100_001):
        x = single(single(rate * x) * single(1.0 - x))
        results.add(pattern_32(x), 32)
        if turn % 20_000 == 0:
            lines += f"f32 {turn} {pattern_32(x):08x} {plain_32(x)}\n"
    return lines + results.line("logistic")


def lorenz() -> str:
    def slope(x: float, y: float, z: float) -> list[float]:
        return [10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z]

    def along(at: list[float], slopes: list[float], time: float) -> list[float]:
        return [one + time * other for one, other in zip(at, slopes)]

    lines, results, time, at = "", Results(), 0.01, [1.0, 1.0, 1.0]
    for turn in range(1, 20_001):
        first = slope(*at)
        second = slope(*along(at, first, time / 2.0))
        third = slope(*along(at, second, time / 2.0))
        fourth = slope(*along(at, third, time))
        for axis in range(3):
            sums = first[axis] + 2.0 * second[axis] + 2.0 * third[axis] + fourth[axis]
            at[axis] += time / 6.0 * sums
            results.add(pattern(at[axis]), 64)
        if turn % 5_000 == 0:
            lines += f"{turn} {' '.join(map(plain_64, at))}\n"
    return lines + results.line("lorenz")


def series() -> str:
    forward = compensated = lost = roots = backward = 0.0
    lines, results = "", Results()
    for term in range(1, 100_001):
        value = 1.0 / (float(term) * float(term))
        forward += value
        corrected = value - lost
        total = compensated + corrected
        lost, compensated = (total - compensated) - corrected, total
        roots += math.sqrt(term)  # correctly rounded, as IEEE 754 requires
        results.add(pattern(roots), 64)
    for term in range(100_000, 0, -1):
        backward += 1.0 / (float(term) * float(term))
    for name, value in (("forward", forward), ("backward", backward),
                        ("compensated", compensated), ("roots", roots)):
        lines += f"{name} {pattern(value):016x} {plain_64(value)}\n"
    return lines + results.line("roots")


FUNCTIONS = {
    "atan2(x, 3)": lambda x: math.atan2(x, 3.0),
    "pow(x, 2.5)": lambda x: math.pow(x, 2.5),
    "pow(1.01, x)": lambda x: math.pow(1.01, x),
    "tgamma": math.gamma,
    "hypot(x, 3)": lambda x: math.hypot(x, 3.0),
    "fmod(x, 0.7)": lambda x: math.fmod(x, 0.7),
    "powf(x, 2.5)": lambda x: math.pow(x, 2.5),
}
# Python computes this one itself, with an error that is small beside 1 but not
# beside a result near 0.
LOOSE = {"lgamma": Fraction(1, 10**15)}
# Python has no Bessel functions.
UNCHECKED = {"j0", "y1"}


def libm(case: dict) -> str:
    written = case["expect"]["stdout"]["text"]
    for line in written.splitlines():
        if " results " in line:
            continue
        name, point, bits, shown = line.rsplit(" ", 3)
        if name in UNCHECKED:
            continue
        narrow = case["args"] == ["single"]
        function = FUNCTIONS.get(name) or getattr(math, name[:-1] if narrow else name)
        try:
            value = function(single(float(point)) if narrow else float(point))
        except (ValueError, OverflowError):
            value = None
        form = F32 if narrow else F64
        found = int(bits, 16)
        if form.is_nan(found) or form.is_infinite(found):
            assert value is None or not math.isfinite(value) or (narrow and abs(value) > 3e38), line
            continue
        assert value is not None, line
        exact = Fraction(value)
        nearest = form.round(exact, math.copysign(1.0, value) < 0)
        close = abs(form.value(found) - exact) <= LOOSE.get(name, 0)
        assert close or abs(nearest - found) <= 3, f"{line}: {nearest:x}"
        assert (shown_32 if narrow else shown_64)(found) == shown, line
    return written


DERIVATIONS = {
    "numbers/kernels": kernels,
    "numbers/libm": libm,
    "numbers/text": text,
}
