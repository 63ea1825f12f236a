"""What the guests of cli/* print, from their documentation and Python's own
arguments, dictionaries and directories."""

import hashlib
import os
import tempfile
from pathlib import Path

from __main__ import chacha8, content, escaped


def args(case: dict) -> str:
    given = [argument.encode() for argument in case.get("args", [])]
    digest = hashlib.sha256(b"".join(argument + b"\0" for argument in given)).hexdigest()
    lines = [f"arguments {len(given)}", f"bytes {sum(map(len, given))}", f"sha256 {digest}"]
    for which, some in (("first", given[:1]), ("last", given[-1:])):
        lines += [f'{which} {len(one)} "{escaped(one[:40])}"' for one in some]
    return "\n".join(lines) + "\n"


def env(case: dict) -> str:
    given = {name.encode(): value.encode() for name, value in case.get("env", {}).items()}
    counted = sorted(pair for pair in given.items() if pair[0].startswith(b"ASSAY_"))
    digest = hashlib.sha256(b"".join(b"%s=%s\0" % pair for pair in counted)).hexdigest()
    lines = [f"variables {len(counted)}", f"sha256 {digest}"]
    for name in case.get("args", []):
        value = given.get(name.encode())
        lines.append(f"{name} unset" if value is None else f'{name} = "{escaped(value)}"')
    return "\n".join(lines) + "\n"


def environment(case: dict) -> str:
    lines = [
        f'arg {at} "{escaped(argument.encode())}"'
        for at, argument in enumerate(case.get("args", []), 1)
    ]
    variables = sorted(case.get("env", {}).items())
    lines.append(f"variables {len(variables)}")
    lines += [f'env "{escaped(n.encode())}" "{escaped(v.encode())}"' for n, v in variables]
    lines.append("initial-cwd the root")
    lines.append("again: arguments true, environment true, initial-cwd true")
    return "\n".join(lines) + "\n"


def described(label: str) -> list[str]:
    here = os.getcwd()
    names = sorted(os.listdir("."))
    same = str(sorted(os.listdir(here)) == names).lower()
    absolute = str(os.path.isabs(here)).lower()
    return [
        label,
        f"  absolute: {absolute}",
        f"  same names by its path: {same}",
        f"  names: {' '.join(names)}",
    ]


KINDS = {FileNotFoundError: "NotFound", NotADirectoryError: "NotADirectory"}


def cwd(case: dict) -> str:
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as root:
        for path, entry in case["tree"].items():
            path = Path(root) / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(entry))
        try:
            os.chdir(root)
            lines = described("start")
            for target in case.get("args", []):
                here = os.getcwd()
                try:
                    os.chdir(target)
                    lines += described(f"in {target}")
                except OSError as error:
                    stayed = str(os.getcwd() == here).lower()
                    lines.append(f"in {target}: {KINDS[type(error)]}, stayed: {stayed}")
        finally:
            os.chdir(before)
    return "\n".join(lines) + "\n"


def stdin_of(case: dict) -> bytes:
    """All that arrives on stdin: the content of the case, or what its steps write."""
    if "step" in case:
        return b"".join(content(step["write"]) for step in case["step"] if "write" in step)
    recipe = case["stdin"].get("generate")
    if recipe:
        return chacha8(recipe["seed"], recipe["bytes"])
    return content(case["stdin"])


def stdin_echo(case: dict) -> str:
    *whole, rest = stdin_of(case).split(b"\n")
    lines = ["ready"]
    lines += [f'line {at} "{escaped(line)}"' for at, line in enumerate(whole, 1)]
    lines.append(f'end after {len(whole)} lines, rest "{escaped(rest)}"')
    return "\n".join([*lines, "read again: 0 bytes"]) + "\n"


def stdin_take(case: dict) -> str:
    wanted = int(case["args"][0])
    taken = stdin_of(case)[:wanted]
    return f'took {len(taken)} of {wanted}: "{escaped(taken)}"\n'


DERIVATIONS = {
    "cli/args": args,
    "cli/cwd": cwd,
    "cli/env": env,
    "cli/environment": environment,
    "cli/stdin-echo": stdin_echo,
    "cli/stdin-take": stdin_take,
}
