/// How a Swift type stands for the elements of an image: a whole element each, or one component each.
struct ElementForm: Sendable {
  /// 1, or where the components are a last axis their number: values per element.
  let valuesPerElement: Int
  let stride: Int

  /// - Throws: `invalidArgument` naming both types when `Element` is neither the image's element nor its component.
  init<Element: PixelElement>(_: Element.Type, of dataType: DataType) throws(IOLinkError) {
    stride = MemoryLayout<Element>.stride
    if Element.dataType == dataType {
      valuesPerElement = 1
    } else if Element.dataType == dataType.component {
      valuesPerElement = dataType.componentCount
    } else {
      throw IOLinkError(
        .invalidArgument, "the image holds \(dataType), the values asked for are \(Element.dataType); convert the image first")
    }
  }

  /// How elements of a box lie in an array of values: COLUMN fastest, components as the last, fastest axis.
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

  /// - Throws: `limitExceeded` when the count, or the bytes, do not fit in an `Int`.
  func valueCount(of shape: Shape) throws(IOLinkError) -> Int {
    let count = try Checked.multiply(shape.elementCount(), valuesPerElement)
    _ = try Checked.multiply(count, stride)
    return count
  }
}
