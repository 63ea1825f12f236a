// The native twin of lang/json-api-javascript: node json-api.mjs ADDRESS.

import { createServer } from "node:http";

import { answer } from "./json-api-logic.js";

const address = /^\[?(.+?)\]?:([0-9]+)$/.exec(process.argv[2] ?? "");
if (address === null) {
  console.error("usage: json-api.mjs ADDRESS, for example 127.0.0.1:8080");
  process.exit(2);
}
const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const { status, headers, body } = answer(request.method, request.url, Buffer.concat(pieces));
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      ...headers,
    });
    response.end(body);
  });
});
server.listen(Number(address[2]), address[1]);
