"""Expected outputs of the programs that print digests: SHA-256 and BLAKE3 of
files, and Zstandard frames with their checksum.

See program.py. BLAKE3 and XXH64 are not in Python's standard library and are
written down here from their specifications.
"""

import hashlib
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import HERE, content, sha256, tree  # noqa: E402

MASK32 = (1 << 32) - 1


def chained(digest):
    def program(case: dict) -> str:
        rounds, *names = case["args"]
        files, said = tree(case), ""
        for name in names:
            if name not in files:
                assert case["expect"]["exit"] == "err"
                return ""
            state = b""
            for _ in range(int(rounds)):
                state = digest(state + files[name])
            said += f"{state.hex()}  {name}\n"
        return said

    return program


BLAKE3_IV = (
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
)
BLAKE3_ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)


def compress(chain: list[int], block: list[int], count: int, flags: int, lanes: int, counters=0):
    """The compression function of BLAKE3 (its specification, 2.2) on `lanes`
    inputs at once: a Python integer holds a word of each, in 64 bits."""
    ones = int.from_bytes(b"\1\0\0\0\0\0\0\0" * lanes, "little")
    mask = ones * MASK32

    def rotate(value: int, bits: int) -> int:
        return (value >> bits | value << (32 - bits)) & mask

    v = chain + [ones * word for word in BLAKE3_IV[:4]]
    v += [counters, 0, ones * count, ones * flags]

    def mix(a: int, b: int, c: int, d: int, x: int, y: int) -> None:
        for word, first, second in ((x, 16, 12), (y, 8, 7)):
            v[a] = (v[a] + v[b] + word) & mask
            v[d] = rotate(v[d] ^ v[a], first)
            v[c] = (v[c] + v[d]) & mask
            v[b] = rotate(v[b] ^ v[c], second)

    for _ in range(7):
        for i in range(4):
            mix(i, 4 + i, 8 + i, 12 + i, block[2 * i], block[2 * i + 1])
        for i in range(4):
            mix(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, block[8 + 2 * i], block[9 + 2 * i])
        block = [block[word] for word in BLAKE3_ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def blake3(data: bytes) -> bytes:
    """BLAKE3 with its 32 bytes of output (specification, 2.1, 2.4, 2.5)."""
    start, end, parent, root = 1, 2, 4, 8
    whole = max((len(data) - 1) // 1024, 0)

    def chunk(piece: bytes, number: int, last: int) -> list[int]:
        chain = list(BLAKE3_IV)
        blocks = [piece[at : at + 64] for at in range(0, len(piece), 64)] or [b""]
        for at, block in enumerate(blocks):
            flags = (start if at == 0 else 0) | (end | last if at == len(blocks) - 1 else 0)
            words = list(struct.unpack("<16I", block.ljust(64, b"\0")))
            chain = compress(chain, words, len(block), flags, 1, number)
        return chain

    tail = data[whole * 1024 :]
    if whole == 0:
        return struct.pack("<8I", *chunk(tail, 0, root))
    # All whole chunks at once, a lane each.
    ones = int.from_bytes(b"\1\0\0\0\0\0\0\0" * whole, "little")
    counters = int.from_bytes(b"".join(struct.pack("<Q", at) for at in range(whole)), "little")
    chain = [ones * word for word in BLAKE3_IV]
    for at in range(16):
        words = []
        for word in range(16):
            offset = at * 64 + word * 4
            words.append(int.from_bytes(b"".join(
                data[i * 1024 + offset : i * 1024 + offset + 4] + b"\0\0\0\0" for i in range(whole)
            ), "little"))
        flags = (start if at == 0 else 0) | (end if at == 15 else 0)
        chain = compress(chain, words, 64, flags, whole, counters)
    nodes = [
        [word >> 64 * lane & MASK32 for word in chain] for lane in range(whole)
    ] + [chunk(tail, whole, 0)]

    def tree_of(nodes: list[list[int]], last: int) -> list[int]:
        if len(nodes) == 1:
            return nodes[0]
        # The left side is the largest power of two that leaves the right one some.
        half = 1 << (len(nodes) - 1).bit_length() - 1
        words = tree_of(nodes[:half], 0) + tree_of(nodes[half:], 0)
        return compress(list(BLAKE3_IV), words, 64, parent | last, 1)

    return struct.pack("<8I", *tree_of(nodes, root))


# Zstandard

ZSTD_CONTENT = {
    "opticks": lambda: (HERE / "fixtures/program/opticks.txt").read_bytes(),
    "wrong-checksum": lambda: b"a frame of one raw block\n",
}


def zstd(case: dict) -> str:
    """The frames were written by the zstd command; Python has no decoder."""
    if case["expect"]["exit"] == "err":
        return ""
    packed, unpacked = content(case["stdin"]), ZSTD_CONTENT[case["name"]]()
    # The lower four bytes of XXH64 end a frame with a checksum (RFC 8878, 3.1.1).
    right = packed[-4:] == struct.pack("<I", xxh64(unpacked) & MASK32)
    return (
        f"packed {len(packed)}\nunpacked {len(unpacked)}\nsha256 {sha256(unpacked)}\n"
        f"checksum {'right' if right else 'wrong'}\n"
    )


def xxh64(data: bytes) -> int:
    """XXH64 with seed 0, after the specification of xxHash."""
    mask = (1 << 64) - 1
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5

    def rotate(value: int, bits: int) -> int:
        value &= mask
        return (value << bits | value >> (64 - bits)) & mask

    def round_of(lane: int, word: int) -> int:
        return rotate(lane + word * p2, 31) * p1 & mask

    at, size = 0, len(data)
    if size >= 32:
        lanes = [(p1 + p2) & mask, p2, 0, -p1 & mask]
        while at + 32 <= size:
            for lane, word in enumerate(struct.unpack_from("<4Q", data, at)):
                lanes[lane] = round_of(lanes[lane], word)
            at += 32
        value = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18)))
        for lane in lanes:
            value = ((value ^ round_of(0, lane)) * p1 + p4) & mask
    else:
        value = p5
    value += size
    while at + 8 <= size:
        value ^= round_of(0, struct.unpack_from("<Q", data, at)[0])
        value = rotate(value, 27) * p1 + p4
        at += 8
    if at + 4 <= size:
        value ^= struct.unpack_from("<I", data, at)[0] * p1
        value = rotate(value, 23) * p2 + p3
        at += 4
    for byte in data[at:]:
        value = rotate(value ^ byte * p5, 11) * p1
    value &= mask
    value = (value ^ value >> 33) * p2 & mask
    value = (value ^ value >> 29) * p3 & mask
    return value ^ value >> 32


DERIVATIONS = {
    "program/blake3": chained(blake3),
    "program/sha256": chained(lambda data: hashlib.sha256(data).digest()),
    "program/zstd": zstd,
}
