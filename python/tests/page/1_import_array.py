from array import array

import numpy

# a numpy array is created
na = numpy.array([[11, 12, 13], [21, 22, 23]], numpy.uint16)
# a view is created on numpy array data
view = NumpyInterop.from_numpy_array(na)
