"""Makes links_old.h5, links_new.h5 and links_small.h5 beside it by h5py 3.12 or newer: groups and attributes in every kind of storage.

links_old.h5     symbol tables: a tree of two levels, soft links, an empty group
links_new.h5     compact and dense links, filtered heaps, names that are huge objects, dense attributes, external and user-defined links
links_small.h5   addresses of 2 bytes, with which short links are tiny objects
"""
import ctypes
import glob
import os

import h5py
import numpy as np

library = ctypes.CDLL(glob.glob(os.path.dirname(h5py.__file__) + "/../h5py.libs/libhdf5-*")[0])
library.H5Pset_deflate.argtypes = [ctypes.c_int64, ctypes.c_uint]
library.H5Lcreate_ud.argtypes = [
    ctypes.c_int64, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int64, ctypes.c_int64]


class LinkClass(ctypes.Structure):
    """H5L_class_t: only a function that follows the link is required."""
    traverse = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_size_t)
    _fields_ = [
        ("version", ctypes.c_int), ("id", ctypes.c_int), ("comment", ctypes.c_char_p), ("create", ctypes.c_void_p),
        ("move", ctypes.c_void_p), ("copy", ctypes.c_void_p), ("follow", traverse), ("delete", ctypes.c_void_p),
        ("query", ctypes.c_void_p)]


own = LinkClass(1, 200, b"own", None, None, None, LinkClass.traverse(lambda *_: -1), None, None)
assert library.H5Lregister(ctypes.byref(own)) >= 0


def group(parent, name, order=False, filtered=False, count=None):
    creation = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
    if order:
        creation.set_link_creation_order(h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED)
    if filtered:
        assert library.H5Pset_deflate(creation.id, 6) >= 0
    made = h5py.Group(h5py.h5g.create(parent.id, name.encode(), gcpl=creation))
    # 7 and 1000 do not have a common divisor, so this is a permutation.
    for index in range(count or 0):
        made[f"link {index * 7 % 1000}"] = parent["data"]
    return made


with h5py.File("links_old.h5", "w", libver="earliest") as file:
    file.create_dataset("data", data=np.arange(3, dtype="u1"), track_times=False)
    group(file, "many", count=300)
    group(file, "empty")
    mixed = group(file, "mixed")
    mixed["soft"] = h5py.SoftLink("/many/link 7")
    mixed["é"] = file["data"]
    mixed["e\u0301"] = file["many"]
    h5py.h5o.link(file["data"].id, mixed.id, b"\xe9 in Latin-1")

with h5py.File("links_new.h5", "w", libver="latest") as file:
    file.create_dataset("data", data=np.arange(3, dtype="u1"), track_times=False)
    group(file, "empty")
    group(file, "compact", count=5)
    group(file, "compact in order", order=True, count=5)
    group(file, "dense", count=200)
    group(file, "dense in order", order=True, count=200)
    group(file, "filtered", filtered=True, count=12)
    group(file, "filtered more", filtered=True, count=200)
    for name, filtered in (("huge", False), ("huge filtered", True)):
        huge = group(file, name, filtered=filtered, count=10)
        for letter in "abc":
            huge[letter * 5000] = file["data"]
    kinds = group(file, "kinds", order=True)
    kinds["soft"] = h5py.SoftLink("/dense/link 7")
    kinds["external"] = h5py.ExternalLink("other.h5", "/some/where")
    assert library.H5Lcreate_ud(kinds.id.id, b"own", 200, b"abc", 3, 0, 0) >= 0
    for order in (False, True):
        data = file.create_dataset(f"attributes {int(order)}", data=0, track_order=order, track_times=False)
        for index in range(30):
            data.attrs[f"attribute {index * 7 % 30}"] = index
    large = file.create_dataset("large attributes", data=0, track_times=False)
    for index in range(10):
        large.attrs[f"small {index}"] = index
    large.attrs["large"] = np.zeros(70_000, "u1")

creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
creation.set_sizes(2, 4)
access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
with h5py.File(h5py.h5f.create(b"links_small.h5", h5py.h5f.ACC_TRUNC, creation, access)) as file:
    file.create_dataset("data", data=np.arange(3, dtype="u1"), track_times=False)
    letters = group(file, "letters")
    for letter in "abcdefghijkl":
        letters[letter] = file["data"]
    letters["longer"] = file["data"]
