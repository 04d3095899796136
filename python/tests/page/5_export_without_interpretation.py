# an in-memory ImageView
dtype = DataType(DataTypeId.VEC3_UINT16)
image = ImageViewFactory.allocate((6, 4), dtype)
# export to Numpy array
np = NumpyInterop.to_numpy_array(image)
print(np.shape)
