"""Expected outputs of the real programs, computed with Python's standard library.

Each function follows the documentation of its program (the comment at the head
of its source) and reads the same fixtures. Nothing here runs a program of the
suite. program_digests.py and program_http.py hold the rest.
"""

import csv
import hashlib
import io
import json
import math
import re
import sqlite3
import struct
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def content(entry: dict) -> bytes:
    if "text" in entry:
        return entry["text"].encode()
    if "hex" in entry:
        return bytes.fromhex(entry["hex"])
    return (HERE / "fixtures" / entry["file"]).read_bytes()


def tree(case: dict) -> dict[str, bytes]:
    return {name: content(entry) for name, entry in case["tree"].items()}


def left(case: dict) -> dict[str, bytes]:
    """What is expected in the tree afterwards and was not there before."""
    return {
        name: content(entry)
        for name, entry in case["expect"]["tree"].items()
        if name not in case["tree"]
    }


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# JSON


def language_table(text: bytes) -> dict:
    territories = json.loads(text)["supplemental"]["territoryInfo"]
    table: dict[str, dict] = {}
    for code, territory in sorted(territories.items()):
        for name, share in territory.get("languagePopulation", {}).items():
            # float() and the products are IEEE doubles, as in the program.
            percent = float(share["_populationPercent"])
            speakers = math.floor(float(int(territory["_population"])) * percent / 100 + 0.5)
            entry = table.setdefault(name, {"speakers": 0, "official_in": 0, "territories": []})
            entry["speakers"] += speakers
            spoken = {"territory": code, "speakers": speakers}
            if "_officialStatus" in share:
                entry["official_in"] += 1
                spoken["status"] = share["_officialStatus"]
            entry["territories"].append(spoken)
    for entry in table.values():
        entry["territories"].sort(key=lambda spoken: -spoken["speakers"])
    return dict(sorted(table.items(), key=lambda item: item[0].encode()))


def json_program(case: dict) -> str:
    try:
        table = language_table(content(case["stdin"]))
    except (json.JSONDecodeError, KeyError):
        assert case["expect"]["exit"] == "err"
        return ""
    text = json.dumps(table, indent=2, ensure_ascii=False).encode()
    lines = [f"json {len(text)} {sha256(text)}"]
    for name in sorted(table, key=lambda name: (-table[name]["speakers"], name))[:10]:
        entry = table[name]
        line = {
            "language": name,
            "speakers": entry["speakers"],
            "official_in": entry["official_in"],
            "spoken_in": len(entry["territories"]),
        }
        lines.append(json.dumps(line, separators=(",", ":")))
    return "\n".join(lines) + "\n"


# Regular expressions: bytes patterns of Python's `re` have ASCII classes, and
# where patterns have no empty matches it agrees on leftmost-first.

PATTERNS = [
    ("words", rb"[A-Za-z]+"),
    ("colours", rb"(?i)\b(?:red|orange|yellow|green|blue|indigo|violet|purple)\b"),
    ("italics", rb"_([^_\n]+)_"),
    (
        "headings",
        rb"(?m)^(?:_)?(PROP|DEFIN|AX|LEM|Exper|Obs|Qu)[A-Za-z]*\.(?:_)? ?"
        rb"([IVXLC]+|[0-9]+)\b.*$",
    ),
    (
        "measures",
        rb"\b([0-9]+)(?:-([0-9]+)/([0-9]+))? ?"
        rb"(Inch(?:es)?|Foot|Feet|Degr(?:ees)?|Parts?|Lines?)\b",
    ),
    ("pairs", rb"\b([A-Z][a-z]+) (?:of|and|or) ([A-Z][a-z]+)\b"),
    ("sentences", rb"([^.;:?!]*)\b(Prism|Lens|Glass)(?:es|s)?\b([^.;:?!]*)[.;:?!]"),
    ("figures", rb"\[Illustration: (?:FIG|Fig)\. ([0-9]+)\.?\]|_Fig\._ ([0-9]+)"),
    ("doubles", rb"\b[a-z]*(?:aa|ee|ll|oo|ss|tt)[a-z]*\b"),
    ("long", rb"\b[A-Za-z]{14,}\b"),
]


def search(name: str, pattern: bytes, text: bytes) -> str:
    matches, size, spans = 0, 0, []
    for match in re.finditer(pattern, text):
        matches += 1
        size += match.end() - match.start()
        assert match.end() > match.start(), "engines differ on empty matches"
        for group in range(match.re.groups + 1):
            start, end = match.span(group)
            spans.append("-\n" if start < 0 else f"{start} {end}\n")
    return f"{name} {matches} {size} {sha256(''.join(spans).encode())}\n"


def regex_program(case: dict) -> str:
    text = content(case["stdin"])
    if len(case["args"]) > 1:
        try:
            return search("own", case["args"][1].encode(), text)
        except re.error:
            assert case["expect"]["exit"] == "err"
            return ""
    said = "".join(search(name, pattern, text) for name, pattern in PATTERNS)
    after = re.sub(rb"\b([A-Za-z]+)(ed|ing)\b", rb"<\2:\1>", text)
    return said + f"replaced {len(after)} {sha256(after)}\n"


# Compression


def deflate(case: dict) -> str:
    files, task = tree(case), case["args"][0]
    source, to = case["args"][-2:]
    if task == "unpack":
        try:
            unpacked = zlib.decompress(files[source])
        except zlib.error:
            assert case["expect"]["exit"] == "err" and left(case) == {}
            return ""
        assert left(case) == {to: unpacked}
        return f"{source} {len(files[source])}\n{to} {len(unpacked)} {sha256(unpacked)}\n"
    packed = left(case)[to]
    # The one thing that is not computed here is how well the program packs.
    assert zlib.decompress(packed) == files[source]
    if case["args"][1] == "0":
        # Behind the two bytes that name a window, a stored stream has one form.
        assert packed[2:] == zlib.compress(files[source], 0)[2:]
    size = len(files[source])
    return f"{source} {size} {sha256(files[source])}\n{to} {len(packed)}\n"


# Pictures


def picture(data: bytes) -> tuple[int, int, int, bytes]:
    """Width, height, channels and pixels of a PNG of eight bits a channel that
    is not interlaced (PNG specification, 3rd edition, 5, 7 and 9)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, header = 8, b"", b""
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        (check,) = struct.unpack_from(">I", data, at + 8 + size)
        if zlib.crc32(kind + body) != check:
            raise ValueError("checksum")
        if kind == b"IHDR":
            header = body
        if kind == b"IDAT":
            packed += body
        at += 12 + size
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    assert depth == 8 and interlaced == 0
    channels = {0: 1, 2: 3}[colour]
    raw, stride = zlib.decompress(packed), width * channels
    rows, above = [], bytes(stride)
    for row in range(height):
        start = row * (stride + 1)
        kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for x in range(stride):
            a = line[x - channels] if x >= channels else 0
            b, c = above[x], above[x - channels] if x >= channels else 0
            if kind == 0:
                break
            if kind == 4:
                p = a + b - c
                away = (abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c)
                line[x] = (line[x] + min(away)[2]) & 255
            else:
                line[x] = (line[x] + {1: a, 2: b, 3: (a + b) // 2}[kind]) & 255
        above = bytes(line)
        rows.append(above)
    return width, height, channels, b"".join(rows)


def narrowed(source: tuple[int, int, int, bytes], to: int) -> tuple[int, int, int, bytes]:
    """Means of areas in whole numbers: the columns first and then the rows,
    the other way round than the program does it."""
    width, height, channels, pixels = source
    if not 1 <= to <= width:
        raise ValueError("width")
    tall = max((2 * height * to + width) // (2 * width), 1)

    def shrunk(line: list[int], old: int, new: int) -> list[int]:
        """Sums of `new` parts, in units in which a pixel is `new` long."""
        out = []
        for part in range(new):
            total, at, end = 0, part * old, (part + 1) * old
            while at < end:
                pixel = at // new
                stop = min(end, (pixel + 1) * new)
                total += line[pixel] * (stop - at)
                at = stop
            out.append(total)
        return out

    planes = []
    for channel in range(channels):
        plane = pixels[channel::channels]
        lines = [
            shrunk(list(plane[row * width : (row + 1) * width]), width, to)
            for row in range(height)
        ]
        columns = [shrunk([line[x] for line in lines], height, tall) for x in range(to)]
        area = width * height
        planes.append([
            (columns[x][y] + area // 2) // area for y in range(tall) for x in range(to)
        ])
    out = bytes(value for pixel in zip(*planes) for value in pixel)
    return to, tall, channels, out


def image(case: dict) -> str:
    name, *widths = case["args"]
    try:
        source = picture(tree(case)[name])
        thumbnails = {f"{width}.png": narrowed(source, int(width)) for width in widths}
    except ValueError:
        assert case["expect"]["exit"] == "err" and left(case) == {}
        return ""
    # How well the program packs is not computed, what it packs is.
    assert {name: picture(data) for name, data in left(case).items()} == thumbnails
    return "".join(
        f"{name} {width}x{height} {channels} {sha256(pixels)}\n"
        for name, (width, height, channels, pixels) in ({name: source} | thumbnails).items()
    )


# Tables


def table(case: dict) -> str:
    _, by, value, label = case["args"]
    rows = list(csv.reader(io.StringIO(content(case["stdin"]).decode(), newline="")))
    header, groups = rows[0], {}
    try:
        by, value, label = header.index(by), header.index(value), header.index(label)
        for row in rows[1:]:
            if len(row) != len(header):
                raise ValueError(row)
            groups.setdefault(row[by], []).append((float(row[value]), row[label]))
    except ValueError:
        assert case["expect"]["exit"] == "err"
        return ""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["group", "records", "mean", "least", "of", "greatest", "of"])
    for name in sorted(groups, key=str.encode):
        found = groups[name]
        total = 0.0
        for number, _ in found:
            total += number
        least, greatest = min(number for number, _ in found), max(number for number, _ in found)
        of = {number: text for number, text in reversed(found)}
        writer.writerow([
            name, len(found), f"{total / len(found):.4f}",
            f"{least:.4f}", of[least], f"{greatest:.4f}", of[greatest],
        ])
    return out.getvalue()


def database(case: dict) -> str:
    """The script on the SQLite that is part of Python: another version, built
    by somebody else."""
    files = tree(case) if "tree" in case else {}
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.create_function("readfile", 1, lambda name: files[name].decode())
    said, statement = [], ""
    try:
        for line in content(case["stdin"]).decode().splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                for row in connection.execute(statement):
                    said.append("|".join("" if value is None else str(value) for value in row))
                statement = ""
    except sqlite3.Error:
        assert case["expect"]["exit"] == "err"
    return "".join(f"{line}\n" for line in said)


# Gravity: Python's floats are IEEE doubles, and each line rounds where the
# program's does.


def nbody(case: dict) -> str:
    if not case["args"][0].isdigit():
        assert case["expect"]["exit"] == "err"
        return ""
    g, step = 39.47841760435743, 1.0 / 512.0
    planets = [
        (0.0009546, 5.204, 1.0, 0.0),
        (0.0002858, 9.583, 0.6, 0.8),
        (0.00004366, 19.19, -0.8, 0.6),
        (0.00005151, 30.07, -0.28, -0.96),
    ]
    mass, at, velocity = [1.0], [[0.0] * 3], [[0.0] * 3]
    for weight, distance, x, y in planets:
        speed = math.sqrt(g / distance)
        mass.append(weight)
        at.append([distance * x, distance * y, distance * x / 64.0])
        velocity.append([-speed * y, speed * x, 0.0])
    for axis in range(3):
        momentum = 0.0
        for body in range(1, 5):
            momentum += mass[body] * velocity[body][axis]
        velocity[0][axis] = -momentum
    pairs = [(one, other) for one in range(5) for other in range(one + 1, 5)]

    def square(x: float, y: float, z: float) -> float:
        return x * x + y * y + z * z

    def energy() -> float:
        total = 0.0
        for one in range(5):
            total += mass[one] * square(*velocity[one]) / 2.0
            for other in range(one + 1, 5):
                apart = [b - a for a, b in zip(at[one], at[other])]
                total -= g * mass[one] * mass[other] / math.sqrt(square(*apart))
        return total

    def pull() -> list[list[float]]:
        out = [[0.0] * 3 for _ in range(5)]
        for one, other in pairs:
            a, b = at[one], at[other]
            x, y, z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
            squared = x * x + y * y + z * z
            cube = squared * math.sqrt(squared)
            near, far = g * mass[other] / cube, g * mass[one] / cube
            p, q = out[one], out[other]
            p[0] += x * near
            p[1] += y * near
            p[2] += z * near
            q[0] -= x * far
            q[1] -= y * far
            q[2] -= z * far
        return out

    half = step / 2.0
    before, now = energy(), pull()
    for _ in range(int(case["args"][0])):
        for speed, place, force in zip(velocity, at, now):
            for axis in range(3):
                speed[axis] += half * force[axis]
                place[axis] += step * speed[axis]
        now = pull()
        for speed, force in zip(velocity, now):
            for axis in range(3):
                speed[axis] += half * force[axis]

    def shown(name: str, values: list[float]) -> str:
        bits = "".join(f" {struct.pack('>d', value).hex()}" for value in values)
        return name + bits + "".join(f" {value:.9f}" for value in values) + "\n"

    said = shown("energy before", [before]) + shown("energy after", [energy()])
    for name, place in zip(("sun", "jupiter", "saturn", "uranus", "neptune"), at):
        said += shown(name, place)
    return said


# The script, by other means than the script's


def script(case: dict) -> str:
    name = case["args"][0]
    if case.get("name") != "words":
        # What stands before the line that fails; nothing if the text is no script.
        if case["name"] == "syntax":
            return ""
        (failing,) = re.findall(r"line ([0-9]+)", case["expect"]["stderr"]["pattern"])
        before = tree(case)[name].decode().splitlines()[: int(failing) - 1]
        printed = [re.fullmatch(r'print\("(.*)"\);', line) for line in before]
        return "".join(f"{match[1]}\n" for match in printed if match)
    primes = [n for n in range(2, 20001) if all(n % d for d in range(2, math.isqrt(n) + 1))]
    said = [f"primes {len(primes)} last {primes[-1]} sum {sum(primes)}"]
    one, other = 0, 1
    for _ in range(20):
        one, other = other, one + other
    said.append(f"fib {one}")

    def queens(placed: list[int]) -> int:
        row = len(placed)
        if row == 7:
            return 1
        return sum(
            queens(placed + [column])
            for column in range(7)
            if all(
                column != there and abs(column - there) != row - at
                for at, there in enumerate(placed)
            )
        )

    said.append(f"queens {queens([])}")

    def collatz(number: int) -> int:
        return 0 if number == 1 else 1 + collatz(number // 2 if number % 2 == 0 else 3 * number + 1)

    steps, start = max((collatz(start), -start) for start in range(1, 1501))
    said.append(f"collatz {-start} {steps}")
    counts: dict[str, int] = {}
    for word in tree(case)["text.txt"].decode().lower().split():
        counts[word] = counts.get(word, 0) + 1
    said.append(f"words {len(counts)}")
    order = sorted(counts, key=lambda word: (-counts[word], word.encode()))
    said += [f"{counts[word]} {word}" for word in order[:10]]
    largest = (1 << 63) - 1
    said += [f"caught at {largest}", f"bits {(largest ^ largest >> 7) % 1000003}"]
    return "\n".join(said) + "\n"


DERIVATIONS = {
    "program/csv": table,
    "program/deflate": deflate,
    "program/image": image,
    "program/json": json_program,
    "program/nbody": nbody,
    "program/regex": regex_program,
    "program/script": script,
    "program/sqlite": database,
}
