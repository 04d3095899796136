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

# LZW: imagecodecs (the TIFF variant). Old-style streams (LSB first, late change) come from a plain implementation of the rule.


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
            image = rng.integers(0, 256, (5, 9 * samples, 3), dtype="u1")  # little-endian integers of three bytes
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
        # imagecodecs copies whole words in native order, but in the bit stream they are big-endian.
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

# HDF5's own filters, as libhdf5 writes them. `plain` is what libhdf5 gives back in the type of the file.


def h5filtered(kind, file_type, plain, shape, configure, fill=None, **parameters):
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk(shape)
        if fill is not None:
            plist.set_fill_value(fill)
        configure(plist)
        space = h5py.h5s.create_simple(shape)
        dataset = h5py.h5d.create(file.id, b"d", file_type, space, dcpl=plist)
        buffer = np.frombuffer(plain, f"V{file_type.get_size()}").reshape(shape).copy()
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, buffer, mtype=file_type)
        file.flush()
        mask, chunk = dataset.read_direct_chunk((0,) * len(shape))
        back = np.zeros_like(buffer)
        dataset.read(h5py.h5s.ALL, h5py.h5s.ALL, back, mtype=file_type)
        client = dataset.get_create_plist().get_filter(0)[2]
        if mask:
            return  # the filter gave up, so the chunk is stored as it is
        case(kind, back.tobytes(), chunk, client=list(client), **parameters)


# N-bit: integers of a few bits at some offset in larger ones, in either order; arrays and compounds of them; and opaque parts.
def narrow(base, precision, offset):
    result = base.copy()
    result.set_precision(precision)
    result.set_offset(offset)
    return result


t = h5py.h5t
for base, precision, offset in (
    (t.STD_U8LE, 5, 0), (t.STD_U8LE, 3, 4), (t.STD_U16LE, 12, 0), (t.STD_U16BE, 12, 0), (t.STD_U16LE, 12, 4), (t.STD_U16BE, 10, 3),
    (t.STD_I32LE, 17, 5), (t.STD_I32BE, 20, 9), (t.STD_U64LE, 53, 7), (t.STD_U64BE, 61, 2), (t.STD_U32LE, 32, 0), (t.STD_U16LE, 1, 15),
    (t.STD_U64LE, 7, 30), (t.STD_U32BE, 8, 8),
):
    kind = narrow(base, precision, offset)
    size = kind.get_size()
    values = [(int(v) >> (64 - precision)) << offset for v in rng.integers(0, 2**63, 101, dtype="u8") * 2 + 1]
    plain = b"".join(v.to_bytes(size, "little" if kind.get_order() == t.ORDER_LE else "big") for v in values)
    h5filtered("nbit", kind, plain, (101,), lambda p: p.set_filter(5, 0, ()), name=f"{base.get_sign()} {size} {precision} {offset}")
float20 = t.IEEE_F32BE.copy()
float20.set_fields(26, 20, 6, 7, 13)
float20.set_offset(7)
float20.set_precision(20)
float20.set_size(4)
float20.set_ebias(31)
plain = b"".join(((int(v) >> 12) << 7).to_bytes(4, "big") for v in rng.integers(0, 2**32, 50))
h5filtered("nbit", float20, plain, (10, 5), lambda p: p.set_filter(5, 0, ()), name="float20")
few = narrow(t.STD_U16LE, 11, 2)
other = narrow(t.STD_I32BE, 19, 0)
array = t.array_create(few, (3, 2))
inner = t.create(t.COMPOUND, 9)
inner.insert(b"a", 0, other)
inner.insert(b"b", 4, narrow(t.STD_U8LE, 3, 1))
inner.insert(b"s", 5, t.py_create(np.dtype("S3")))
outer = t.create(t.COMPOUND, 52)
outer.insert(b"x", 1, few)
outer.insert(b"list", 4, array)
outer.insert(b"in", 17, inner)
outer.insert(b"full", 27, t.STD_U32LE)
# These come last, because libhdf5 itself misreads the parameters after an array of compounds.
outer.insert(b"many", 33, t.array_create(inner, (2,)))


def fit(kind, size, rng):
    """Random bytes of a type, with zeros wherever it has no value."""
    if kind.get_class() == t.COMPOUND:
        result = bytearray(size)
        for i in range(kind.get_nmembers()):
            member = kind.get_member_type(i)
            start = kind.get_member_offset(i)
            result[start : start + member.get_size()] = fit(member, member.get_size(), rng)
        return bytes(result)
    if kind.get_class() == t.ARRAY:
        base = kind.get_super()
        return b"".join(fit(base, base.get_size(), rng) for _ in range(size // base.get_size()))
    if kind.get_class() == t.STRING:
        return bytes(rng.integers(65, 91, size, dtype="u1"))
    value = (int(rng.integers(0, 2**62)) % 2 ** kind.get_precision()) << kind.get_offset()
    return value.to_bytes(size, "little" if kind.get_order() == t.ORDER_LE else "big")


for kind, name in ((array, "array"), (inner, "compound"), (outer, "nested"), (t.array_create(inner, (4,)), "array of compounds")):
    plain = b"".join(fit(kind, kind.get_size(), rng) for _ in range(17))
    h5filtered("nbit", kind, plain, (17,), lambda p: p.set_filter(5, 0, ()), name=name)
plain = rng.integers(0, 256, 40, dtype="u1").tobytes()
h5filtered("nbit", t.STD_U32LE, plain, (10,), lambda p: p.set_filter(5, 0, ()), name="whole")

# Scale-offset: integers (0: the library chooses the bits) and decimal floating point numbers, with and without fill value.
for dtype in ("<u1", "<i1", "<u2", "<i2", ">u2", ">i2", "<u4", ">i4", "<u8", ">i8"):
    info = np.iinfo(dtype)
    for name, low, high in (
        ("narrow", 10, 60), ("constant", 7, 8), ("wide", info.min, info.max), ("negative", max(info.min, -40), 45),
        ("upper", info.max - 50, info.max),
    ):
        values = rng.integers(low, high, (9, 7), endpoint=name == "wide", dtype=np.dtype(dtype).newbyteorder("=")).astype(dtype)
        if name == "wide":
            values[0, 0], values[0, 1] = info.min, info.max
        for fill in (None, 12, info.max):
            array_fill = None if fill is None else np.array(fill, dtype)
            if fill is not None:
                values[3, 3] = fill
            for bits in (0,) if name != "narrow" else (0, 6, np.dtype(dtype).itemsize * 8):
                h5filtered(
                    "scaleoffset", t.py_create(np.dtype(dtype)), values.tobytes(), (9, 7), lambda p: p.set_scaleoffset(2, bits),
                    fill=array_fill, name=f"{dtype} {name} {fill} {bits}")
for dtype in ("<f4", ">f4", "<f8", ">f8"):
    for name, scale, digits in (("plain", 10, 2), ("digits", 1000, 4), ("coarse", 1e6, -2), ("constant", 0, 3), ("full", 1e30, 5)):
        values = (rng.normal(3, 1, (9, 7)) * scale).astype(dtype)
        for fill in (None, 0.0, -99.5):
            array_fill = None if fill is None else np.array(fill, dtype)
            if fill is not None:
                values[2, 1:5] = fill
            h5filtered(
                "scaleoffset", t.py_create(np.dtype(dtype)), values.tobytes(), (9, 7), lambda p: p.set_filter(6, 0, (0, digits % 2**32)),
                fill=array_fill, name=f"{dtype} {name} {fill} {digits}")

# SZIP: both codings (4 entropy coding, 32 nearest neighbour).
for dtype in ("<u1", "<i2", ">u2", "<u4", ">u4", "<f4", "<f8", ">f8", "<u8"):
    for shape, block in (((16, 32), 16), ((7, 33), 8), ((5, 200), 32), ((40, 10), 4)):
        values = np.cumsum(rng.integers(0, 3, shape), axis=1).astype(dtype)
        for option in (4, 32):
            h5filtered(
                "szip", t.py_create(np.dtype(dtype)), values.tobytes(), shape, lambda p: p.set_szip(option, block),
                name=f"{dtype} {shape} {block} {option}")

# Blosc with all its codecs and orders of bytes, in one block and in several, and without compression; bzip2.
poisson = rng.poisson(30, 333).astype("<f8")
blocks = np.cumsum(rng.integers(0, 3, 25_000)).astype("<u2")
for codec in ("blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"):
    for order in (0, 1, 2):
        for plain in (cells.reshape(-1), poisson) + (() if order != 1 else (blocks,)):
            chunk, _, mask, filters = h5chunk(plain, **hdf5plugin.Blosc(cname=codec, clevel=5, shuffle=order))
            if mask == 0:  # else it did not shrink
                case("blosc", plain.tobytes(), chunk, size=plain.dtype.itemsize, client=filters[0][1], kind=codec)
for plain, level in ((cells.reshape(-1), 0), (cells.reshape(-1)[:5], 5), (np.frombuffer(noise, "u1"), 9)):
    chunk, _, mask, filters = h5chunk(plain, **hdf5plugin.Blosc(clevel=level))
    if mask == 0:
        case("blosc", plain.tobytes(), chunk, size=plain.dtype.itemsize, client=filters[0][1], kind="lz4")
for name, plain in plains.items():
    if plain:
        for level in (1, 9):
            chunk, _, mask, _ = h5chunk(np.frombuffer(plain, "u1"), **hdf5plugin.BZip2(blocksize=level))
            if mask == 0:
                case("bzip2", plain, chunk, level=level, source=name)

# ZFP in all its modes, with every type and number of axes, and as a machine of the other byte order writes it; JPEG-LS as FCIDECOMP has it.
for shape in ((61,), (9, 14), (5, 9, 10), (3, 4, 5, 6)):
    for dtype in ("<f4", "<f8", "<i4", "<i8"):
        values = np.cumsum(rng.normal(size=shape) * 50, axis=-1).astype(dtype)
        for mode, options in (
            ("reversible", {"reversible": True}), ("rate", {"rate": 9.0}), ("precision", {"precision": 17}), ("accuracy", {"accuracy": 0.01}),
            ("expert", {"minbits": 8, "maxbits": 900, "maxprec": 40, "minexp": -20}),
        ):
            chunk, back, _, filters = h5chunk(values, **hdf5plugin.Zfp(**options))
            client = filters[0][1]
            case("zfp", back.tobytes(), chunk, client=client, mode=mode, size=values.itemsize, swapped=0)
            if mode != "reversible":
                continue
            swapped = client[:1] + [int.from_bytes(word.to_bytes(4, "little"), "big") for word in client[1:]]
            case("zfp", back.byteswap().tobytes(), chunk, client=swapped, mode=mode, size=values.itemsize, swapped=1)
for dtype in ("u1", "<u2", "<i2"):
    for shape in ((19, 23), (3, 19, 23), (4, 11, 20)):
        values = np.cumsum(rng.integers(-2, 3, shape), axis=-1).astype(dtype)
        chunk, back, mask, filters = h5chunk(values, **hdf5plugin.FciDecomp())
        assert mask == 0
        case("jpegls", back.tobytes(), chunk, client=filters[0][1])
near = (100 + 80 * np.sin(x / 11) + rng.integers(0, 9, x.shape)).astype("u1")
stored = ic.jpegls_encode(near, level=3)
case("jpegls", ic.jpegls_decode(stored).tobytes(), stored, client=[])
rgb_stored = ic.jpegls_encode(rgb)
case("jpegls", ic.jpegls_decode(rgb_stored).tobytes(), rgb_stored, client=[])

(here / "data.bin").write_bytes(data)
(here / "cases.json").write_text(
    "[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
(here / "checksums.json").write_text("[\n" + ",\n".join(json.dumps(s) for s in sums) + "\n]\n")
print(len(cases), "cases,", len(sums), "checksums,", len(data), "bytes")
