"""What `json-api` answers: SPEC.md, section json-api."""

import json

LIMIT = 1_000_000_000


def answer(method: str, path: str, body: bytes) -> tuple[int, dict[str, str], str]:
    """The status, the headers beside content-type, and the body."""
    path = path.split("?", 1)[0]
    if path == "/health":
        allowed, respond = "GET", lambda: (200, {}, '{"status":"ok"}')
    elif path == "/sum":
        allowed, respond = "POST", lambda: total(body)
    elif path.startswith("/items/") and "/" not in path[len("/items/") :]:
        allowed, respond = "GET", lambda: item(path[len("/items/") :])
    else:
        return error(404, "not found")
    if method != allowed:
        status, _, text = error(405, "the method is not allowed")
        return status, {"allow": allowed}, text
    return respond()


def error(status: int, what: str) -> tuple[int, dict[str, str], str]:
    return status, {}, f'{{"error":"{what}"}}'


def item(text: str) -> tuple[int, dict[str, str], str]:
    # str.isdigit is true of digits in other scripts too.
    if not (1 <= len(text) <= 9 and text.isascii() and text.isdigit()):
        return error(400, "an item id has 1 to 9 digits")
    number = int(text)
    if not 1 <= number <= 1000:
        return error(404, f"no item {number}")
    found = {"id": number, "name": f"item {number}", "odd": number % 2 == 1}
    return 200, {}, json.dumps(found, separators=(",", ":"))


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def total(body: bytes) -> tuple[int, dict[str, str], str]:
    try:
        # As text, because json.loads takes bytes for UTF-16 if they look like it.
        document = json.loads(body.decode("utf-8"), parse_constant=refuse)
    except ValueError:
        return error(400, "the body is not JSON")
    numbers = document.get("numbers") if isinstance(document, dict) else None
    if not isinstance(numbers, list) or not all(map(integer, numbers)):
        return error(400, "numbers must be a list of integers")
    found = {"count": len(numbers), "sum": sum(map(int, numbers))}
    return 200, {}, json.dumps(found, separators=(",", ":"))


def integer(value: object) -> bool:
    # bool is a subclass of int, and true is not a number of JSON.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return value == value // 1 and abs(value) <= LIMIT
