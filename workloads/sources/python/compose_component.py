"""The `compose` command that calls assay:compose/text: SPEC.md, section compose."""

import sys

import hello_logic
from componentize_py_types import Err
from wit_world.exports import Run as RunInterface
from wit_world.imports import environment, text

USAGE = "usage: compose words|pair|bytes|calls ARGUMENT\n"


def number(argument: str) -> bool:
    return 1 <= len(argument) <= 9 and argument.isascii() and argument.isdigit()


def words(argument: str) -> str:
    return "".join(
        f'"{hello_logic.escaped(entry.word)}" {entry.count}\n'
        for entry in text.count_words(argument)
    )


def pair(argument: str) -> str:
    try:
        name, value = text.parse_pair(argument)
    except Err as problem:
        match problem.value:
            case text.Problem_NoSeparator():
                return "no separator\n"
            case text.Problem_NotANumber(value=what):
                return f'not a number "{hello_logic.escaped(what)}"\n'
            case other:
                raise AssertionError(f"no such problem: {other}")
    return f'name "{hello_logic.escaped(name)}" value {value}\n'


def digest(argument: str) -> str:
    length = int(argument)
    block = bytes(range(251))
    data = (block * (length // 251 + 1))[:length]
    return f"digest {text.digest(data):016x}\n"


def calls(argument: str) -> str:
    state = 1
    for _ in range(int(argument)):
        state = text.step(state)
    return f"state {state:016x}\n"


class Run(RunInterface):
    def run(self) -> None:
        match environment.get_arguments()[1:]:
            case ["words", argument]:
                output = words(argument)
            case ["pair", argument]:
                output = pair(argument)
            case ["bytes", argument] if number(argument):
                output = digest(argument)
            case ["calls", argument] if number(argument):
                output = calls(argument)
            case _:
                sys.stderr.write(USAGE)
                sys.stderr.flush()
                raise Err(None)
        sys.stdout.write(output)
        sys.stdout.flush()
