"""What the commands of lang/* and compose/* print, from sources/SPEC.md."""

MASK = (1 << 64) - 1
NAMED = {0x09: b"\\t", 0x0A: b"\\n", 0x0D: b"\\r", 0x22: b'\\"', 0x5C: b"\\\\"}


def escaped(text: str) -> str:
    parts = []
    for byte in text.encode():
        plain = bytes([byte]) if byte in range(0x20, 0x7F) else b"\\x%02x" % byte
        parts.append(NAMED.get(byte, plain))
    return b"".join(parts).decode("ascii")


def hello(case: dict) -> str:
    arguments = case.get("args", [])
    if len(arguments) > 1:
        return ""
    return f'hello "{escaped(arguments[0])}"\n' if arguments else "hello from a component\n"


def fnv_1a(data: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def step(state: int) -> int:
    state ^= (state << 13) & MASK
    state ^= state >> 7
    return state ^ ((state << 17) & MASK)


def pair(line: str) -> str:
    name, separator, value = line.partition("=")
    if not separator:
        return "no separator\n"
    digits = value.removeprefix("-")
    number = digits.isascii() and digits.isdigit() and -(2**63) <= int(value) < 2**63
    if not number:
        return f'not a number "{escaped(value)}"\n'
    return f'name "{escaped(name)}" value {int(value)}\n'


def compose(case: dict) -> str:
    match case.get("args", []):
        case ["words", text]:
            words = [word.encode() for word in text.split(" ") if word]
            lines = sorted((word, words.count(word)) for word in set(words))
            return "".join(f'"{escaped(word.decode())}" {count}\n' for word, count in lines)
        case ["pair", line]:
            return pair(line)
        case ["bytes", length]:
            return f"digest {fnv_1a(bytes(at % 251 for at in range(int(length)))):016x}\n"
        case ["calls", count]:
            state = 1
            for _ in range(int(count)):
                state = step(state)
            return f"state {state:016x}\n"
    return ""


# The test vector "foobar" of draft-eastlake-fnv, appendix C.
assert fnv_1a(b"foobar") == 0x85944171F73967E8

LANGUAGES = ("rust", "c", "go", "python", "javascript")
CONSUMERS = ("rust-single", "rust-rust", "go-rust", "python-rust", "javascript-rust")
DERIVATIONS = {f"lang/hello-{language}": hello for language in LANGUAGES}
DERIVATIONS |= {f"compose/{consumer}": compose for consumer in CONSUMERS}
