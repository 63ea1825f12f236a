"""Expected outputs of the numbers/* that work on single floats."""

import math
import sys
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

from floats import F32, F64, MASK32, MASK64, SPECIAL_32, SPECIAL_64  # noqa: E402
from floats import Format, Results, away, bits_of, bounds, signed, states  # noqa: E402


def arithmetic(case: dict) -> str:
    name = case["args"][0]
    return {"f64": corners, "f32": corners, "subnormal": subnormal, "fused": fused}[name](name)


def corners(name: str) -> str:
    form, special = (F64, SPECIAL_64) if name == "f64" else (F32, SPECIAL_32)
    text, width = "", form.width
    for operation in ("add", "sub", "mul", "div"):
        results = Results()
        for a in special:
            for b in special:
                results.add(getattr(form, operation)(a, b), width)
        text += results.line(operation)
    results = Results()
    for a in special:
        results.add(form.sqrt(a), width)
    text += results.line("sqrt")
    tenth, one, large, most, zero, minus = (special[at] for at in (10, 12, 16, 19, 0, 1))
    two = form.add(one, one)
    three = special[15]
    for label, bits in (
        ("tenth + tenth * 2", form.add(tenth, form.mul(tenth, two))),
        ("1 / 3", form.div(one, three)),
        (f"2^{form.fraction + 1} + 1", form.add(large, one)),
        ("max + max", form.add(most, most)),
        ("0 / -0", form.div(zero, minus)),
        ("sqrt 2", form.sqrt(two)),
        ("-0 + 0", form.add(minus, zero)),
        ("sqrt -0", form.sqrt(minus)),
    ):
        text += f"{label} = {bits:0{width // 4}x}\n"
    return text


def subnormal(_name: str) -> str:
    text = ""
    for name, form in (("f64", F64), ("f32", F32)):
        value, halvings = form.round(Fraction(1)), 0
        while value:
            value, halvings = form.round(form.value(value) / 2), halvings + 1
        text += f"{name} halvings from 1 to 0: {halvings}\n"
    for name, form in (("f64", F64), ("f32", F32)):
        least, normal = form.value(1), form.value(1 << form.fraction)
        for label, value in (
            ("least normal - least", normal - least),
            ("least * 1.5", least * 3 / 2),
            ("least * 0.5", least / 2),
            ("least * 0.75", least * 3 / 4),
            ("-least * 0.5", -least / 2),
            ("least normal / 3", normal / 3),
            ("least + least", least + least),
        ):
            # A zero keeps the sign of what was rounded to it.
            text += f"{name} {label} = {form.round(value, value < 0):0{form.width // 4}x}\n"
    return text


def fused(_name: str) -> str:
    text = ""
    for name, form, special in (("f64", F64, SPECIAL_64), ("f32", F32, SPECIAL_32)):
        results = Results()
        for a in special:
            for b in special:
                for c in special:
                    results.add(form.fma(a, b, c), form.width)
        text += results.line(name)
    near, after = 0x3FF0000000000001, 0xBFF0000000000002
    text += f"fused {F64.fma(near, near, after):016x}\n"
    return text + f"apart {F64.add(F64.mul(near, near), after):016x}\n"


def rounding(case: dict) -> str:
    name = case["args"][0]
    return {"integral": integral, "demote": demote, "from-integers": from_integers}[name]()


DOUBLES = """0.5 1.5 2.5 -0.5 -1.5 -2.5 0.49999999999999994 -0.49999999999999994 0 -0
    5e-324 -5e-324 4503599627370495.5 4503599627370496.5 -4503599627370495.5
    9007199254740993 1e300 inf nan""".split()
SINGLES = """0.5 1.5 2.5 -0.5 -1.5 0.49999997 -0 1e-45 8388607.5 -8388607.5 16777216
    -inf""".split()


def integral() -> str:
    text = ""
    for name, form, values in (("f64", F64, DOUBLES), ("f32", F32, SINGLES)):
        text += f"{name} bits: ceil floor trunc nearest away\n"
        for value in values:
            bits = bits_of(form, value)
            rounded = [
                form.integral(bits, direction)
                for direction in (math.ceil, math.floor, math.trunc, round, away)
            ]
            digits = form.width // 4
            text += f"{bits:0{digits}x}: {' '.join(f'{one:0{digits}x}' for one in rounded)}\n"
    return text


WIDE = """3ff0000010000000 3ff0000010000001 3ff0000030000000 3ff000002fffffff
    3ffffffff0000000 47efffffe0000000 47efffffefffffff 47effffff0000000
    c7effffff0000000 3810000000000000 380fffffe0000000 380ffffff0000000
    36a0000000000000 3690000000000000 3690000000000001 8000000000000001
    7ff0000000000000 7ff8000000000000""".split()


def demote() -> str:
    text, narrowed, widened = "", Results(), Results()
    for bits in WIDE:
        narrow = F64.to(F32, int(bits, 16))
        text += f"{bits} -> {narrow:08x} -> {F32.to(F64, narrow):016x}\n"
    for state in states(4096):
        exponent = 0x360 + (state >> 52) % 0x130
        narrowed.add(F64.to(F32, state & 0x800FFFFFFFFFFFFF | exponent << 52), 32)
        widened.add(F32.to(F64, state & MASK32), 64)
    return text + narrowed.line("demote") + widened.line("promote")


INTEGERS = [0, -1, 16777217, 16777219, -16777217, 2**53 + 1, 2**53 + 3, -(2**53) - 1, 2**63 - 1,
            -(2**63), 2**63 - 513, 2**63 - 512, 0x7FFFFF4000000000, 0x7FFFFFBFFFFFFFFF]


def from_integers() -> str:
    text, results = "", Results()

    def convert(form: Format, value: int) -> int:
        return form.round(Fraction(value))

    for value in INTEGERS:
        unsigned = value & MASK64
        text += (
            f"{value}: i64 {convert(F64, value):016x} {convert(F32, value):08x}"
            f" u64 {convert(F64, unsigned):016x} {convert(F32, unsigned):08x}"
            f" i32 {convert(F32, signed(value, 32)):08x}"
            f" u32 {convert(F32, unsigned & MASK32):08x}\n"
        )
    for state in states(4096):
        value = state >> (state & 31)
        results.add(convert(F64, value), 64)
        results.add(convert(F32, value), 32)
        results.add(convert(F64, signed(value, 64)), 64)
        results.add(convert(F32, signed(value, 64)), 32)
        results.add(convert(F64, signed(value, 32)), 64)
    return text + results.line("converted")


def minmax(case: dict) -> str:
    name = case["args"][0]
    least, greatest, text = Results(), Results(), ""
    form, special = (F32, SPECIAL_32) if name == "f32" else (F64, SPECIAL_64)
    for a in special:
        for b in special:
            low, high = form.minimum(a, b), form.maximum(a, b)
            if name == "number":
                if a ^ b == form.sign and not a & b:
                    continue
                if form.is_nan(a) or form.is_nan(b):
                    low = high = b if form.is_nan(a) else a
            least.add(low, form.width)
            greatest.add(high, form.width)
    if name == "number":
        text = "NaN 1: 1.0 1.0\n"
    else:
        tiny = "5e-324" if name == "f64" else "1e-45"
        for a, b in (("0.0", "-0.0"), ("-0.0", "0.0"), ("NaN", "1.0"), ("-1.0", "NaN"), ("inf", tiny)):
            pair = [bits_of(form, one.lower()) for one in (a, b)]
            low, high = form.minimum(*pair), form.maximum(*pair)
            text += f"{a} {b}: {low:0{form.width // 4}x} {high:0{form.width // 4}x}\n"
    return least.line("min") + greatest.line("max") + text


EDGES = """nan inf -inf 0 -0 0.9999999999999999 -0.9999999999999999 -1 127.999 128 -128.999 -129
    255.999 256 2147483647.9999998 2147483648 -2147483648.9999995 -2147483649
    4294967295.9999995 4294967296 9223372036854774784 9223372036854775808
    -9223372036854775808 -9223372036854777856 18446744073709549568
    18446744073709551616""".split()


def conversions(case: dict) -> str:
    text, results, wide = "", Results(), case["args"] == ["wide"]
    kinds = ["i32", "u32", "i64", "u64"] if wide else ["i8", "u8", "i16", "u16"]

    def shown(form: Format, bits: int) -> str:
        return " ".join(f"{kind} {form.saturate(bits, *bounds(kind))}" for kind in kinds)

    for edge in EDGES:
        bits = bits_of(F64, edge)
        text += f"{bits:016x}: {shown(F64, bits)}"
        text += f"; f32: {shown(F32, F64.to(F32, bits))}\n" if wide else "\n"
    for state in states(4096):
        exponent = 1023 - 4 + (state >> 52) % 73
        bits = state & 0x800FFFFFFFFFFFFF | exponent << 52
        if wide:
            for kind in kinds:
                results.add(F64.saturate(bits, *bounds(kind)), int(kind[1:]))
        else:
            small = F64.round(F64.value(bits) / 2**20)
            first, second, third, fourth = (F64.saturate(small, *bounds(kind)) for kind in kinds)
            results.add_bytes(bytes([first & 0xFF, second]))
            results.add(third, 16)
            results.add(fourth, 16)
    return text + results.line("converted")


def conversion_traps(case: dict) -> str:
    name, *operands = case["args"]
    form = F32 if "_f32_" in name else F64
    low, high = bounds(("i" if name.endswith("_s") else "u") + name[1:3])
    text = ""
    for operand in operands:
        text += f"{name} {operand}\n"
        bits = int(operand, 16)
        if form.is_nan(bits) or form.is_infinite(bits):
            return text
        value = math.trunc(form.value(bits))
        if not low <= value <= high:
            return text
        text += f"= {value}\n"
    return text


DERIVATIONS = {
    "numbers/arithmetic": arithmetic,
    "numbers/conversion-traps": conversion_traps,
    "numbers/conversions": conversions,
    "numbers/minmax": minmax,
    "numbers/rounding": rounding,
}
