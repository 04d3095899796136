import CPython
import IOLink

/// Index expressions of lazy arrays.
enum IndexFunctions {
  /// `select(view, key, class)`: the part of an array that a tuple of integers, slices and an ellipsis names, as a lazy array.
  ///
  /// None where the tuple has anything else. Components of which only some are selected become an axis.
  static func select(_ arguments: Arguments) throws -> Object {
    var box = try HandleType.view(arguments[0])
    guard let selection = try ArraySelection(arguments[1].items(), of: box.arrayShape) else { return Make.none() }
    var dimensions = box.dimensions
    let componentAxis = box.image.rank
    if let place = dimensions.firstIndex(of: componentAxis), !selection.isWhole(place, length: box.image.dataType.componentCount) {
      box = try ViewBox.nested(box.image.elementsAsChannels(.component), on: [box])
      let axis = box.image.properties.index(of: .component) ?? componentAxis
      for dimension in dimensions.indices {
        dimensions[dimension] = dimension == place ? axis : dimensions[dimension] + (dimensions[dimension] >= axis ? 1 : 0)
      }
    }
    return try HandleType.wrap(part(of: box, dimensions, selection), as: arguments.optional(2) ?? HandleType.imageView)
  }

  private static func part(
    of box: ViewBox, _ dimensions: AxisVector, _ selection: ArraySelection
  ) throws -> ViewBox {
    let rank = box.image.rank
    var start = AxisVector(repeating: 0, count: rank)
    var count = box.image.shape
    var step = AxisVector(repeating: 1, count: rank)
    var isDropped = start
    for (dimension, axis) in dimensions.enumerated() where axis < rank {
      start[axis] = selection.start[dimension]
      count[axis] = selection.count[dimension]
      step[axis] = selection.step[dimension]
      isDropped[axis] = selection.isDropped[dimension]
    }
    var transform = try AxisTransform(selecting: start, count: count, step: step, in: box.image.shape)
    for axis in (0..<rank).reversed() where isDropped[axis] == 1 {
      transform = try transform.then(AxisTransform(fixing: axis, at: 0, in: transform.shape))
    }
    var left: AxisVector = []
    for (dimension, axis) in dimensions.enumerated() where selection.isDropped[dimension] == 0 {
      left.append(axis - isDropped.prefix(axis).reduce(0, +))
    }
    return try box.derived(box.image.transformed(by: transform), dimensions: left)
  }

  /// `number(view)`: the number of an array that has just one, as Python's own; None for any other array.
  static func number(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let shape = box.image.shape
    guard box.image.dataType.componentCount == 1, shape.allSatisfy({ $0 == 1 }) else { return Make.none() }
    try box.checkOpen()
    // Every half is a float.
    let image = box.image.dataType.componentType == .float16 ? try box.image.converted(to: .float32, .cast) : box.image
    let bytes = try PixelFunctions.run(box, byteCount: 1) { context throws(IOLinkError) in
      try image.bytes(of: Region(of: shape), context: context)
    }
    return try bytes.withUnsafeBytes { bytes in
      switch image.dataType.componentType {
      case .boolean: Make.flag(bytes[0] != 0)
      case .uint8: try Make.int(Int(bytes[0]))
      case .uint16: try Make.int(Int(bytes.load(as: UInt16.self)))
      case .uint32: try Make.int(Int(bytes.load(as: UInt32.self)))
      case .uint64: try Make.checked(PyLong_FromUnsignedLongLong(bytes.load(as: UInt64.self)))
      case .int8: try Make.int(Int(bytes.load(as: Int8.self)))
      case .int16: try Make.int(Int(bytes.load(as: Int16.self)))
      case .int32: try Make.int(Int(bytes.load(as: Int32.self)))
      case .int64: try Make.int(Int(bytes.load(as: Int64.self)))
      case .float16, .float32: try Make.double(Double(bytes.load(as: Float.self)))
      case .float64: try Make.double(bytes.load(as: Double.self))
      case .complex64:
        try Make.checked(PyComplex_FromDoubles(Double(bytes.load(as: Float.self)), Double(bytes.load(fromByteOffset: 4, as: Float.self))))
      case .complex128:
        try Make.checked(PyComplex_FromDoubles(bytes.load(as: Double.self), bytes.load(fromByteOffset: 8, as: Double.self)))
      }
    }
  }
}

/// Per dimension of an array start, count and step of an index expression, and whether an integer makes the dimension disappear.
private struct ArraySelection {
  var start: AxisVector = []
  var count: AxisVector = []
  var step: AxisVector = []
  /// 1 for a dimension that disappears.
  var isDropped: AxisVector = []

  /// - Returns: `nil` where an item is something else than an integer, a slice or an ellipsis.
  /// - Throws: `IndexError` for an index outside its dimension, for more items than dimensions, and for a second ellipsis.
  init?(_ items: [Object], of shape: AxisVector) throws {
    var taken = 0
    for item in items {
      if iolink_is_int(item) != 0 || iolink_is_slice(item) != 0 { taken += 1 } else if item != iolink_ellipsis() { return nil }
    }
    guard items.count - taken <= 1 else { throw PythonErrors.index("an index can have only one ellipsis") }
    guard taken <= shape.count else {
      throw PythonErrors.index("too many indices: \(taken) for \(shape.count) dimensions")
    }
    for item in items {
      if item == iolink_ellipsis() {
        while self.count.count + taken < shape.count { appendWhole(shape) }
      } else {
        taken -= 1
        try append(item, shape[self.count.count])
      }
    }
    while self.count.count < shape.count { appendWhole(shape) }
  }

  func isWhole(_ dimension: Int, length: Int) -> Bool {
    start[dimension] == 0 && count[dimension] == length && step[dimension] == 1 && isDropped[dimension] == 0
  }

  private mutating func append(_ start: Int, _ count: Int, _ step: Int, isDropped: Bool) {
    self.start.append(start)
    self.count.append(count)
    self.step.append(step)
    self.isDropped.append(isDropped ? 1 : 0)
  }

  private mutating func appendWhole(_ shape: AxisVector) { append(0, shape[count.count], 1, isDropped: false) }

  private mutating func append(_ item: Object, _ length: Int) throws {
    if iolink_is_slice(item) != 0 {
      var (first, stop, step) = (0, 0, 0)
      guard PySlice_Unpack(item, &first, &stop, &step) == 0 else { throw Raised() }
      let number = PySlice_AdjustIndices(length, &first, &stop, step)
      // The step of a single sample says no more than how far it would go.
      if number <= 1 { step = max(-max(length, 1), min(step, max(length, 1))) }
      append(number == 0 ? 0 : first, number, step, isDropped: false)
      return
    }
    guard let index = try? item.int(), -length <= index, index < length else {
      PyErr_Clear()
      let shown = try Reference(new: PyObject_Str(item)).object.text()
      throw PythonErrors.index("index \(shown) is out of bounds for dimension \(count.count) of length \(length)")
    }
    append(index < 0 ? index + length : index, 1, 1, isDropped: true)
  }
}
