"""The expected outputs of the std file workloads (fs/*), a second time.

The steps of each guest are carried out with Python's os module in a directory
of its own, and the tree that is left is compared with the expected one. Here
are opening, offsets, renaming and removing; fs_links.py has the others.
"""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from file_steps import LONG, attempt, in_a_directory, opened, quoted, read  # noqa: E402
from file_steps import refused, shortened, written  # noqa: E402


# fs/open


def open_create(say) -> None:
    for path in ("new.txt", "file.txt", "dir/new.txt"):
        opened(path, os.O_WRONLY | os.O_CREAT, b"NEW")
        say(path, read(path))


def open_create_new(say) -> None:
    for path in ("new.txt", "new.txt", "file.txt", "dir", "link", "dangling"):
        say(path, attempt(lambda: opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, b"new")))
    say("nowhere.txt", attempt(lambda: os.stat("nowhere.txt")))


def open_truncate(say) -> None:
    written("file.txt", b"")
    say("File::create", read("file.txt"))
    opened("dir/inside.txt", os.O_WRONLY | os.O_TRUNC, b"x")
    say("truncate and write", read("dir/inside.txt"))
    say("truncate, missing", attempt(lambda: opened("new.txt", os.O_WRONLY | os.O_TRUNC)))


def open_append(say) -> None:
    first = os.open("file.txt", os.O_WRONLY | os.O_APPEND)
    second = os.open("file.txt", os.O_RDWR | os.O_APPEND)
    os.write(first, b"1")
    os.write(second, b"22")
    os.write(first, b"3\n")
    say("by turns", read("file.txt"))
    written("file.txt", b"cut\n")
    os.write(second, b"4\n")
    say("after a cut", read("file.txt"))
    os.close(first)
    os.close(second)
    for content in (b"a", b"b"):
        opened("new.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, content)
    say("created", read("new.txt"))


def open_modes(say) -> None:
    both = os.open("file.txt", os.O_RDWR)
    os.read(both, 4)
    os.write(both, b"____")
    os.close(both)
    say("read, then write", read("file.txt"))
    reader, writer = os.open("file.txt", os.O_RDONLY), os.open("file.txt", os.O_WRONLY)
    say("write to what is open to read", refused(lambda: os.write(reader, b"x"), {"EBADF"}))
    say("read what is open to write", refused(lambda: os.read(writer, 4), {"EBADF"}))
    os.close(reader)
    os.close(writer)
    say("content", read("file.txt"))


def open_errors(say) -> None:
    missing = ("missing", "missing/x", "file.txt/x", "file.txt/", "dangling", "loop-a", LONG)
    for path in missing:
        say(f"open '{shortened(path)}'", attempt(lambda: opened(path, os.O_RDONLY)))
    for path in ("dir", "missing/new", "file.txt/new", "loop-a", LONG):
        say(f"create '{shortened(path)}'", attempt(lambda: written(path, b"")))


# fs/offsets


def offsets_seek(say) -> None:
    file = os.open("digits.txt", os.O_RDWR)
    for what, offset, whence in (
        ("from the start", 3, os.SEEK_SET),
        ("from here", 2, os.SEEK_CUR),
        ("back from here", -4, os.SEEK_CUR),
        ("from the end", -3, os.SEEK_END),
        ("nowhere", 0, os.SEEK_CUR),
    ):
        position = os.lseek(file, offset, whence)
        say(what, f"{position} {quoted(os.read(file, 1))}")
    os.lseek(file, 4, os.SEEK_SET)
    os.write(file, b"ab")
    say("after a write", os.lseek(file, 0, os.SEEK_CUR))
    say("the next two", quoted(os.read(file, 2)))
    os.close(file)
    say("content", read("digits.txt"))


def offsets_errors(say) -> None:
    file = os.open("digits.txt", os.O_RDWR)
    for what, offset, whence in (
        ("before the start", -1, os.SEEK_CUR),
        ("before the start, from the end", -11, os.SEEK_END),
        ("behind the end", 90, os.SEEK_END),
    ):
        say(what, attempt(lambda: os.lseek(file, offset, whence), str))
    say("what is read there", quoted(os.read(file, 100)))
    os.close(file)
    say("content", read("digits.txt"))


def offsets_beyond(say) -> None:
    file = os.open("digits.txt", os.O_RDWR)
    os.lseek(file, 14, os.SEEK_SET)
    os.write(file, b"x")
    say("content", read("digits.txt"))
    os.lseek(file, 40, os.SEEK_SET)
    os.write(file, b"")
    say("length", os.fstat(file).st_size)
    os.close(file)


def offsets_length(say) -> None:
    file = os.open("digits.txt", os.O_RDWR)
    os.lseek(file, 8, os.SEEK_SET)
    for length in (4, 6, 0, 2):
        os.ftruncate(file, length)
        say(f"set_len {length}", read("digits.txt"))
    os.write(file, b"x")
    say("after a write", read("digits.txt"))
    os.ftruncate(file, 5_000_000_000)
    say("more than 32 bits", os.fstat(file).st_size)
    os.lseek(file, 4_999_999_998, os.SEEK_SET)
    os.write(file, b"yz")
    os.lseek(file, -3, os.SEEK_END)
    say("its last bytes", quoted(os.read(file, 3)))
    os.ftruncate(file, 1)
    os.close(file)
    say("and back", read("digits.txt"))
    reader = os.open("digits.txt", os.O_RDONLY)
    cut = refused(lambda: os.ftruncate(reader, 0), {"EBADF", "EINVAL"})
    say("set_len when open to read", cut)
    os.close(reader)


def offsets_shared(say) -> None:
    first, second = (os.open("digits.txt", os.O_RDWR) for _ in range(2))
    say("first", quoted(os.read(first, 4)))
    say("second", quoted(os.read(second, 2)))
    os.write(first, b"abcd")
    say("second", quoted(os.read(second, 6)))
    say("first is at", os.lseek(first, 0, os.SEEK_CUR))
    os.lseek(first, 0, os.SEEK_SET)
    say("first, from the start", quoted(os.read(first, 10)))
    os.close(first)
    os.close(second)


# fs/rename


def rename_over(say) -> None:
    replaced = os.open("b.txt", os.O_RDONLY)
    say("over a file", attempt(lambda: os.rename("a.txt", "b.txt")))
    say("old name", attempt(lambda: os.stat("a.txt")))
    say("new name", read("b.txt"))
    say("what was replaced", quoted(os.read(replaced, 100)))
    os.close(replaced)
    say("over a link", attempt(lambda: os.rename("b.txt", "link")))
    say("is a link", str(os.path.islink("link")).lower())
    say("content", read("link"))


def rename_across(say) -> None:
    say("a file", attempt(lambda: os.rename("a.txt", "full/a.txt")))
    say("content", read("full/a.txt"))
    say("a full directory", attempt(lambda: os.rename("full", "empty/full")))
    say("below it", read("empty/full/inside.txt"))
    say("a link", attempt(lambda: os.rename("link", "empty/link")))
    say("where it leads", read("empty/link"))


def rename_directories(say) -> None:
    say("over an empty one", attempt(lambda: os.rename("full", "empty")))
    say("below it", read("empty/inside.txt"))
    os.mkdir("other")
    over = refused(lambda: os.rename("other", "empty"), {"ENOTEMPTY", "EEXIST"})
    say("over a full one", over)
    say("below itself", attempt(lambda: os.rename("empty", "empty/new")))
    say("a file over one", attempt(lambda: os.rename("a.txt", "other")))
    say("one over a file", attempt(lambda: os.rename("other", "a.txt")))


def rename_errors(say) -> None:
    for old, new in (
        ("missing", "new"),
        ("missing/x", "new"),
        ("a.txt", "missing/new"),
        ("a.txt/x", "new"),
        ("a.txt", "b.txt/new"),
        ("a.txt/", "new"),
    ):
        say(f"'{old}' to '{new}'", attempt(lambda: os.rename(old, new)))
    say("to 256 bytes", attempt(lambda: os.rename("a.txt", LONG)))


# fs/remove


def remove_files(say) -> None:
    for path in "a.txt", "a.txt", "link", "dangling", "full", "missing/x", "b.txt/x", "b.txt/":
        say(f"remove_file '{path}'", attempt(lambda: os.unlink(path)))
    say("target of the link", read("b.txt"))


def remove_directories(say) -> None:
    for path in "empty", "empty", "full", "a.txt", "link-dir", "missing/x", "a.txt/x":
        say(f"remove_dir '{path}'", attempt(lambda: os.rmdir(path)))
    os.unlink("full/inside.txt")
    say("remove_dir, emptied", attempt(lambda: os.rmdir("full")))


def remove_tree(say) -> None:
    os.makedirs("full/one/two/three")
    written("full/one/two/deep.txt", b"deep\n")
    os.symlink("../b.txt", "full/out")
    os.symlink("..", "full/one/up")
    say("remove_dir_all", attempt(lambda: shutil.rmtree("full")))
    say("is there", str(os.path.lexists("full")).lower())
    say("target of a link", read("b.txt"))
    say("remove_dir_all, missing", attempt(lambda: shutil.rmtree("full")))


def remove_open(say) -> None:
    file = os.open("a.txt", os.O_RDWR)
    say("remove_file", attempt(lambda: os.unlink("a.txt")))
    say("by name", attempt(lambda: os.stat("a.txt")))
    os.write(file, b"A")
    written("a.txt", b"another\n")
    os.lseek(file, 0, os.SEEK_SET)
    say("through the handle", quoted(os.read(file, 100)))
    say("by name, again", read("a.txt"))
    os.ftruncate(file, 3)
    say("length", os.fstat(file).st_size)
    os.close(file)


DERIVATIONS = {
    "fs/offsets": in_a_directory(
        {
            "seek": offsets_seek,
            "seek-errors": offsets_errors,
            "beyond": offsets_beyond,
            "length": offsets_length,
            "shared": offsets_shared,
        }
    ),
    "fs/open": in_a_directory(
        {
            "create": open_create,
            "create-new": open_create_new,
            "truncate": open_truncate,
            "append": open_append,
            "modes": open_modes,
            "errors": open_errors,
        }
    ),
    "fs/remove": in_a_directory(
        {
            "files": remove_files,
            "directories": remove_directories,
            "tree": remove_tree,
            "open": remove_open,
        }
    ),
    "fs/rename": in_a_directory(
        {
            "over": rename_over,
            "across": rename_across,
            "directories": rename_directories,
            "errors": rename_errors,
        }
    ),
}
