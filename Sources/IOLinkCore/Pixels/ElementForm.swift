/// How values of a Swift type represent the elements of an image: one value per element, or one per component.
struct ElementForm: Sendable {
  /// 1 when a value is an element, and the number of components when a value is a component.
  let valuesPerElement: Int
  /// The distance in bytes between neighbouring values of an array.
  let stride: Int

  /// - Throws: `invalidArgument`, with both types, when `Element` is neither the type of the image's elements nor that of a
  ///   component.
  init<Element: PixelElement>(_: Element.Type, of dataType: DataType) throws(IOLinkError) {
    stride = MemoryLayout<Element>.stride
    if Element.dataType == dataType {
      valuesPerElement = 1
    } else if Element.dataType == dataType.component {
      valuesPerElement = dataType.componentCount
    } else {
      throw IOLinkError(
        .invalidArgument, "the image has elements of type \(dataType), but the values are \(Element.dataType); convert the image first")
    }
  }

  /// Returns the layout of the elements of a box in an array of values: COLUMN is the fastest axis, and components are interleaved.
  ///
  /// - Throws: `limitExceeded` when the byte count does not fit in an `Int`.
  func layout(of shape: Shape, _ dataType: DataType) throws(IOLinkError) -> StridedLayout {
    var strides = AxisVector(repeating: 0, count: shape.count)
    var step = try Checked.multiply(stride, valuesPerElement)
    for axis in 0..<shape.count {
      strides[axis] = step
      step = try Checked.multiply(step, max(1, shape[axis]))
    }
    return StridedLayout(strides: strides, componentStride: valuesPerElement > 1 ? stride : dataType.componentType.byteCount)
  }

  /// Returns the number of values that the elements of a box take.
  ///
  /// - Throws: `limitExceeded` when the number of values, or of their bytes, does not fit in an `Int`.
  func valueCount(of shape: Shape) throws(IOLinkError) -> Int {
    let count = try Checked.multiply(shape.elementCount(), valuesPerElement)
    _ = try Checked.multiply(count, stride)
    return count
  }
}
