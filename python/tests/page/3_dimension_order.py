# let's suppose a Numpy array which contains 2 dimensions: ROW and COLUMN
a = numpy.array([[11, 12, 13], [21, 22, 23]], numpy.uint16)
# First option: tell the array describe an image
view = NumpyInterop.from_numpy_array(a, ImageTypeId_IMAGE)
# Second option: give the dimensions of the numpy array
view = NumpyInterop.order_from_numpy_array(a, [ImageDimension_ROW, ImageDimension_COLUMN])
# data are reorganized for IOLink, without impact on Numpy Array original content
