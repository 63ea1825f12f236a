"""Expected outputs of memory/*: what the specification leaves to be printed."""

LIMIT = 1024  # pages, the maximum that the components declare


def grow(case: dict) -> str:
    # memory.grow returns the size before, or -1 and changes nothing.
    last = LIMIT - 1
    marks = (last % 256, (last >> 2) % 256)
    return {
        "step": f"pages at the end {LIMIT}\nwrong sizes 0\npages not zero 0\nrefused -1, again -1\n"
        "pages that lost what was written 0\n",
        "at-once": f"returned the size before true\npages {LIMIT}\nlast page (0, 0), then {marks}\n"
        f"grow by 1 -1\ngrow by 0 {LIMIT}\n",
        "beyond": "".join(
            f"{name}: -1, same size true\n"
            for name in ("one page too many", "65535", "65536", "4294967295")
        )
        + f"one page less than is left: true, pages {LIMIT - 1}, then {LIMIT - 1} and -1\n",
    }[case["args"][0]]


def allocation(case: dict) -> str:
    return {
        "refused": "128 MiB None\nthen 1 MiB usable true\n",
        "until-refused": "refused after 56 to 63 blocks true\nblocks intact true\n"
        "possible again after freeing true\n",
        "failed": "before\n",
    }[case["args"][0]]


def stack(case: dict) -> str:
    kind, depth = case["args"][0], int(case["args"][1])
    text = f"{kind} {depth}\n"
    if case["expect"]["exit"] == "trap":
        return text
    if kind == "frames":
        return text + f"= {sum(level % 256 for level in range(depth + 1))}\n"
    seeds = [1]
    for level in range(depth, 0, -1):
        seeds.append((seeds[-1] * 31 + level) % 1_000_003)
    result = seeds.pop()
    for seed in reversed(seeds):
        result = (result * 17 + seed) % 1_000_003
    return text + f"= {result}\n"


def unreachable(case: dict) -> str:
    if case["args"] == ["line"]:
        return "before\n"
    return "".join(f"line {line:04}\n" for line in range(1000))


SIZES = {"i32.load8_u": 1, "i32.store8": 1, "i32.load": 4, "i32.store": 4, "i64.load": 8,
         "i64.store": 8, "v128.load": 16}


def bounds(case: dict) -> str:
    if case["args"] == ["inside"]:
        end = bytearray(16)
        end[8:] = (0x0102030405060708).to_bytes(8, "little")
        end[12:] = (0x7A7B7C7D).to_bytes(4, "little")
        end[15] = 0x55
        loads = (("i32.load8_u -1", end[15:]), ("i32.load -4", end[12:]), ("i64.load -8", end[8:]),
                 ("v128.load -16, upper half", end[8:]))
        return "".join(f"{name}: {int.from_bytes(part, 'little'):x}\n" for name, part in loads)
    name, distance = case["args"]
    # Traps if the last byte lies behind the end.
    assert name == "i32.load-far" or int(distance) + SIZES[name] > 0
    return f"{name} {distance}\n"


def bulk(case: dict) -> str:
    name = case["args"][0]
    text = f"{name}\n"
    if name == "overlap":
        for label, to, source in (("up", 3, 0), ("down", 0, 3), ("same", 2, 2)):
            data = list(range(16))
            data[to : to + 10] = data[source : source + 10]
            text += f"{label} {''.join(f'{byte:x}' for byte in data)}\n"
    elif name == "whole-page":
        text += f"first {0x1A5 & 0xFF:x} last {0x1A5 & 0xFF:x}\n"
    elif name == "nothing-at-end":
        text += "no trap\n"
    else:
        return text
    return text + "the end\n"


def indirect_call(case: dict) -> str:
    name = case["args"][0]
    return f"{name}\n" + ("= 42\n" if name == "right" else "")


def divide_by_zero(case: dict) -> str:
    name = case["args"][0]
    return f"{name} 7 0\n" + ("= inf -inf\n" if name == "float" else "")


DERIVATIONS = {
    "memory/allocation": allocation,
    "memory/bounds": bounds,
    "memory/bulk": bulk,
    "memory/divide-by-zero": divide_by_zero,
    "memory/grow": grow,
    "memory/indirect-call": indirect_call,
    "memory/stack": stack,
    "memory/unreachable": unreachable,
}
