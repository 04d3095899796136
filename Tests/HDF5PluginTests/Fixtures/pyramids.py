"""Makes viewer.h5 and viewer.xml beside it by npy2bdv 1.1: two channels, two moments, two resolutions, and the sizes of voxels.

The numbers of channel c at moment t begin with 1000 c + 100 t.
"""
import numpy as np
import npy2bdv

writer = npy2bdv.BdvWriter("viewer.h5", nchannels=2, subsamp=((1, 1, 1), (1, 2, 2)), blockdim=((2, 4, 6), (2, 2, 3)), overwrite=True)
writer.set_attribute_labels("channel", ("GFP", "RFP"))
for t in range(2):
    for c in range(2):
        stack = (np.arange(2 * 4 * 6) + 1000 * c + 100 * t + 40_000).reshape(2, 4, 6).astype("u2")
        writer.append_view(stack, time=t, channel=c, voxel_size_xyz=(0.25, 0.5, 2), voxel_units="um")
writer.write_xml()
writer.close()
