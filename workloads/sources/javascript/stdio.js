// Standard output and error of a component: the interfaces themselves, because
// `console` adds a line feed and is not there in every engine.

import { getStderr } from "wasi:cli/stderr@0.2.12";
import { getStdout } from "wasi:cli/stdout@0.2.12";

// What one call takes at most: wasi:io/streams@0.2.
const PIECE = 4096;

function write(stream, text) {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += PIECE) {
    stream.blockingWriteAndFlush(bytes.subarray(at, at + PIECE));
  }
}

export const print = (text) => write(getStdout(), text);
export const printError = (text) => write(getStderr(), text);
