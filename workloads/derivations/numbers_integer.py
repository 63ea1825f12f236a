"""Expected outputs of the numbers/* that work on integers and bytes."""

import struct
import sys
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

from floats import F32, F64, MASK32, MASK64, MASK128, SEED  # noqa: E402
from floats import Results, bounds, shown_64, signed, states, step, toward_zero  # noqa: E402

EDGES_32 = [0, 1, 2, 3, 31, 32, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE, 0x10000]
EDGES_64 = [0, 1, 2, 3, 63, 64, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x8000000000000001,
            0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE, 0x100000000]


def integer_operation(name: str, width: int, a: int, b: int) -> int:
    mask, turn = (1 << width) - 1, b % width
    left, right = signed(a, width), signed(b, width)
    if name in ("div_s", "rem_s", "div_u", "rem_u") and b == 0:
        return 0
    return {
        "add": lambda: a + b,
        "sub": lambda: a - b,
        "mul": lambda: a * b,
        "shl": lambda: a << turn,
        "shr_s": lambda: left >> turn,
        "shr_u": lambda: a >> turn,
        "rotl": lambda: a << turn | a >> (width - turn),
        "rotr": lambda: a >> turn | a << (width - turn),
        "div_s": lambda: toward_zero(left, right),
        "rem_s": lambda: left - right * toward_zero(left, right),
        "div_u": lambda: a // b,
        "rem_u": lambda: a % b,
    }[name]() & mask


def integer_count(name: str, width: int, a: int) -> int:
    if name.startswith("extend"):
        return signed(a, int(name[6:-2])) & ((1 << width) - 1)
    return {
        "clz": width - a.bit_length(),
        "ctz": (a & -a).bit_length() - 1 if a else width,
        "popcnt": a.bit_count(),
    }[name]


def integer(case: dict) -> str:
    text, name = "", case["args"][0]
    if name == "count":
        for width, edges in ((32, EDGES_32), (64, EDGES_64)):
            operations = ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"]
            for operation in operations + (["extend32_s"] if width == 64 else []):
                results = Results()
                shown = [integer_count(operation, width, edge) for edge in edges]
                for value in shown:
                    results.add(value, width)
                for state in states(1000):
                    value = state >> (state >> 58) if width == 64 else (state & MASK32) >> (state >> 59)
                    results.add(integer_count(operation, width, value), width)
                label = f"i{width}.{operation}"
                text += f"{label} {' '.join(f'{value:x}' for value in shown)}\n" + results.line(label)
        return text
    operations = {
        "wrap": ["add", "sub", "mul"],
        "shift": ["shl", "shr_s", "shr_u", "rotl", "rotr"],
        "divide": ["div_s", "rem_s", "div_u", "rem_u"],
    }[name]
    for width, edges in ((32, EDGES_32), (64, EDGES_64)):
        top, mask = 1 << (width - 1), (1 << width) - 1
        for operation in operations:
            results = Results()
            for a in edges:
                for b in edges:
                    results.add(integer_operation(operation, width, a, b), width)
            for state in states(1000):
                if width == 32:
                    a, b = state & MASK32, state >> 32
                else:
                    a, b = state, (state << 29 | state >> 35) & MASK64
                results.add(integer_operation(operation, width, a, b), width)
            label = f"i{width}.{operation}"
            shown = [integer_operation(operation, width, *pair) for pair in ((top, mask), (top | 1, 33))]
            text += f"{label} {' '.join(f'{value:0{width // 4}x}' for value in shown)}\n"
            text += results.line(label)
    return text


def integer_traps(case: dict) -> str:
    name, a, b = case["args"]
    width = int(name[1:3])
    left, right = signed(int(a, 16), width), signed(int(b, 16), width)
    text = f"{name} {a} {b}\n"
    if right == 0 or (name.endswith("div_s") and toward_zero(left, right) == 1 << (width - 1)):
        return text
    result = integer_operation(name[4:], width, left & ((1 << width) - 1), right & ((1 << width) - 1))
    return text + f"= {result:x}\n"


EDGES_128 = [0, 1, 3, 10, MASK32, MASK64, 1 << 64, (1 << 64) | 1, (1 << 127) - 1, 1 << 127,
             MASK64 << 64, MASK128]


def operands_128() -> list[int]:
    operands, state = list(EDGES_128), SEED
    for _ in range(500):
        high = step(state)
        state = step(high)
        operands.append((high << 64 | state) >> (state & 127))
    return operands


def wide(case: dict) -> str:
    name, text, operands = case["args"][0], "", operands_128()
    if name == "arithmetic":
        for operation in ("add", "sub", "mul", "div_u", "rem_u", "div_s", "rem_s", "shl", "shr_s", "shr_u", "rotl"):
            results = Results()
            for a in EDGES_128:
                for b in EDGES_128:
                    results.add(integer_operation(operation, 128, a, b), 128)
            for a, b in zip(operands, operands[1:]):
                results.add(integer_operation(operation, 128, a, b), 128)
            shown = integer_operation(operation, 128, 1 << 127 | 12345, MASK64)
            text += f"{operation} {shown:032x}\n" + results.line(operation)
        return text
    results = Results()
    if name == "text":
        for value in EDGES_128:
            text += f"{value} {signed(value, 128)}\n"
        for value in operands:
            for shown in (str(value), str(signed(value, 128))):
                results.add_bytes(shown.encode())
                results.add(value, 128)
        text += results.line("text")
        return text + f"{1 << 128} refused true\n-1 refused true\n"
    for value in operands:
        for form in (F64, F32):
            results.add(form.round(Fraction(value)), form.width)
            results.add(form.round(Fraction(signed(value, 128))), form.width)
    text = results.line("to float")
    text += f"max {F64.round(Fraction(MASK128)):016x} {F32.round(Fraction(MASK128)):08x}\n"
    text += f"min {F64.round(Fraction(-(1 << 127))):016x}\n"
    for bits in ("3fefffffffffffff", "bff8000000000000", "43f0000000000001", "47efffffffffffff",
                 "47f0000000000000", "c7e0000000000000", "c7e0000000000001", "7ff8000000000000"):
        both = [F64.saturate(int(bits, 16), *bounds(kind)) for kind in ("u128", "i128")]
        text += f"{bits}: {both[0]} {both[1]}\n"
    return text


def byte_order(case: dict) -> str:
    text, results = "", Results()
    if case["args"] == ["encode"]:
        long = 0x0123456789ABCDEF
        swapped = int.from_bytes(long.to_bytes(8, "big"), "little")
        for name, form, value in (("u16", "H", 0x1234), ("i32", "i", -2), ("u64", "Q", long),
                                  ("f64", "d", 1 / 3), ("swap", "Q", swapped)):
            little, big = struct.pack("<" + form, value), struct.pack(">" + form, value)
            text += f"{name} little {little.hex()} big {big.hex()}\n"
        stream = b""
        for state in states(256):
            stream += (state & 0xFFFF).to_bytes(2, "big") + (state & MASK32).to_bytes(4, "little")
            stream += state.to_bytes(8, "big")
            stream += F32.round(Fraction(state)).to_bytes(4, "little")
        results.add_bytes(stream)
        return text + f"first {stream[:18].hex()}\n" + results.line("stream")
    data, at = bytes(range(256)), 129
    for name, form in (("u16", "H"), ("i32", "i"), ("u64", "Q")):
        little, big = (struct.unpack_from(order + form, data, at)[0] for order in "<>")
        text += f"{name} little {little} big {big}\n"
        at += struct.calcsize(form) if form != "Q" else 0
    little, big = (shown_64(struct.unpack_from(order + "Q", data, at)[0]) for order in "<>")
    text += f"f64 little {little} big {big}\n"
    sums = []
    for order in ("little", "big"):
        total = 0
        for start in range(0, 256, 4):
            total = (total << 5 | total >> 27) & MASK32
            total ^= int.from_bytes(data[start : start + 4], order)
        sums.append(f"{order} {total:08x}")
    return text + f"words {' '.join(sums)}\n"


def memory_order(case: dict) -> str:
    text = ""
    if case["args"] == ["store"]:
        for offset in (0, 1, 3, 7):
            for name, width, value in (
                ("i32.store16", 2, 0x3210),
                ("i32.store", 4, 0x76543210),
                ("i64.store32", 4, 0x89ABCDEF),
                ("i64.store", 8, 0x0123456789ABCDEF),
                ("f32.store", 4, 0x3EAAAAAB),
                ("f64.store", 8, 0x3FD5555555555556),
            ):
                memory = bytearray(b"\xee" * 16)
                memory[offset : offset + width] = value.to_bytes(width, "little")
                text += f"{name} at {offset}: {memory.hex()}\n"
        return text
    memory = bytes.fromhex("8091a2b3c4d5e6f708192a3b4c5d6e7f")
    for offset in range(9):
        def load(width: int, is_signed: bool, result: int) -> str:
            part = memory[offset : offset + width]
            value = int.from_bytes(part, "little", signed=is_signed)
            return f"{value & ((1 << result) - 1):x}"

        loads = ((1, False, 32), (1, True, 32), (2, False, 32), (2, True, 32), (4, True, 32),
                 (4, True, 64), (8, True, 64))
        text += f"{offset}: {' '.join(load(*one) for one in loads)}\n"
    return text


DERIVATIONS = {
    "numbers/byte-order": byte_order,
    "numbers/integer": integer,
    "numbers/integer-traps": integer_traps,
    "numbers/memory-order": memory_order,
    "numbers/wide": wide,
}
