"""Makes the files beside it: h5py 3 for virtual, external and linked storage; edges.c (libhdf5) for unfiltered edge chunks."""
import h5py
import numpy as np

def plain(name, dataset, array):
    with h5py.File(name, "w", libver="earliest", track_order=False) as file:
        file.create_dataset(dataset, data=array, track_times=False)

plain("part0.h5", "d", np.arange(20, dtype="<i4").reshape(4, 5))
plain("part1.h5", "d", np.arange(100, 120, dtype="<i4").reshape(4, 5))
np.arange(20, dtype="<i4").tofile("external.bin")
with h5py.File("outside.h5", "w", libver=("v110", "v110")) as file:
    layout = h5py.VirtualLayout((2, 4, 5), "<i4")
    for index in range(2):
        layout[index] = h5py.VirtualSource(f"part{index}.h5", "d", (4, 5))
    file.create_virtual_dataset("virtual", layout, fillvalue=-1)
    file.create_dataset("external", (4, 5), "<i4", external=[("external.bin", 0, 40), ("external.bin", 40, 40)])
    file.create_dataset("escaping", (4, 5), "<i4", external=[("/outside.bin", 0, 80)])
    file.create_dataset("here", data=np.arange(6, dtype=">f4"), track_times=False)
    layout = h5py.VirtualLayout((2, 6), "<f4")
    layout[0] = layout[1] = h5py.VirtualSource(".", "here", (6,))
    file.create_virtual_dataset("virtual_here", layout)
    layout = h5py.VirtualLayout((4, 5), "<i4")
    layout[...] = h5py.VirtualSource(".", "escaping", (4, 5))
    file.create_virtual_dataset("virtual_escaping", layout)
    layout = h5py.VirtualLayout((4, 5), "<i4")
    layout[...] = h5py.VirtualSource(".", "virtual_circle", (4, 5))
    file.create_virtual_dataset("virtual_circle", layout)
    file["link"] = h5py.ExternalLink("part1.h5", "/d")
    file["soft"] = h5py.SoftLink("/here")
    file["circle"] = h5py.SoftLink("/circle2")
    file["circle2"] = h5py.SoftLink("/circle")
    file["hard"] = file["here"]
