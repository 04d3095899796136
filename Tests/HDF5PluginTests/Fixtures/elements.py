"""Makes elements.h5 and elements.txt beside it by h5py 3.16 with HDF5 2.0: datasets of numbers in every form, and attributes of every class.

elements.txt has a line for each dataset of numbers: its name, and its elements as libhdf5 converts them to float64 (complex numbers as two).
"""
import ctypes
import glob
import os

import h5py
import numpy as np
from h5py import h5t

library = ctypes.CDLL(glob.glob(os.path.dirname(h5py.__file__) + "/../h5py.libs/libhdf5-*")[0])
handle, text = ctypes.c_int64, ctypes.c_char_p
library.H5Rcreate_object.argtypes = [handle, text, handle, ctypes.c_void_p]
library.H5Rcreate_region.argtypes = [handle, text, handle, handle, ctypes.c_void_p]
library.H5Rcreate_attr.argtypes = [handle, text, text, handle, ctypes.c_void_p]
library.H5Tcopy.argtypes, library.H5Tcopy.restype = [handle], handle
library.H5Tset_size.argtypes = [handle, ctypes.c_size_t]
library.H5Acreate2.argtypes, library.H5Acreate2.restype = [handle, text, handle, handle, handle, handle], handle
library.H5Awrite.argtypes = [handle, handle, ctypes.c_void_p]
library.H5Aclose.argtypes = [handle]
library.H5Dcreate2.argtypes, library.H5Dcreate2.restype = [handle, text, handle, handle, handle, handle, handle], handle
library.H5Dwrite.argtypes = [handle, handle, handle, handle, handle, ctypes.c_void_p]
library.H5Dclose.argtypes = [handle]
library.H5Oset_comment.argtypes = [handle, text]
random = np.random.default_rng(9)
expected = []


def known(name):
    return handle.in_dll(library, name).value


def add(file, name, kind, raw):
    """A dataset of these stored bytes, and its elements as libhdf5 converts them."""
    space = h5py.h5s.create_simple((len(raw) // kind.get_size(),))
    data = h5py.h5d.create(file.id, name.encode(), kind, space)
    data.write(h5py.h5s.ALL, h5py.h5s.ALL, np.frombuffer(raw, "u1").copy(), mtype=kind)
    is_complex = "complex" in name
    values = np.empty(len(raw) // kind.get_size(), "c16" if is_complex else "f8")
    data.read(h5py.h5s.ALL, h5py.h5s.ALL, values, mtype=h5t.NATIVE_DOUBLE_COMPLEX if is_complex else h5t.NATIVE_DOUBLE)
    expected.append(" ".join([name] + [repr(float(value)) for value in values.view("f8")]))


def noise(count):
    return random.integers(0, 256, count, "u1").tobytes()


def float_type(fields, precision, size, bias, order=None):
    kind = h5t.IEEE_F64LE.copy()
    kind.set_fields(*fields)  # sign, exponent position and size, mantissa position and size
    kind.set_precision(precision)
    kind.set_size(size)
    kind.set_ebias(bias)
    if order is not None:
        kind.set_order(order)
    return kind


def integer_type(base, size, precision, offset, order=None):
    kind = base.copy()
    kind.set_size(size)
    kind.set_precision(precision)
    kind.set_offset(offset)
    if order is not None:
        kind.set_order(order)
    return kind


def compound(*members):
    kind = h5t.create(h5t.COMPOUND, sum(member.get_size() for _, member in members))
    place = 0
    for name, member in members:
        kind.insert(name, place, member)
        place += member.get_size()
    return kind


with h5py.File("elements.h5", "w", libver="latest") as file:
    every = bytes(range(256))
    bfloat = (15, 7, 8, 0, 7)
    add(file, "bfloat16", float_type(bfloat, 16, 2, 127), noise(200))
    add(file, "bfloat16_big", float_type(bfloat, 16, 2, 127, h5t.ORDER_BE), noise(200))
    add(file, "float8_e4m3", float_type((7, 3, 4, 0, 3), 8, 1, 7), every)
    add(file, "float8_e5m2", float_type((7, 2, 5, 0, 2), 8, 1, 15), every)
    add(file, "float24", float_type((23, 16, 7, 0, 16), 24, 3, 63), noise(300))
    add(file, "float32_far", float_type((31, 23, 8, 0, 23), 32, 4, 200), noise(400))
    add(file, "float16_in_4", float_type((15, 10, 5, 0, 10), 16, 4, 15), noise(400))
    add(file, "float32_in_12", float_type((31, 23, 8, 0, 23), 32, 12, 127), noise(480))
    add(file, "vax_f", float_type((31, 23, 8, 0, 23), 32, 4, 129, h5t.ORDER_VAX), noise(400))
    add(file, "vax_g", float_type((63, 52, 11, 0, 52), 64, 8, 1025, h5t.ORDER_VAX), noise(400))
    add(file, "int24", integer_type(h5t.STD_I32LE, 3, 24, 0), noise(300))
    add(file, "int24_big", integer_type(h5t.STD_I32LE, 3, 24, 0, h5t.ORDER_BE), noise(300))
    add(file, "uint40_packed", integer_type(h5t.STD_U64LE, 7, 40, 9), noise(350))
    add(file, "int12_packed_big", integer_type(h5t.STD_I16LE, 2, 12, 3, h5t.ORDER_BE), noise(200))
    add(file, "int33_in_16", integer_type(h5t.STD_I64LE, 16, 33, 7), noise(800))
    add(file, "int33_in_16_big", integer_type(h5t.STD_I64LE, 16, 33, 7, h5t.ORDER_BE), noise(800))
    for name in ["F16LE", "F16BE", "F32BE", "F64LE"]:
        kind = getattr(h5t, "COMPLEX_IEEE_" + name)
        part = np.dtype({"L": "<", "B": ">"}[name[3]] + "f" + str(int(name[1:3]) // 8))
        raw = np.round(random.normal(size=80) * 64).astype(part).tobytes()
        add(file, "complex_" + name.lower(), kind, raw)
    file.create_dataset("halves", data=np.zeros((3,), [("r", "<f2"), ("i", "<f2")]))

    # What libhdf5 does not convert: bit fields, times, and floats of 80 bits.
    for name, kind, raw in [
        (b"bits16", h5t.STD_B16BE, bytes([0xff, 0xfe, 1, 2])), (b"time32", h5t.UNIX_D32LE, bytes([0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0]))]:
        data = h5py.h5d.create(file.id, name, kind, h5py.h5s.create_simple((2,)))
        data.write(h5py.h5s.ALL, h5py.h5s.ALL, np.frombuffer(raw, "u1").copy(), mtype=kind)
    file["float80"] = np.array([1.5], np.longdouble)

    holder = file.create_dataset("holder", data=np.arange(6, dtype="u1").reshape(2, 3), track_order=True)
    group = file.create_group("group")
    library.H5Oset_comment(holder.id.id, b"measured twice")
    library.H5Oset_comment(group.id.id, b"a group")
    attributes = holder.attrs
    attributes["z_texts"] = np.array([b"one", b"three"], "S5")
    attributes["y_text"] = "a µ"
    attributes["x_empty_text"] = h5py.Empty(h5py.string_dtype())
    attributes["w_empty_number"] = h5py.Empty("f4")
    attributes["v_boolean"] = True
    attributes.create("u_enumeration", 5, dtype=h5py.enum_dtype({"RED": 2, "BLUE": 5}, basetype="i2"))
    attributes["t_compound"] = np.array((7, 2.5), [("count", "<u2"), ("size", "<f8")])
    attributes["s_compounds"] = np.array([(1, (2, b"ab")), (3, (4, b"c"))], [("a", "<i4"), ("b", [("c", "<i4"), ("d", "S2")])])
    attributes["r_object"] = holder.ref
    attributes.create("q_objects", [group.ref, h5py.Reference(), file.ref], dtype=h5py.ref_dtype)
    attributes["p_region"] = holder.regionref[0:1, 0:2]
    one = np.empty((), object)
    one[()] = np.array([1, 2, 3], "<i4")
    attributes.create("o_sequence", one, dtype=h5py.vlen_dtype("<i4"))
    lists = np.empty(2, object)
    lists[0], lists[1] = np.array([1.5], "<f8"), np.array([], "<f8")
    attributes.create("n_sequences", lists, dtype=h5py.vlen_dtype("<f8"))
    attributes["m_opaque"] = np.void(b"\x01\x02\x03")
    attributes["l_arrays"] = np.array([([1, 2],), ([3, 4],)], [("pair", "<i4", (2,))])
    attributes["k_complex"] = np.array([1 + 2j], "<c16")
    # 1.5 and −2 in 80 bits; NumPy leaves what follows them in 16 bytes undefined.
    attributes["j_long"] = np.frombuffer(bytes.fromhex("00000000000000c0ff3f000000000000" "000000000000008000c0000000000000"), np.longdouble)
    attributes["i_texts"] = np.array(["a", "", "ccc"], h5py.string_dtype())
    names = np.empty(1, object)
    names[0] = np.array([group.ref, holder.ref], dtype=h5py.ref_dtype)
    attributes.create("g_reference_lists", names, dtype=h5py.vlen_dtype(h5py.ref_dtype))

    # References of version 4, which h5py does not make: to an object, a region and an attribute, and one that was never set.
    references = (ctypes.c_uint8 * (64 * 4))()
    assert library.H5Rcreate_object(file.id.id, b"/group", 0, ctypes.byref(references, 0)) >= 0
    space = h5py.h5s.create_simple((2, 3))
    space.select_hyperslab((0, 1), (2, 2))
    assert library.H5Rcreate_region(file.id.id, b"/holder", space.id, 0, ctypes.byref(references, 64)) >= 0
    assert library.H5Rcreate_attr(file.id.id, b"/holder", b"y_text", 0, ctypes.byref(references, 128)) >= 0
    space4 = h5py.h5s.create_simple((4,))
    attribute = library.H5Acreate2(
        holder.id.id, b"f_new_references", known("H5T_STD_REF_g"), space4.id, 0, 0)
    assert attribute >= 0 and library.H5Awrite(attribute, known("H5T_STD_REF_g"), references) >= 0
    library.H5Aclose(attribute)
    attribute = h5py.h5a.create(holder.id, b"e_time", h5t.UNIX_D32BE, h5py.h5s.create(h5py.h5s.SCALAR))
    attribute.write(np.array([0, 0, 1, 2], "u1"), mtype=h5t.UNIX_D32BE)
    kind = float_type(bfloat, 16, 2, 127)
    attribute = h5py.h5a.create(holder.id, b"d_bfloat16", kind, h5py.h5s.create(h5py.h5s.SCALAR))
    attribute.write(np.array([0xc0, 0x3f], "u1"), mtype=kind)

with open("elements.txt", "w") as output:
    output.write("\n".join(expected) + "\n")
