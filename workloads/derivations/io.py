"""What the guests of io/* print, from their documentation."""

import hashlib
import itertools

from __main__ import chacha8, content, escaped


def stdin_of(case: dict) -> bytes:
    """All that arrives on stdin: the content of the case, or what its steps write."""
    if "step" in case:
        return b"".join(content(step["write"]) for step in case["step"] if "write" in step)
    recipe = case["stdin"].get("generate")
    if recipe:
        return chacha8(recipe["seed"], recipe["bytes"])
    return content(case["stdin"])


def read(case: dict) -> str:
    data, how = stdin_of(case), case["args"][0]
    if how in ("read", "blocking-read"):
        digest = hashlib.sha256(data).hexdigest()
        return (
            f"{len(data)} bytes, sha256 {digest}\n"
            "longer than asked for: 0, empty: 0\nthen closed\n"
        )
    if how in ("skip", "blocking-skip"):
        thousands = [data[at : at + 1000] for at in range(0, len(data), 1000)]
        kept, skipped = b"".join(thousands[::2]), b"".join(thousands[1::2])
        digest = hashlib.sha256(kept).hexdigest()
        return f"read {len(kept)}, skipped {len(skipped)}\nsha256 {digest}\n"
    functions = ("read", "blocking-read", "skip", "blocking-skip")
    closed = "".join(f"{function} closed\n" for function in functions)
    if how == "closed":
        return f'"{escaped(data)}"\n{closed}ready true\n'
    if how == "zero":
        none = "".join(f'{name} {"0 bytes" if "skip" in name else chr(34) * 2}\n' for name in functions)
        return f'{none}"{escaped(data)}"\n'
    if how == "zero-of-ended":
        return f'"{escaped(data)}"\n{closed}'
    assert how == "waiting", how
    text, waiting = "", 'waiting: ready false, read "", skip 0 bytes\n'
    *whole, rest = data.split(b"\n")
    for line in whole:
        text += f'{waiting}got "{escaped(line)}\\n"\n'
    return f'{text}{waiting}closed after "{escaped(rest)}"\n'


def poll_order(case: dict) -> str:
    how = case["args"][0]
    if how == "permuted":
        return "".join(f"ready at {place}: [{place}]\n" for place in range(4))
    if how == "ready":
        subsets = [[bool(bits >> place & 1) for place in range(3)] for bits in range(1, 8)]
        return "".join(f"{str(subset).lower()}: true\n" for subset in subsets)
    if how == "twice":
        return (
            "the ready one twice: true\nthe other twice: [1]\nthe ready one around it: true\n"
        )
    assert how == "timers", how
    orders = itertools.permutations([10, 30, 50])
    return "".join(
        f"{list(order)}: reported 3, early 0, not in the list 0\n" for order in orders
    )


DERIVATIONS = {"io/read": read, "io/poll-order": poll_order}
