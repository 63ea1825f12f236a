// What `hello` does: SPEC.md, section hello.

const NAMED = new Map([
  [9, "\\t"],
  [10, "\\n"],
  [13, "\\r"],
  [34, '\\"'],
  [92, "\\\\"],
]);

export function escaped(text) {
  let result = "";
  for (const byte of new TextEncoder().encode(text)) {
    if (NAMED.has(byte)) result += NAMED.get(byte);
    else if (byte >= 0x20 && byte <= 0x7e) result += String.fromCharCode(byte);
    else result += "\\x" + byte.toString(16).padStart(2, "0");
  }
  return result;
}

// What goes to standard output, and why it failed, if it did.
export function run(args) {
  if (args.length === 0) return { output: "hello from a component\n" };
  if (args.length === 1) return { output: `hello "${escaped(args[0])}"\n` };
  return { output: "", problem: `hello: at most one argument, not ${args.length}\n` };
}
