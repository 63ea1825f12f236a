"""Expected outputs of the numbers/* about vectors and the bits of NaNs.

A vector is 16 bytes; its lanes are little-endian. Relaxed instructions follow
the deterministic profile of the core specification 3.0: the first of the
results that it allows.
"""

import sys
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

from floats import F32, F64, MASK32, MASK64, SEED, SPECIAL_32, SPECIAL_64  # noqa: E402
from floats import Format, Results, bits_of, step  # noqa: E402


def split(vector: bytes, size: int, is_signed: bool = False) -> list[int]:
    parts = (vector[at : at + size] for at in range(0, 16, size))
    return [int.from_bytes(part, "little", signed=is_signed) for part in parts]


def join(lanes, size: int) -> bytes:
    mask = (1 << 8 * size) - 1
    return b"".join((lane & mask).to_bytes(size, "little") for lane in lanes)


def clamp(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


def pairs(lanes: list) -> list:
    return list(zip(lanes[::2], lanes[1::2]))


def lanewise(size: int, is_signed: bool, function):
    def operation(a: bytes, b: bytes) -> bytes:
        lanes = zip(split(a, size, is_signed), split(b, size, is_signed))
        return join([function(x, y) for x, y in lanes], size)

    return operation


def floats(form: Format, function):
    return lanewise(form.width // 8, False, function)


def dot(a: bytes, b: bytes) -> bytes:
    products = [x * y for x, y in zip(split(a, 2, True), split(b, 2, True))]
    return join([x + y for x, y in pairs(products)], 4)


def q15(a: int, b: int) -> int:
    return clamp((a * b + 0x4000) >> 15, -0x8000, 0x7FFF)


INTEGERS = {
    "i8x16.add_sat_s": lanewise(1, True, lambda a, b: clamp(a + b, -128, 127)),
    "i8x16.sub_sat_u": lanewise(1, False, lambda a, b: max(a - b, 0)),
    "i8x16.avgr_u": lanewise(1, False, lambda a, b: (a + b + 1) // 2),
    "i8x16.min_s": lanewise(1, True, min),
    "i8x16.popcnt": lanewise(1, False, lambda a, _: a.bit_count()),
    "i16x8.mul": lanewise(2, True, lambda a, b: a * b),
    "i16x8.q15mulr_sat_s": lanewise(2, True, q15),
    "i16x8.extadd_pairwise_i8x16_s": lambda a, _: join([x + y for x, y in pairs(split(a, 1, True))], 2),
    "i16x8.extend_high_i8x16_u": lambda a, _: join(a[8:], 2),
    "i8x16.narrow_i16x8_s": lambda a, b: join(
        [clamp(lane, -128, 127) for lane in split(a, 2, True) + split(b, 2, True)], 1),
    "i8x16.narrow_i16x8_u": lambda a, b: join(
        [clamp(lane, 0, 255) for lane in split(a, 2, True) + split(b, 2, True)], 1),
    "i32x4.dot_i16x8_s": dot,
    "i32x4.shr_s 33": lanewise(4, True, lambda a, _: a >> 1),
    "i32x4.max_u": lanewise(4, False, max),
    "i64x2.abs": lanewise(8, True, lambda a, _: abs(a)),
    "i64x2.mul": lanewise(8, True, lambda a, b: a * b),
    "i64x2.extmul_high_i32x4_u": lambda a, b: join(
        [x * y for x, y in zip(split(a, 4)[2:], split(b, 4)[2:])], 8),
    "i64x2.lt_s": lanewise(8, True, lambda a, b: -(a < b)),
}

FLOATS = {
    "f32x4.add": floats(F32, F32.add),
    "f32x4.mul": floats(F32, F32.mul),
    "f32x4.div": floats(F32, F32.div),
    "f32x4.sqrt": floats(F32, lambda a, _: F32.sqrt(a)),
    "f32x4.min": floats(F32, F32.minimum),
    "f32x4.max": floats(F32, F32.maximum),
    "f32x4.pmin": floats(F32, lambda a, b: b if F32.less(b, a) else a),
    "f32x4.nearest": floats(F32, lambda a, _: F32.integral(a, round)),
    "f32x4.demote_f64x2_zero": lambda a, _: join([F64.to(F32, lane) for lane in split(a, 8)] + [0, 0], 4),
    "f32x4.convert_i32x4_u": lanewise(4, False, lambda a, _: F32.round(Fraction(a))),
    "f64x2.sub": floats(F64, F64.sub),
    "f64x2.div": floats(F64, F64.div),
    "f64x2.max": floats(F64, F64.maximum),
    "f64x2.promote_low_f32x4": lambda a, _: join([F32.to(F64, lane) for lane in split(a, 4)[:2]], 8),
    "f64x2.convert_low_i32x4_s": lambda a, _: join(
        [F64.round(Fraction(lane)) for lane in split(a, 4, True)[:2]], 8),
    "i32x4.trunc_sat_f32x4_s": lanewise(4, False, lambda a, _: F32.saturate(a, -(2**31), 2**31 - 1)),
    "i32x4.trunc_sat_f64x2_u_zero": lambda a, _: join(
        [F64.saturate(lane, 0, MASK32) for lane in split(a, 8)] + [0, 0], 4),
    "i32x4 f32x4.lt": lanewise(4, False, lambda a, b: -F32.less(a, b)),
    "i64x2 f64x2.ne": lanewise(8, False, lambda a, b: -(
        F64.is_nan(a) or F64.is_nan(b) or (a != b and bool((a | b) & ~F64.sign)))),
}

SHUFFLE = [31, 0, 17, 3, 3, 3, 16, 15, 8, 24, 7, 23, 1, 30, 29, 2]


def bitmask(vector: bytes, size: int) -> bytes:
    return join([sum((lane < 0) << at for at, lane in enumerate(split(vector, size, True)))] * 4, 4)


def replaced(a: bytes, b: bytes) -> bytes:
    return a[:10] + b[4:6] + a[12:]


LANES = {
    "i8x16.swizzle": lambda a, b: bytes(a[at] if at < 16 else 0 for at in b),
    "i8x16.shuffle": lambda a, b: bytes((a + b)[at] for at in SHUFFLE),
    "v128.bitselect": lanewise(4, False, lambda a, b: a & 0x0FF0AA55 | b & ~0x0FF0AA55),
    "v128.andnot": lanewise(1, False, lambda a, b: a & ~b),
    "i8x16.bitmask": lambda a, _: bitmask(a, 1),
    "i64x2.bitmask": lambda a, _: bitmask(a, 8),
    "i8x16.all_true": lambda a, _: join([0 not in a] * 4, 4),
    "v128.any_true": lambda a, b: join([any(x & y for x, y in zip(a, b))] * 4, 4),
    "i16x8.replace_lane 5": replaced,
    "i8x16.splat": lambda a, _: bytes([a[11]] * 16),
}


def patterns() -> list[bytes]:
    vectors = [bytes(16), b"\xff" * 16, bytes.fromhex("807f0001ff80ff7f00000080ffffff7f"),
               bytes.fromhex("00800080ff7f01000000000000000080"), bytes(range(15, -1, -1)),
               bytes([16, 31, 128, 255, 0, 127, 15, 17, 1, 2, 4, 8, 32, 64, 3, 7])]
    state = SEED
    for _ in range(200):
        low = step(state)
        state = step(low)
        vectors.append(join([low, state], 8))
    return vectors


def specials() -> list[bytes]:
    vectors = [join(SPECIAL_32[at : at + 4], 4) for at in range(0, 24, 4)]
    vectors += [join(SPECIAL_64[at : at + 2], 8) for at in range(0, 24, 2)]
    vectors.append(join([0x40200000, 0xBF000000, 0x4F000000, 0xCF000001], 4))
    state = SEED
    for turn in range(200):
        state = step(state)
        if turn % 2 == 0:
            first = state & 0x800FFFFFFFFFFFFF | (1023 - 40 + (state >> 52) % 81) << 52
            second = (first << 7 | first >> 57) & MASK64 & ~(1 << 62)
            vectors.append(join([first, second], 8))
        else:
            lanes = [(state >> by) & MASK32 for by in (0, 11, 23, 32)]
            vectors.append(join([
                lane & 0x807FFFFF | (127 - 40 + (lane >> 23) % 81) << 23 for lane in lanes], 4))
    return vectors


def one_nan(name: str, vector: bytes) -> bytes:
    form = {"f32x4": F32, "f64x2": F64}.get(name[:5])
    if form is None:
        return vector
    size = form.width // 8
    return join([form.nan if form.is_nan(lane) else lane for lane in split(vector, size)], size)


def simd(case: dict) -> str:
    operations, vectors = {
        "integer": (INTEGERS, patterns()),
        "float": (FLOATS, specials()),
        "lanes": (LANES, patterns()),
    }[case["args"][0]]
    text = ""
    for name, operation in operations.items():
        results = Results()
        for at, a in enumerate(vectors):
            for b in vectors[:6] if at < 6 else vectors[at - 2 : at]:
                result = one_nan(name, operation(a, b))
                if at == 2 and b in (vectors[3], vectors[5]):
                    text += f"{name} {result.hex()}\n"
                results.add_bytes(result)
        text += results.line(name)
    return text


def line(name: str, vector: bytes, size: int) -> str:
    return f"{name} {' '.join(f'{lane:0{2 * size}x}' for lane in split(vector, size))}\n"


def vector_of(form: Format, text: str) -> bytes:
    return join([bits_of(form, one) for one in text.split()], form.width // 8)


def swizzle() -> str:
    data = bytes(range(0xA0, 0xB0))
    outside = bytes([16, 17, 31, 32, 64, 127, 128, 129, 143, 144, 255, 0, 15, 240, 8, 100])
    operation = LANES["i8x16.swizzle"]
    return (line("inside", operation(data, bytes(range(15, -1, -1))), 1)
            + line("outside", operation(data, outside), 1))


def truncate() -> str:
    text = ""
    for values in ("0 -1.9 2147483520 -2147483648", "nan 2147483648 -3e9 inf",
                   "4294967040 4294967296 -inf -0.5"):
        lanes = split(vector_of(F32, values), 4)
        for sign, low, high in (("s", -(2**31), 2**31 - 1), ("u", 0, MASK32)):
            text += line(f"f32x4_{sign}", join([F32.saturate(lane, low, high) for lane in lanes], 4), 4)
    for values in ("2147483647.9 -2147483648.9", "nan 2147483648", "4294967295.9 -1", "1e300 -inf"):
        lanes = split(vector_of(F64, values), 8)
        for sign, low, high in (("s", -(2**31), 2**31 - 1), ("u", 0, MASK32)):
            result = join([F64.saturate(lane, low, high) for lane in lanes] + [0, 0], 4)
            text += line(f"f64x2_{sign}_zero", result, 4)
    return text


def madd(a: list, b: list, c: list) -> str:
    """Unfused: 4.3.5 of the specification lists that result first."""
    text = ""
    for form, count, name in ((F32, 4, "f32x4"), (F64, 2, "f64x2")):
        for operation, flip in (("madd", 0), ("nmadd", form.sign)):
            rows = zip(*([row(form) for row in rows_of[:count]] for rows_of in (a, b, c)))
            lanes = [form.add(form.mul(x ^ flip, y), z) for x, y, z in rows]
            text += line(f"{name} {operation}", join(lanes, form.width // 8), form.width // 8)
    return text


def number(text: str):
    return lambda form: bits_of(form, text)


def near(units: int, sign: int = 0):
    """1 and so many units in the last place, of whichever format."""
    return lambda form: form.round(Fraction(1)) + units | (form.sign if sign else 0)


MADD = {
    "madd-exact": ([number(one) for one in "1.5 -2 0 3".split()],
                   [number(one) for one in "2 0.25 5 -1".split()],
                   [number(one) for one in "1 8 -0 3".split()]),
    "madd": ([near(1), near(1, 1), near(1), number("1e30")],
             [near(1), near(1), near(1, 1), number("1e30")],
             [near(2, 1), near(2), near(2), number("-inf")]),
}


def laneselect() -> str:
    whole = bytes.fromhex("00ff00ff0000ffffffffffff00000000")
    mixed = bytes([0x80, 0x7F, 1, 0xF0, 0, 0x80, 0xFF, 0x0F, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80])
    text = ""
    for name, mask in (("whole", whole), ("mixed", mixed)):
        result = bytes(0x55 & bits | 0xAA & ~bits for bits in mask)
        for shape, size in (("i8x16", 1), ("i16x8", 2), ("i32x4", 4), ("i64x2", 8)):
            text += line(f"{name} {shape}", result, size)
    return text


def minmax() -> str:
    text, payload = "", 0x7FC01234
    zero, one = F32.round(Fraction(0)), F32.round(Fraction(1))
    minus = zero | F32.sign
    for name, function in (("min", F32.minimum), ("max", F32.maximum)):
        lanes = map(function, (zero, minus, payload, one), (minus, zero, one, payload))
        text += line(f"f32x4 {name}", join(lanes, 4), 4)
    for a, b in (("0 nan", "-0 -1"), ("-0 2", "0 nan")):
        for name, function in (("min", F64.minimum), ("max", F64.maximum)):
            lanes = map(function, *(split(vector_of(F64, one), 8) for one in (a, b)))
            text += line(f"f64x2 {name}", join(lanes, 8), 8)
    return text


def q15mulr() -> str:
    a, b = [-32768, -32768, 32767, 1, 16384, -1, 23170, 0], [-32768, 32767, 32767, 16384, 1, 16384, 23170, -32768]
    return line("i16x8", join(map(q15, a, b), 2), 2)


def relaxed_dot(a: list[int], b: list[int]) -> str:
    """Both operands signed, pairs added with saturation to 16 bits; the other
    instruction adds pairs of those."""
    sums = [clamp(x + y, -0x8000, 0x7FFF) for x, y in pairs([x * y for x, y in zip(a, b)])]
    added = [x + y + z for (x, y), z in zip(pairs(sums), (1, -1, 1000, 0x7FFF0000))]
    return line("i16x8 dot", join(sums, 2), 2) + line("i32x4 dot add", join(added, 4), 4)


DOT = {
    "dot": ([127, -128, 1, 2, 100, -100, 0, 5, -1, -1, 127, 127, 3, 4, 5, 6],
            [127, 127, -1, -2, 1, 0, 99, 64, -128, 127, 127, 127, 1, 2, 3, 4]),
    "dot-overflow": ([-128] * 16, [-128] * 16),
}


def relaxed(case: dict) -> str:
    name = case["args"][0]
    if name in MADD:
        return madd(*MADD[name])
    if name in DOT:
        return relaxed_dot(*DOT[name])
    return {"swizzle": swizzle, "truncate": truncate, "laneselect": laneselect, "minmax": minmax,
            "q15mulr": q15mulr}[name]()


NANS_64 = [0x7FF8000000000000, 0xFFF8000000000000, 0x7FFC0000DEADBEEF, 0xFFF4000000000001]
NANS_32 = [0x7FC00000, 0xFFC00000, 0x7FD12345, 0xFF812345]
ARITHMETIC = "add sub mul div min max sqrt ceil floor trunc nearest".split()


def nan(case: dict) -> str:
    name, text = case["args"][0], ""
    if name == "produced":
        for form in (F64, F32):
            for label in ("0 / 0", "inf - inf", "inf + -inf", "0 * inf", "inf / inf", "sqrt -1"):
                text += f"f{form.width} {label} = {form.nan:0{form.width // 4}x}\n"
    elif name == "propagated":
        for form, last in ((F64, "demote"), (F32, "promote")):
            for kind in ("quiet", "signalling"):
                for label in ARITHMETIC + [last]:
                    text += f"f{form.width} {kind} {label}: nan true quiet 1\n"
    else:
        one = 0x3FF0 << 48
        for form, patterns_of in ((F64, (0x7FFC0000DEADBEEF, 0xFFF4000000000001)), (F32, (0xFFD12345, 0x7F812345))):
            digits = form.width // 4
            for bits in patterns_of:
                for label, result in (("neg", bits ^ form.sign), ("abs", bits & ~form.sign),
                                      ("copysign", bits | form.sign), ("store", bits), ("reinterpret", bits)):
                    text += f"f{form.width} {bits:0{digits}x} {label} {result:0{digits}x}\n"
                if form is F64:
                    # No comparison with a NaN holds: the first operand stays.
                    for label, low in (("pmin", bits), ("pmax", bits), ("vector abs", bits & ~form.sign)):
                        text += f"f64 {bits:016x} {label} {one << 64 | low:032x}\n"
    return text


def canonical(case: dict) -> str:
    name, text = case["args"][0], ""
    if name == "convert":
        text = "".join(f"{bits:016x} demote {F32.nan:08x}\n" for bits in NANS_64)
        return text + "".join(f"{bits:08x} promote {F64.nan:016x}\n" for bits in NANS_32)
    if name != "vector":
        form, patterns_of = (F64, NANS_64) if name == "f64" else (F32, NANS_32)
        digits = form.width // 4
        for label in ("0 / 0", "inf - inf", "0 * inf", "sqrt -1"):
            text += f"{label} {form.nan:0{digits}x}\n"
        for bits in patterns_of:
            for label in ARITHMETIC:
                text += f"{bits:0{digits}x} {label} {form.nan:0{digits}x}\n"
        return text
    one, two = (F32.round(Fraction(value)) for value in (1, 2))
    a, b = [NANS_32[2], one, NANS_32[3], 0], [one, NANS_32[1], two, 0]
    for label, function in (("add", F32.add), ("div", F32.div), ("min", F32.minimum), ("max", F32.maximum)):
        text += line(f"f32x4 {label}", join(map(function, a, b), 4), 4)
    text += line("f32x4 sqrt", join(map(F32.sqrt, a), 4), 4)
    text += line("f32x4 pmin", join(a, 4), 4)  # the first operand, unless the other is less
    text += line("f32x4 pmax", join(a, 4), 4)
    text += line("f32x4 neg", join([bits ^ F32.sign for bits in a], 4), 4)
    c = [NANS_64[3], F64.round(Fraction(1))]
    d = [F64.round(Fraction(2)), NANS_64[2]]
    for label, function in (("add", F64.add), ("div", F64.div), ("min", F64.minimum), ("max", F64.maximum)):
        text += line(f"f64x2 {label}", join(map(function, c, d), 8), 8)
    text += line("f64x2 sqrt", join(map(F64.sqrt, c), 8), 8)
    text += line("f32x4 demote", join([F64.to(F32, bits) for bits in c] + [0, 0], 4), 4)
    return text + line("f64x2 promote", join([F32.to(F64, bits) for bits in a[:2]], 8), 8)


DERIVATIONS = {
    "numbers/nan": nan,
    "numbers/nan-canonical": canonical,
    "numbers/relaxed-simd": relaxed,
    "numbers/simd": simd,
}
