"""Expected answers of the web programs, computed with Python's standard library.

See program.py. `derive-expectations` asks about commands only: run this file to
compare the answers below with the definitions (exit status 1 if one differs).
"""

import csv
import io
import json
import math
import re
import struct
import sys
import tomllib
import urllib.parse
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import HERE, content, narrowed, picture  # noqa: E402

# Nothing for commands here.
DERIVATIONS: dict = {}


def airports() -> list[dict]:
    text = (HERE / "fixtures/program/airports.csv").read_bytes().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def escaped(text: str) -> str:
    for plain, entity in (
        ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"),
        ('"', "&quot;"), ("'", "&#x27;"), ("/", "&#x2f;"),
    ):
        text = text.replace(plain, entity)
    return text


def parameters(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}


def http_page(request: dict) -> tuple[int, bytes]:
    path, _, query = request["path"].partition("?")
    if path != "/airports":
        return 404, b"there is /airports\n"
    if request["method"] != "GET":
        return 405, b"ask with GET\n"
    asked, states = parameters(query), {}
    for airport in airports():
        states.setdefault(airport["state"], []).append(airport)
    if "state" not in asked:
        title, lines = "Airports by state", ["<ul>"]
        for name in sorted(states, key=lambda name: (-len(states[name]), name)):
            link = f'<a href="/airports?state={escaped(name)}">{escaped(name)}</a>'
            lines.append(f"<li>{link} {len(states[name])}</li>")
        lines.append("</ul>")
    else:
        found = states.get(asked["state"], [])
        title = f"Airports in {asked['state']}"
        lines = [f"<p>No airport is in {escaped(asked['state'])}.</p>"]
        if found:
            plural = "" if len(found) == 1 else "s"
            first = escaped(found[0]["name"].upper())
            lines = [f"<p>{len(found)} airport{plural}, the first {first}.</p>", "<table>"]
            for row, airport in enumerate(found, 1):
                cells = [str(row), *(airport[key] for key in ("iata", "name", "city", "latitude"))]
                cells = "".join(f"<td>{escaped(cell)}</td>" for cell in cells)
                lines.append(f'<tr class="{"odd" if row % 2 else "even"}">{cells}</tr>')
            lines.append("</table>")
    title = escaped(title)
    head = ["<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">']
    head += [f"<title>{title}</title>", "</head>", "<body>", f"<h1>{title}</h1>"]
    html = "\n".join([*head, *lines, "</body>", "</html>"])
    return 200 if "state" not in asked or found else 404, html.encode()


def http_api(request: dict) -> tuple[int, bytes]:
    path, _, query = request["path"].partition("?")
    asked = parameters(query)
    table = [
        {
            "code": row["iata"], "name": row["name"], "city": row["city"], "state": row["state"],
            "latitude": float(row["latitude"]), "longitude": float(row["longitude"]),
        }
        for row in airports()
    ]

    def written(status: int, value) -> tuple[int, bytes]:
        return status, json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()

    def problem(status: int, title: str, detail: str) -> tuple[int, bytes]:
        return written(status, {"status": status, "title": title, "detail": detail})

    def page(found: list[dict], offset: int, limit: int) -> tuple[int, bytes]:
        found = sorted(found, key=lambda airport: airport["code"].encode())
        some = found[offset : offset + limit]
        return written(200, {"total": len(found), "offset": offset, "airports": some})

    parts = [urllib.parse.unquote(part) for part in path.split("/")[1:]]
    match parts:
        case ["airports", _] | ["states"] | ["states", _, "airports"]:
            takes = "GET"
        case ["searches"]:
            takes = "POST"
        case _:
            return problem(404, "Not Found", f"no resource at {path}")
    if request["method"] != takes:
        return problem(405, "Method Not Allowed", f"{path} takes {takes}")
    match parts:
        case ["airports", code]:
            for airport in table:
                if airport["code"] == code:
                    return written(200, airport)
            return problem(404, "Not Found", f'no airport "{code}"')
        case ["states"]:
            counts: dict[str, int] = {}
            for airport in table:
                counts[airport["state"]] = counts.get(airport["state"], 0) + 1
            return written(200, dict(sorted(counts.items())))
        case ["states", state, _]:
            for name in ("offset", "limit"):
                if not re.fullmatch("[0-9]+", asked.get(name, "0")):
                    detail = f'{name} is "{asked[name]}" and not a number'
                    return problem(400, "Bad Request", detail)
            found = [airport for airport in table if airport["state"] == state]
            if not found:
                return problem(404, "Not Found", f'no state "{state}"')
            return page(found, int(asked.get("offset", 0)), int(asked.get("limit", 10)))
    if request.get("headers", {}).get("content-type") != "application/json":
        return problem(415, "Unsupported Media Type", "a search is application/json")
    try:
        search = json.loads(content(request["body"]))
    except json.JSONDecodeError:
        # The wording is the parser's: only the status follows.
        return 400, b""
    if set(search) - {"states", "name", "north_of", "limit"}:
        return 422, b""
    return page(
        [
            airport
            for airport in table
            if airport["state"] in search.get("states", [airport["state"]])
            and search.get("name", "") in airport["name"]
            and airport["latitude"] > search.get("north_of", -math.inf)
        ],
        0,
        search.get("limit", 10),
    )


def http_thumbnail(request: dict) -> tuple[int, bytes]:
    """For a thumbnail the body is a file that holds the right pixels, checked
    by `same_picture`."""
    path, _, query = request["path"].partition("?")
    if path != "/thumbnail":
        return 404, b"there is /thumbnail\n"
    if request["method"] != "POST":
        return 405, b"send a picture with POST\n"
    if request.get("headers", {}).get("content-type") != "image/png":
        return 415, b"send image/png\n"
    width = parameters(query).get("width", "")
    if not re.fullmatch("[0-9]+", width):
        return 400, b"width is a number of pixels\n"
    try:
        source = picture(content(request["body"]))
    except (AssertionError, ValueError, struct.error, zlib.error):
        return 400, b"the body is not a picture\n"
    try:
        return 200, repr(narrowed(source, int(width))).encode()
    except ValueError:
        wide = source[0]
        text = f"a thumbnail {width} pixels wide of a picture {wide} pixels wide; 1 to {wide} are\n"
        return 422, text.encode()


ANSWERS = {
    "program/http-api": http_api,
    "program/http-page": http_page,
    "program/http-thumbnail": http_thumbnail,
}


def check_answers() -> int:
    wrong = 0
    for path in sorted((HERE / "definitions/program").glob("http-*.toml")):
        definition = tomllib.loads(path.read_text())
        identity = definition["id"]
        for case in definition["case"]:
            for request in case["request"]:
                expect = request["expect"]
                status, body = ANSWERS[identity](request)
                found = content(expect["body"])
                if identity.endswith("thumbnail") and status == 200:
                    found = repr(picture(found)).encode()
                same = status == expect["status"] and (body == found or body == b"")
                wrong += not same
                print("same   " if same else "differs", identity, case.get("name", ""),
                      request["method"], request["path"])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(check_answers())
