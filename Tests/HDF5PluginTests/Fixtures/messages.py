"""Makes messages.h5 with h5py 3.16 (libhdf5 2.0): classes and layouts that older versions of the library do not write."""
import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

with h5py.File("messages.h5", "w", libver=("v200", "v200")) as file:
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_layout(h5d.COMPACT)
    properties.set_obj_track_times(False)
    values = np.array([1 + 2j, -3 + 0.5j], "<c8")
    space = h5s.create_simple((2,))
    complex_type = h5t.COMPLEX_IEEE_F32LE
    dataset = h5d.create(file.id, b"complex", complex_type, space, properties)
    dataset.write(h5s.ALL, h5s.ALL, values, complex_type)
    file.create_dataset("chunked", (10, 10), "<u2", chunks=(4, 5), maxshape=(None, 10), compression="gzip", shuffle=True, track_times=False)
    file.create_dataset("single", (4, 5), "<u2", chunks=(4, 5), track_times=False)
