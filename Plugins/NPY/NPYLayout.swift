internal import IOLinkCore

/// Where the elements of an NPY array lie, and what its dimensions mean. It is computed from the header alone and reads nothing.
struct NPYLayout {
  let dataType: DataType
  let properties: ImageProperties
  /// The layout of the elements, with offsets from the beginning of the file.
  let strided: StridedLayout
  let byteOrder: ByteOrder

  /// - Throws: `limitExceeded` when the array has more bytes than an `Int` can count.
  init(_ header: NPYHeader) throws(IOLinkError) {
    let hasComponents = AxisInference.hasComponents(header.shape, header.componentType)
    let lengths = hasComponents ? Array(header.shape.dropLast()) : header.shape
    dataType = try DataType(header.componentType, componentCount: hasComponents ? header.shape[header.shape.count - 1] : 1)
    var properties = try ImageProperties(fileAxes: AxisInference.axes(lengths), axesAreInferred: true)
    if hasComponents {
      properties.interpretation = .rgb
      properties.alpha = dataType.componentCount == 4 ? .unspecified : .none
    }
    // These strides belong to the file's dimensions, in the file's order.
    var fileStrides = Array(repeating: 0, count: header.shape.count)
    var stride = header.componentType.byteCount
    let fastestFirst = header.isFortran ? Array(header.shape.indices) : header.shape.indices.reversed()
    for dimension in fastestFirst {
      fileStrides[dimension] = stride
      stride = try Checked.multiply(stride, max(1, header.shape[dimension]))
    }
    var strides = AxisVector(repeating: 0, count: lengths.count)
    for (dimension, axis) in properties.sourceOrder.enumerated() { strides[axis] = fileStrides[dimension] }
    strided = StridedLayout(
      byteOffset: header.dataOffset, strides: strides,
      componentStride: hasComponents ? fileStrides[header.shape.count - 1] : header.componentType.byteCount)
    byteOrder = header.byteOrder
    self.properties = properties
  }
}
