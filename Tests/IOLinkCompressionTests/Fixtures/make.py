"""Makes the fixtures of the compression tests with other people's software.

    python -m venv V && V/bin/pip install numpy imagecodecs h5py hdf5plugin && V/bin/python make.py

Writes cases.json: a list of {"codec", parameters …, "plain", "stored"}, where the last two are [offset, length] in data.bin.
`plain` is what a decoder must give for `stored`.
"""

import gzip
import json
import pathlib
import zlib

import h5py
import hdf5plugin
import imagecodecs as ic
import numpy as np

here = pathlib.Path(__file__).parent

cases = []
data = bytearray()
places = {}


def save(content):
    content = bytes(content)
    if content not in places:
        places[content] = [len(data), len(content)]
        data.extend(content)
    return places[content]


def case(codec, plain, stored, **parameters):
    cases.append({"codec": codec, **parameters, "plain": save(plain), "stored": save(stored)})


rng = np.random.default_rng(20261123)
y, x = np.mgrid[0:23, 0:57]
cells = rng.poisson(300 + 200 * np.sin(x / 9) * np.cos(y / 7)).astype("<u2")
rgb = (128 + 100 * np.sin(x[..., None] / 11 + np.arange(3)) + rng.integers(0, 9, (23, 57, 3))).astype("u1")
text = (b"the quick brown fox jumps over the lazy dog, " * 60)[:2500]
noise = rng.integers(0, 256, 1201, dtype="u1").tobytes()
flat = bytes(4000)
plains = {
    "empty": b"", "one": b"\x2a", "text": text, "noise": noise, "flat": flat, "cells": cells.tobytes(), "rgb": rgb.tobytes(),
    "labels": np.repeat(rng.integers(0, 5, 900, dtype="u1"), rng.integers(1, 20, 900)).tobytes(),
}

# Deflate: zlib (raw, zlib) and Python's gzip.
for name, plain in plains.items():
    for level in (0, 1, 9):
        case("deflate", plain, zlib.compress(plain, level), format="zlib", source=name)
    raw = zlib.compressobj(6, zlib.DEFLATED, -15)
    case("deflate", plain, raw.compress(plain) + raw.flush(), format="raw", source=name)
    case("deflate", plain, gzip.compress(plain, mtime=0), format="gzip", source=name)

# Zstandard: imagecodecs, with and without the content size in the frame.
for name, plain in plains.items():
    for level in (1, 19):
        case("zstd", plain, ic.zstd_encode(plain, level=level), source=name)

# LZW: imagecodecs (the TIFF variant). Old-style streams (LSB first, late change) by a plain implementation of the rule.


def old_style_lzw(plain):
    table, width, next_code, bits, count, out = {}, 9, 258, 0, 0, bytearray()

    def put(code):
        nonlocal bits, count
        bits |= code << count
        count += width
        while count >= 8:
            out.append(bits & 255)
            bits >>= 8
            count -= 8

    put(256)
    prefix = b""
    for value in plain:
        longer = prefix + bytes([value])
        if len(longer) == 1 or longer in table:
            prefix = longer
            continue
        put(table[prefix] if len(prefix) > 1 else prefix[0])
        table[longer] = next_code
        next_code += 1
        if next_code == 4094:
            put(256)
            table, width, next_code = {}, 9, 258
        elif next_code == (1 << width) + 1:
            width += 1
        prefix = bytes([value])
    if prefix:
        put(table[prefix] if len(prefix) > 1 else prefix[0])
        next_code += 1
        if next_code == (1 << width) + 1:
            width += 1
    put(257)
    while count > 0:
        out.append(bits & 255)
        bits >>= 8
        count -= 8
    return bytes(out)


for name, plain in plains.items():
    if plain:
        case("lzw", plain, ic.lzw_encode(plain), variant="standard", source=name)
        old = old_style_lzw(plain)
        assert ic.lzw_decode(old, out=len(plain)) == plain, name
        case("lzw", plain, old, variant="oldStyle", source=name)
large = (rng.poisson(30, 20000)).astype("u1").tobytes()
case("lzw", large, ic.lzw_encode(large), variant="standard", source="large")
case("lzw", large, old_style_lzw(large), variant="oldStyle", source="large")

# PackBits, LZF, LZ4 block, HDF5's LZ4 framing: imagecodecs.
for name, plain in plains.items():
    if plain:
        case("packbits", plain, ic.packbits_encode(plain), source=name)
        case("lz4", plain, ic.lz4_encode(plain, header=False), source=name)
        for block in (0, 512):
            case("lz4h5", plain, ic.lz4h5_encode(plain, blocksize=block or None), source=name)
        try:
            case("lzf", plain, ic.lzf_encode(plain), source=name)
        except RuntimeError:
            pass  # LZF has no stored blocks: data that does not shrink cannot be encoded

# Shuffle and bitshuffle.
for size in (1, 2, 3, 4, 6, 8, 12, 16, 17):
    for count in (0, 1, 7, 8, 9, 64, 100, 131):
        plain = rng.integers(0, 256, count * size, dtype="u1")
        case("shuffle", plain.tobytes(), plain.reshape(count, size).T.tobytes(), size=size)
plain = rng.integers(0, 256, 4 * 33, dtype="u1").tobytes()
case("shuffle", plain + b"abc", np.frombuffer(plain, "u1").reshape(33, 4).T.tobytes() + b"abc", size=4)


def h5chunk(array, **options):
    """The one chunk that HDF5 stores for `array`, the array as it reads it back, and the filters' client data."""
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        dataset = file.create_dataset("d", data=array, chunks=array.shape, **options)
        mask, chunk = dataset.id.read_direct_chunk((0,) * array.ndim)
        plist = dataset.id.get_create_plist()
        filters = [plist.get_filter(i) for i in range(plist.get_nfilters())]
        return chunk, dataset[...], mask, [(f[0], list(f[2])) for f in filters]


for dtype in ("u1", "<u2", "<f4", "<f8"):
    for count in (8, 131, 2100) if dtype != "u1" else (8, 131, 8300):
        plain = (rng.poisson(40, count)).astype(dtype)
        size = plain.dtype.itemsize
        for kind, options in (
            ("none", {"cname": "none"}), ("lz4", {"cname": "lz4"}), ("zstd", {"cname": "zstd", "clevel": 3}),
        ):
            for block in (0, 64):
                chunk, _, mask, filters = h5chunk(plain, **hdf5plugin.Bitshuffle(nelems=block, **options))
                if mask == 0:
                    case("bitshuffle", plain.tobytes(), chunk, size=size, kind=kind, block=block, client=filters[0][1])

# Predictors: NumPy differences; imagecodecs' floating point predictor.
for bits in (8, 16, 32, 64):
    for order in "<>":
        for samples in (1, 2, 3, 4, 5):
            image = rng.integers(0, 2**bits, (5, 7, samples), dtype=f"u{bits // 8}")
            difference = image.copy()
            difference[:, 1:] -= image[:, :-1]
            case(
                "predictor", image.astype(f"<u{bits // 8}").tobytes(), difference.astype(f"{order}u{bits // 8}").tobytes(),
                bits=bits, order=order, samples=samples, row=7 * samples * bits // 8)
for bits in (16, 24, 32, 64):
    for samples in (1, 3):
        if bits == 24:
            image = rng.integers(0, 256, (5, 9 * samples, 3), dtype="u1")  # little-endian numbers of three bytes
            planes = np.ascontiguousarray(image[:, :, ::-1].transpose(0, 2, 1)).reshape(5, -1)
            stored = planes.copy()
            stored[:, samples:] -= planes[:, :-samples]
            row = 9 * samples * 3
        else:
            image = rng.normal(100, 30, (5, 9, samples)).astype(f"<f{bits // 8}")
            stored = ic.floatpred_encode(image if samples > 1 else image[..., 0], axis=1)
            row = 9 * samples * bits // 8
        case("floatingPoint", image.tobytes(), stored.tobytes(), bits=bits, samples=samples, row=row)

# Packed integers: imagecodecs (per row, so that rows start on a byte), NumPy for one bit.
for bits in list(range(1, 33)) + [64]:
    for width in (1, 8, 33):
        container = 8 if bits <= 8 else 16 if bits <= 16 else 32 if bits <= 32 else 64
        image = rng.integers(0, 2**bits, (3, width), dtype=f"u{container // 8}")
        # imagecodecs copies whole words in native order; in the bit stream they are big-endian.
        whole = bits in (8, 16, 32, 64)
        stored = image.byteswap().tobytes() if whole else b"".join(ic.packints_encode(row, bits) for row in image)
        case("bits", image.tobytes(), stored, bits=bits, container=container, width=width)
image = rng.integers(0, 2, (3, 21), dtype="u1")
case("bits", image.tobytes(), np.packbits(image, axis=1).tobytes(), bits=1, container=8, width=21)

# Checksums: zlib; HDF5's own through imagecodecs.
sums = []
for plain in [*plains.values(), noise[:1], noise[:2], noise[:11], noise[:12], noise[:13], b"\xff" * 5001, large[:719], large[:722]]:
    sums.append({
        "data": save(plain), "crc32": zlib.crc32(plain), "adler32": zlib.adler32(plain),
        "fletcher32": ic.h5checksum_fletcher32(plain) if plain else 0, "lookup3": ic.h5checksum_lookup3(plain, 0),
        "lookup3Seed7": ic.h5checksum_lookup3(plain, 7),
    })

exec((here / "make_hdf5.py").read_text()) if (here / "make_hdf5.py").exists() else None

(here / "data.bin").write_bytes(data)
(here / "cases.json").write_text(
    "[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
(here / "checksums.json").write_text("[\n" + ",\n".join(json.dumps(s) for s in sums) + "\n]\n")
print(len(cases), "cases,", len(sums), "checksums,", len(data), "bytes")
