"""The component of lang/hello-python."""

import sys

import hello_logic
from componentize_py_types import Err
from wit_world.exports import Run as RunInterface
from wit_world.imports import environment


class Run(RunInterface):
    def run(self) -> None:
        output, problem = hello_logic.run(environment.get_arguments()[1:])
        sys.stdout.write(output)
        sys.stdout.flush()
        if problem is not None:
            sys.stderr.write(problem)
            sys.stderr.flush()
            raise Err(None)
