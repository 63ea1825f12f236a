// The component of lang/json-api-javascript: the engine turns the event into
// wasi:http/incoming-handler.

import { answer } from "./json-api-logic.js";

async function respond(request) {
  const url = request.url;
  // The part behind scheme and authority as it was sent: URL would rewrite it.
  const target = url.slice(url.indexOf("/", url.indexOf("//") + 2));
  const content = new Uint8Array(await request.arrayBuffer());
  const { status, headers, body } = answer(request.method, target, content);
  return new Response(body, {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

addEventListener("fetch", (event) => event.respondWith(respond(event.request)));
