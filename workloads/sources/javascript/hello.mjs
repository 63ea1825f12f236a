// The native twin of lang/hello-javascript: node hello.mjs [TEXT].

import { writeSync } from "node:fs";

import { run } from "./hello-logic.js";

const { output, problem } = run(process.argv.slice(2));
if (output !== "") writeSync(1, output);
if (problem !== undefined) {
  writeSync(2, problem);
  process.exitCode = 1;
}
