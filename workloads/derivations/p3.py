"""What the guests of p3/* print, from their documentation. Both members of a
pair are derived by the same function."""

from __main__ import content


def hello(_case: dict) -> str:
    return "hello from a component\n"


def stdin_of(case: dict) -> bytes:
    """All that arrives on stdin: the content of the case, or what its steps write."""
    if "step" in case:
        return b"".join(content(step["write"]) for step in case["step"] if "write" in step)
    return content(case["stdin"]) if "stdin" in case else b""


def stream(case: dict) -> str:
    if case["args"] != ["rot13"]:
        return ""
    upper, lower = range(ord("A"), ord("Z") + 1), range(ord("a"), ord("z") + 1)
    table = bytes(
        next((letters[(at - letters[0] + 13) % 26] for letters in (upper, lower) if at in letters), at)
        for at in range(256)
    )
    return stdin_of(case).translate(table).decode()


def timers(case: dict) -> str:
    mode, lengths = case["args"][0], [int(length) for length in case["args"][1:]]
    if mode == "first":
        return f"first: {min(lengths)} ms\n" if lengths else "first: none\n"
    if mode != "all":
        return ""
    # At once, they take as long as the longest of them.
    together = "less" if max(lengths, default=0) < sum(lengths) else "no less"
    return "".join(f"{length} ms: over\n" for length in lengths) + f"together: {together} than their sum\n"


PAIRS = {"hello": hello, "stream": stream, "timers": timers}
DERIVATIONS = {f"p3/{name}-{version}": derive for name, derive in PAIRS.items() for version in ("02", "03")}
