"""The native twin of lang/hello-python: python3 hello.py [TEXT]."""

import sys

# The directory of the sources is not a place for compiled files.
sys.dont_write_bytecode = True

import hello_logic

output, problem = hello_logic.run(sys.argv[1:])
sys.stdout.write(output)
sys.stdout.flush()
if problem is not None:
    sys.stderr.write(problem)
    sys.exit(1)
