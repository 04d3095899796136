# an in-memory ImageView identified as a VOLUME
type = DataType(DataTypeId.UINT16);
properties = iolink.ImageProperties.from_data_type(type);
properties.image_info.set_axes_interpretation(iolink.ImageTypeId.VOLUME)
image = ImageViewFactory.allocate((6, 4), type, properties, None)
# export to Numpy array
np = NumpyInterop.to_numpy_array(image)
print(np.shape)
