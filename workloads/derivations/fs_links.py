"""The expected outputs of the std file workloads (fs/*), a second time: listing,
links, names and times, as in fs.py, and fs/raw-stream-read from the bytes of
its tree.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from file_steps import LONG, attempt, bytes_of, escaped, in_a_directory  # noqa: E402
from file_steps import opened, quoted, read, written  # noqa: E402

MASK32 = (1 << 32) - 1


# fs/listing


def listing_many(say) -> None:
    names = [f"entry-{number:04}" for number in range(2_000)]
    os.mkdir("many")
    for number, name in enumerate(names):
        written(f"many/{name}", str(number).encode())
    found = sorted(os.listdir("many"))
    say("entries", len(found))
    say("first", found[0])
    say("last", found[-1])
    say("each once", str(found == names).lower())
    say("bytes", sum(os.path.getsize(f"many/{name}") for name in found))
    left = [name for name in found if name.endswith("00")]
    say("left", len(left))
    say("left", " ".join(left[:2]))
    for name in set(found) - set(left[:2]):
        os.unlink(f"many/{name}")


def listing_tree(say) -> None:
    for path in sorted(Path("dir").rglob("*"), key=str):
        if path.is_symlink():
            say(path, f"link to {os.readlink(path)}")
        elif path.is_dir():
            say(path, "directory")
        else:
            say(path, f"file of {path.stat().st_size}")


def listing_errors(say) -> None:
    for path in "file.txt", "missing", "dangling", "loop-a", "file.txt/x":
        say(f"'{path}'", attempt(lambda: os.listdir(path)))


# fs/links


def links_symbolic(say) -> None:
    for target, path in (
        ("file.txt", "to-file"),
        ("../file.txt", "dir/to-parent"),
        ("nowhere", "to-nowhere"),
        ("dir", "to-dir"),
    ):
        say(path, attempt(lambda: os.symlink(target, path)))
        say("reads", os.readlink(path))
        say("length", os.lstat(path).st_size)
        kind = lambda _: "a directory" if os.path.isdir(path) else "a file"
        say("leads to", attempt(lambda: os.stat(path), kind))
    say("content", read("dir/to-parent"))


def links_symbolic_errors(say) -> None:
    for path in "file.txt", "dir", "dangling", "missing/new", "file.txt/new":
        say(f"symlink '{path}'", attempt(lambda: os.symlink("anywhere", path)))
    for path in "file.txt", "dir", "missing", "file.txt/x":
        say(f"read_link '{path}'", attempt(lambda: os.readlink(path), str))


def links_through(say) -> None:
    say("read", read("link"))
    written("link", b"written\n")
    say("the target", read("file.txt"))
    say("still a link", str(os.path.islink("link")).lower())
    say("below a link", read("link-dir/inside.txt"))
    say("up from a link", read("link-dir/../file.txt"))
    written("dangling", b"made\n")
    say("made", read("nowhere.txt"))


def links_loops(say) -> None:
    os.symlink("self", "self")
    for path in "loop-a", "self", "loop-b/x":
        say(f"read '{path}'", read(path))
        say(f"metadata '{path}'", attempt(lambda: os.stat(path)))
        say(f"create_dir '{path}/new'", attempt(lambda: os.mkdir(f"{path}/new")))
    say("read_link", os.readlink("self"))
    say("remove_file", attempt(lambda: os.unlink("self")))


def links_hard(say) -> None:
    os.link("file.txt", "second")
    opened("second", os.O_WRONLY | os.O_APPEND, b"more\n")
    say("written by the other name", read("file.txt"))
    os.link("second", "dir/third")
    os.unlink("file.txt")
    say("one name less", read("dir/third"))
    written("new.txt", b"new\n")
    os.rename("new.txt", "second")
    say("replaced", read("second"))
    say("the last name", read("dir/third"))


def links_hard_errors(say) -> None:
    for old, new in (
        ("missing", "new"),
        ("file.txt", "file.txt"),
        ("file.txt", "dir"),
        ("file.txt", "dangling"),
        ("file.txt", "missing/new"),
        ("dir", "new"),
    ):
        say(f"'{old}' to '{new}'", attempt(lambda: os.link(old, new)))


# fs/names

MADE = [
    "grün",
    "gru\u0308n",
    "Grün",
    "ελληνικά",
    "日本語",
    "עברית",
    "👩\u200d🔬",
    " leading and trailing ",
    "line\nbreak",
    "%2F",
    "C:",
    "con.txt",
    "~",
]


def names_given(say) -> None:
    for name in sorted(os.listdir(b"names")):
        say(escaped(name), quoted(Path(os.fsdecode(b"names/" + name)).read_bytes()))


def names_made(say) -> None:
    for name in MADE:
        written(f"names/{name}", name.encode())
        os.rename(f"names/{name}", f"names/{name}.")
    names_given(say)


def names_length(say) -> None:
    for what, name in (
        ("255 letters", "n" * 255),
        ("256 letters", LONG),
        ("85 characters of three bytes", "日" * 85),
        ("86 characters of three bytes", "日" * 86),
    ):
        path = f"names/{name}"
        say(what, attempt(lambda: written(path, b"x")))
        if len(name.encode()) < 256:
            say("read", read(path))
            os.unlink(path)


# fs/times


def times_of(path: str) -> str:
    found = os.stat(path)
    shown = (f"{ns // 10**9}.{ns % 10**9:09}" for ns in (found.st_atime_ns, found.st_mtime_ns))
    return "accessed {} modified {}".format(*shown)


def times_set(say) -> None:
    for what, accessed, modified in (
        ("seconds", 500_000_000 * 10**9, 1_000_000_000 * 10**9),
        ("nanoseconds", 10**9 + 1, 3 * 10**9 - 1),
        ("epoch", 0, 0),
        ("after 2038", 2_200_000_000 * 10**9, 4_000_000_000 * 10**9),
    ):
        os.utime("file.txt", ns=(accessed, modified))
        say(what, times_of("file.txt"))


def times_one(say) -> None:
    # Python sets both at once, so the other is given as it is.
    os.utime("file.txt", ns=(1 * 10**9, 3 * 10**9))
    say("modified alone", times_of("file.txt"))
    os.utime("file.txt", ns=(4 * 10**9, 3 * 10**9))
    say("accessed alone", times_of("file.txt"))
    say("neither", times_of("file.txt"))


def times_written(say) -> None:
    past = 1_000_000_000
    later = lambda what: say(what, str(os.stat("file.txt").st_mtime > past).lower())
    os.utime("file.txt", (past, past))
    later("later, when set")
    opened("file.txt", os.O_WRONLY, b"X")
    later("later, when written")
    os.utime("file.txt", (past, past))
    os.truncate("file.txt", 2)
    later("later, when cut")
    os.utime("file.txt", (past, past))
    os.rename("file.txt", "other.txt")
    os.rename("other.txt", "file.txt")
    later("later, when renamed")


# fs/raw-stream-read


def stream_read(case: dict) -> str:
    (content,) = (bytes_of(entry) for entry in case["tree"].values())
    rest = lambda at: f"{quoted(content[at:])} closed"
    part = lambda start, end: quoted(content[start:end])
    checksum = 0
    if case["name"] == "large":
        for byte in content[1:]:
            checksum = (checksum * 31 + byte) & MASK32
    lines = {
        "whole": [
            f"4 bytes: {part(0, 4)}",
            f"3 bytes: {part(4, 7)}",
            f"the rest: {rest(7)}",
            f"again: {rest(len(content))}",
            "read: closed",
            "skip: closed",
        ],
        "offset": [f"from {at}: {rest(at)}" for at in (7, 9, 10, 1000)],
        "independent": [
            f"first: {part(0, 3)}",
            f"second: {part(5, 7)}",
            f"descriptor: {part(1, 5)}",
            f"first: {part(3, 6)}",
            f"second: {rest(7)}",
            f"first, its descriptor dropped: {rest(6)}",
        ],
        "skip": [
            "blocking-skip: 4",
            f"then: {part(5, 7)}",
            "skip: 3",
            f"then: {part(3, 5)}",
            f"more than is left: {len(content) - 7} closed",
        ],
        "poll": [f"taken: {quoted(content)}", "end: closed", "ready when closed: true"],
        "read-nothing": ['read 0: ""', "skip 0: 0", f"then: {part(0, 4)}"],
        "blocking-read-nothing": ['blocking-read 0: ""', f"then: {part(0, 4)}"],
        "large": [f"bytes: {len(content) - 1}", f"sum: {checksum:08x}", "end: closed"],
        # EISDIR of read(2), by another way to ask for it.
        "directory": [
            f"read-via-stream: {'is-directory' if attempt(lambda: read_directory()) == 'EISDIR' else '?'}"
        ],
    }[case["name"]]
    return "\n".join(lines) + "\n"


def read_directory() -> None:
    descriptor = os.open(".", os.O_RDONLY)
    try:
        os.read(descriptor, 1)
    finally:
        os.close(descriptor)


DERIVATIONS = {
    "fs/links": in_a_directory(
        {
            "symbolic": links_symbolic,
            "symbolic-errors": links_symbolic_errors,
            "through": links_through,
            "loops": links_loops,
            "hard": links_hard,
            "hard-errors": links_hard_errors,
        }
    ),
    "fs/listing": in_a_directory(
        {"many": listing_many, "tree": listing_tree, "errors": listing_errors}
    ),
    "fs/names": in_a_directory({"given": names_given, "made": names_made, "length": names_length}),
    "fs/raw-stream-read": stream_read,
    "fs/times": in_a_directory({"set": times_set, "one": times_one, "written": times_written}),
}
