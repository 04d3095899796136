"""Makes filters.h5: the same numbers under filters that come with hdf5plugin, and under a filter that no program has.

Needs h5py 3.16 with hdf5plugin 7.1.
"""
import os

import h5py
import hdf5plugin
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
NUMBERS = np.cumsum(np.sin(np.arange(30 * 40) / 7)).astype("<f4").reshape(30, 40)
PLAIN = (np.arange(30 * 40, dtype="<u4") * 7919 % 1009).astype("<u2").reshape(30, 40)
CHUNKS = (12, 40)
# A number of the range for tests. Each byte is changed by exclusive or with the parameter.
TOY = 300


def toy(file, name, shuffle):
    """A dataset with the filter of this file, whose chunks are stored as bytes."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_obj_track_times(False)
    plist.set_chunk(CHUNKS)
    if shuffle:
        plist.set_shuffle()
    plist.set_filter(TOY, h5py.h5z.FLAG_OPTIONAL, (0x5A, 3))
    dataset = h5py.h5d.create(file.id, name.encode(), h5py.h5t.STD_U16LE, h5py.h5s.create_simple(PLAIN.shape), plist)
    for row in range(0, PLAIN.shape[0], CHUNKS[0]):
        chunk = np.zeros(CHUNKS, PLAIN.dtype)
        part = PLAIN[row : row + CHUNKS[0]]
        chunk[: len(part)] = part
        stored = chunk.view("u1").reshape(-1, 2).T.tobytes() if shuffle else chunk.tobytes()
        dataset.write_direct_chunk((row, 0), bytes(byte ^ 0x5A for byte in stored))


with h5py.File(os.path.join(HERE, "filters.h5"), "w", libver=("earliest", "v108")) as file:

    def add(name, **options):
        dataset = file.create_dataset(name, data=PLAIN, chunks=CHUNKS, track_times=False, **options)
        assert (dataset[...] == PLAIN).all() and dataset.id.get_num_chunks() == 3, name

    file.create_dataset("plain", data=PLAIN, track_times=False)
    for codec in ("blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"):
        for order, kind in enumerate(("none", "bytes", "bits")):
            add(f"blosc_{codec}_{kind}", **hdf5plugin.Blosc(cname=codec, clevel=5, shuffle=order))
    add("blosc_copied", **hdf5plugin.Blosc(clevel=0))
    add("blosc_fletcher32", fletcher32=True, **hdf5plugin.Blosc())
    add("bzip2", **hdf5plugin.BZip2())
    add("bzip2_shuffle", shuffle=True, **hdf5plugin.BZip2(blocksize=1))
    add("fcidecomp", **hdf5plugin.FciDecomp())
    add("unsupported_blosc2", **hdf5plugin.Blosc2())
    file.create_dataset("numbers", data=NUMBERS, track_times=False)
    for name, options in (("zfp", {}), ("zfp_shuffle", {"shuffle": True}), ("zfp_fletcher32", {"fletcher32": True})):
        dataset = file.create_dataset(name, data=NUMBERS, chunks=CHUNKS, track_times=False, **options, **hdf5plugin.Zfp(reversible=True))
        assert (dataset[...] == NUMBERS).all(), name
    # A filter that could not be applied: its parameters are those that were asked for.
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_obj_track_times(False)
    plist.set_chunk(NUMBERS.shape)
    plist.set_filter(hdf5plugin.ZFP_ID, h5py.h5z.FLAG_OPTIONAL, (5, 0, 0, 0, 0, 0))
    dataset = h5py.h5d.create(file.id, b"zfp_skipped", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(NUMBERS.shape), plist)
    dataset.write_direct_chunk((0, 0), NUMBERS.tobytes(), filter_mask=1)
    toy(file, "toy", shuffle=False)
    toy(file, "toy_shuffle", shuffle=True)
