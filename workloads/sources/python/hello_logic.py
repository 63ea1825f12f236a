"""What `hello` does: SPEC.md, section hello."""

NAMED = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\"}


def escaped(text: str) -> str:
    # "surrogateescape" is how Python keeps bytes of a command line that are
    # not UTF-8; back to the bytes it is.
    return "".join(
        NAMED.get(byte) or (chr(byte) if 0x20 <= byte <= 0x7E else f"\\x{byte:02x}")
        for byte in text.encode("utf-8", "surrogateescape")
    )


def run(arguments: list[str]) -> tuple[str, str | None]:
    """What goes to standard output, and why it failed, if it did."""
    if not arguments:
        return "hello from a component\n", None
    if len(arguments) == 1:
        return f'hello "{escaped(arguments[0])}"\n', None
    return "", f"hello: at most one argument, not {len(arguments)}\n"
