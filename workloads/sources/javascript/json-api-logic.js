// What `json-api` answers: SPEC.md, section json-api.

const LIMIT = 1_000_000_000;
const ITEMS = "/items/";

// The status, the headers beside content-type, and the body.
export function answer(method, target, body) {
  const path = target.split("?", 1)[0];
  let allowed, respond;
  if (path === "/health") {
    [allowed, respond] = ["GET", () => reply(200, { status: "ok" })];
  } else if (path === "/sum") {
    [allowed, respond] = ["POST", () => sum(body)];
  } else if (path.startsWith(ITEMS) && !path.includes("/", ITEMS.length)) {
    [allowed, respond] = ["GET", () => item(path.slice(ITEMS.length))];
  } else {
    return error(404, "not found");
  }
  if (method !== allowed) {
    return { ...error(405, "the method is not allowed"), headers: { allow: allowed } };
  }
  return respond();
}

function reply(status, value) {
  return { status, headers: {}, body: JSON.stringify(value) };
}

function error(status, what) {
  return reply(status, { error: what });
}

function item(text) {
  if (!/^[0-9]{1,9}$/.test(text)) return error(400, "an item id has 1 to 9 digits");
  const id = Number(text);
  if (id < 1 || id > 1000) return error(404, `no item ${id}`);
  return reply(200, { id, name: `item ${id}`, odd: id % 2 === 1 });
}

function sum(body) {
  let document;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    document = JSON.parse(decoder.decode(body));
  } catch {
    return error(400, "the body is not JSON");
  }
  const numbers = document === null || Array.isArray(document) ? undefined : document.numbers;
  const integer = (value) => Number.isInteger(value) && Math.abs(value) <= LIMIT;
  if (!Array.isArray(numbers) || !numbers.every(integer)) {
    return error(400, "numbers must be a list of integers");
  }
  // From 0, so that the sum of -0 alone is written as 0.
  const total = numbers.reduce((left, right) => left + right, 0);
  return reply(200, { count: numbers.length, sum: total });
}
