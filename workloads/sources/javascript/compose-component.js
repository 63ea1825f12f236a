// The `compose` command that calls assay:compose/text: SPEC.md, section compose.

import { countWords, digest, parsePair, step } from "assay:compose/text@1.0.0";
import { getArguments } from "wasi:cli/environment@0.2.12";

import { escaped } from "./hello-logic.js";
import { print, printError } from "./stdio.js";

const hexadecimal = (value) => value.toString(16).padStart(16, "0");

function words(text) {
  return countWords(text)
    .map(({ word, count }) => `"${escaped(word)}" ${count}\n`)
    .join("");
}

function pair(line) {
  try {
    const [name, value] = parsePair(line);
    return `name "${escaped(name)}" value ${value}\n`;
  } catch (thrown) {
    // A binding throws an error with the value of `err` as its payload.
    const problem = thrown.payload;
    if (problem?.tag === "no-separator") return "no separator\n";
    if (problem?.tag === "not-a-number") return `not a number "${escaped(problem.val)}"\n`;
    throw thrown;
  }
}

function bytes(length) {
  const data = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) data[at] = at % 251;
  return `digest ${hexadecimal(digest(data))}\n`;
}

function calls(count) {
  let state = 1n;
  for (let call = 0; call < count; call += 1) state = step(state);
  return `state ${hexadecimal(state)}\n`;
}

function output([operation, argument, ...more]) {
  if (argument === undefined || more.length > 0) return undefined;
  if (operation === "words") return words(argument);
  if (operation === "pair") return pair(argument);
  if (!/^[0-9]{1,9}$/.test(argument)) return undefined;
  if (operation === "bytes") return bytes(Number(argument));
  if (operation === "calls") return calls(Number(argument));
  return undefined;
}

export const run = {
  run() {
    const text = output(getArguments().slice(1));
    if (text !== undefined) {
      print(text);
      return;
    }
    printError("usage: compose words|pair|bytes|calls ARGUMENT\n");
    throw undefined;
  },
};
