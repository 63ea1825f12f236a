// The component of lang/hello-javascript.

import { getArguments } from "wasi:cli/environment@0.2.12";

import { run as hello } from "./hello-logic.js";
import { print, printError } from "./stdio.js";

export const run = {
  run() {
    const { output, problem } = hello(getArguments().slice(1));
    print(output);
    if (problem === undefined) return;
    printError(problem);
    // How a binding says `err`: the type of the error is nothing.
    throw undefined;
  },
};
