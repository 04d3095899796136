"""Makes growing_first.h5 and growing_second.h5 beside it by h5py 3: what a SWMR writer has flushed at two moments, while it holds the file.

Frame n of /frames is filled with n; /packed has the same frames, deflated. There are 3 frames, and later 40.
"""
import os
import shutil

import h5py
import numpy as np


def append(dataset, count):
    start = len(dataset)
    dataset.resize(count, axis=0)
    dataset[start:] = np.broadcast_to(np.arange(start, count, dtype="u2")[:, None, None], (count - start, 4, 6))
    dataset.flush()


with h5py.File("growing.h5", "w", libver="latest") as file:
    frames = file.create_dataset("frames", (0, 4, 6), "u2", maxshape=(None, 4, 6), chunks=(1, 4, 6), track_times=False)
    packed = file.create_dataset("packed", (0, 4, 6), "u2", maxshape=(None, 4, None), chunks=(2, 4, 3), compression="gzip", track_times=False)
    file.swmr_mode = True
    for count, name in ((3, "growing_first.h5"), (40, "growing_second.h5")):
        append(frames, count)
        append(packed, count)
        file.flush()
        shutil.copyfile("growing.h5", name)
os.remove("growing.h5")
