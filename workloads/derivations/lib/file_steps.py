"""What the derivations of the file workloads share: a tree made from a
definition, compared with what is left of it, and errors by their POSIX names.
"""

import errno
import os
import sys
import tempfile
from pathlib import Path

# The names the guests know: POSIX has two for some numbers.
NAMES = dict(errno.errorcode) | {errno.ENOTSUP: "ENOTSUP"}


def escaped(data: bytes) -> str:
    named = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\"}
    return "".join(
        named.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data
    )


def quoted(data: bytes) -> str:
    return f'"{escaped(data)}"'


def bytes_of(entry: dict) -> bytes:
    if "generate" in entry:
        recipe = entry["generate"]
        # The ChaCha8 of derive-expectations, which loads this file.
        return sys.modules["__main__"].chacha8(recipe["seed"], recipe["bytes"])
    return entry["text"].encode() if "text" in entry else bytes.fromhex(entry["hex"])


def made(case: dict) -> None:
    for path, entry in case["tree"].items():
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if "directory" in entry:
            path.mkdir(exist_ok=True)
        elif "symlink" in entry:
            path.symlink_to(entry["symlink"])
        else:
            path.write_bytes(bytes_of(entry))


def compared(case: dict) -> None:
    """What is left against expect.tree, which names no parents."""
    expected = case["expect"]["tree"]
    found = set()
    for directory, directories, files in os.walk("."):
        found |= {os.path.relpath(os.path.join(directory, name)) for name in directories + files}
    parents = {str(up) for path in expected for up in Path(path).parents if str(up) != "."}
    assert found == set(expected) | parents, found ^ (set(expected) | parents)
    for path, entry in expected.items():
        if "symlink" in entry:
            assert os.readlink(path) == entry["symlink"], path
        elif "directory" in entry:
            assert os.path.isdir(path) and not os.path.islink(path), path
        else:
            assert not os.path.islink(path) and Path(path).read_bytes() == bytes_of(entry), path


def in_a_directory(cases: dict):
    """A derivation that runs the function of the case where its tree is."""

    def derive(case: dict) -> str:
        lines = []
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as name:
            os.chdir(name)
            try:
                made(case)
                cases[case["name"]](lambda what, value: lines.append(f"{what}: {value}\n"))
                compared(case)
            finally:
                os.chdir(before)
        return "".join(lines)

    return derive


def attempt(step, show=lambda value: "done") -> str:
    try:
        return str(show(step()))
    except OSError as error:
        return NAMES[error.errno]


def refused(step, allowed: set[str]) -> str:
    name = attempt(step)
    return "refused" if name in allowed else name


def read(path: str) -> str:
    return attempt(lambda: Path(path).read_bytes(), quoted)


def opened(path: str, flags: int, content: bytes = b"") -> None:
    descriptor = os.open(path, flags, 0o666)
    try:
        if content:
            os.write(descriptor, content)
    finally:
        os.close(descriptor)


def written(path: str, content: bytes) -> None:
    opened(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, content)


LONG = "n" * 256


def shortened(path: str) -> str:
    return "256 bytes" if len(path) > 64 else path
