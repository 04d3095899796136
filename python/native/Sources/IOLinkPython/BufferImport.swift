import CPython
import IOLink

/// Views over the memory of Python objects.
enum BufferImport {
  /// `wrap(array, axes, component)`: a view over an array's memory.
  ///
  /// - Parameters:
  ///   - axes: What `named_axes` gave: the names of the array's dimensions, a further last one of 2 to 4 being components; or
  ///     a tuple of names; None leaves the axes unknown, in the array's order.
  ///   - component: With a tuple, which dimension holds the components; −1 for none. It has no name.
  static func wrap(_ arguments: Arguments) throws -> Object {
    let buffer = try HeldBuffer(arguments[0], flags: Int32(PyBUF_RECORDS_RO_VALUE))
    let names = try arguments.optional(1).map { try NamedAxes.of($0) }
    let component = try names?.component(of: buffer) ?? (arguments.count > 2 ? arguments.int(2) : -1)
    guard let (componentType, isSwapped) = ElementFormat.parse(buffer.view.pointee.format, itemSize: buffer.view.pointee.itemsize),
      componentType.byteCount == buffer.view.pointee.itemsize
    else {
      let format = buffer.view.pointee.format.map { String(cString: $0) } ?? "B"
      throw IOLinkError(
        .unsupported,
        "elements of format \"\(format)\" cannot be an image; expected numbers or booleans of 1 to 16 bytes. Convert the array first (astype)"
      )
    }
    let memory = try buffer.memory(componentType, component: component)
    let properties = try names?.properties(memory.shape)
    return try HandleType.wrap(ViewBox(arranged(memory, properties, isSwapped: isSwapped)), as: HandleType.imageView)
  }

  /// `named_axes(title, names)`: the axes of an image type, for `wrap`, read once.
  static func namedAxes(_ arguments: Arguments) throws -> Object {
    let names = try NamedAxes(title: arguments.text(0), roles: arguments[1].items().map { try AxisRole($0.text()) })
    return try HandleType.wrap(names, as: HandleType.plain)
  }

  /// The view with its axes in canonical order: by strides alone.
  private static func arranged(
    _ memory: StridedMemory, _ properties: ImageProperties?, isSwapped: Bool
  ) throws -> any ImageView {
    var memory = memory
    if let properties {
      // sourceOrder[i] is where dimension i of the array stands among the axes.
      var strides = memory.layout.strides
      for dimension in 0..<strides.count { strides[properties.sourceOrder[dimension]] = memory.layout.strides[dimension] }
      var layout = memory.layout
      layout.strides = strides
      memory = try StridedMemory(memory.block, layout: layout, shape: properties.shape, dataType: memory.dataType)
    }
    return try MemoryImageView(memory, properties: properties, byteOrder: isSwapped ? .native.reversed : .native)
  }
}

/// The names of an array's dimensions, slowest first.
final class NamedAxes: Sendable {
  /// Of the image type; nil for names of the caller's, where the components have been told too.
  private let title: String?
  private let roles: [AxisRole]
  /// In canonical order, of length 0, with the array's order as source order.
  private let axes: ImageProperties

  /// - Throws: `invalidArgument` when an axis is named twice.
  init(title: String?, roles: [AxisRole]) throws(IOLinkError) {
    self.title = title
    self.roles = roles
    axes = try ImageProperties(fileAxes: roles.map { Axis($0, length: 0) })
  }

  /// - Parameter object: Of `named_axes`, or a tuple of names.
  static func of(_ object: Object) throws -> NamedAxes {
    guard iolink_is_tuple(object) != 0 else { return try HandleType.plain(object) }
    return try NamedAxes(title: nil, roles: object.items().map { try AxisRole($0.text()) })
  }

  /// Which dimension of an array holds the components of an image type; −1 for none, nil where the caller knows.
  ///
  /// - Throws: `invalidArgument` when the array has neither these dimensions nor these and 2 to 4 components.
  func component(of buffer: HeldBuffer) throws(IOLinkError) -> Int? {
    guard let title else { return nil }
    let rank = Int(buffer.view.pointee.ndim)
    if rank == roles.count { return -1 }
    if rank == roles.count + 1, let last = buffer.view.pointee.shape?[rank - 1], (2...4).contains(last) { return rank - 1 }
    let shape = AxisVector((0..<rank).map { buffer.view.pointee.shape?[$0] ?? 0 })
    throw IOLinkError(
      .invalidArgument,
      "an array of shape \(shape) cannot be \(title): expected the dimensions \(roles.map(\.description).joined(separator: ", ")), "
        + "optionally followed by 2 to 4 components; name the dimensions with order_from_numpy_array")
  }

  /// The axes of an array of this shape.
  func properties(_ shape: AxisVector) throws(IOLinkError) -> ImageProperties {
    guard roles.count == shape.count else {
      throw IOLinkError(.invalidArgument, "\(roles.count) axes are named, expected \(shape.count) as in the array (components not counted)")
    }
    var lengths = shape
    for dimension in 0..<shape.count { lengths[axes.sourceOrder[dimension]] = shape[dimension] }
    return axes.with(lengths: lengths)
  }
}

/// A buffer that was got from a Python object, released at the end of its life.
final class HeldBuffer: @unchecked Sendable {  // immutable; released with the interpreter lock
  let view: UnsafeMutablePointer<Py_buffer>

  init(_ object: Object, flags: Int32) throws {
    let fresh = UnsafeMutablePointer<Py_buffer>.allocate(capacity: 1)
    fresh.initialize(to: Py_buffer())
    guard PyObject_GetBuffer(object, fresh, flags) == 0 else {
      fresh.deallocate()
      throw PythonErrors.wrongTypeIfRaised("an object with the buffer protocol", object)
    }
    view = fresh  // last: an initialiser that throws with everything set would release what it did not get
  }

  deinit {
    if Py_IsInitialized() != 0 { Interpreter.locked { PyBuffer_Release(view) } }
    view.deallocate()
  }

  /// The first byte; of a buffer without any an address that is not read.
  var start: UnsafeMutableRawPointer { view.pointee.buf ?? UnsafeMutableRawPointer(bitPattern: 64)! }

  /// The block from the lowest to the highest byte that the array touches, and its layout; axes in the array's order.
  func memory(_ componentType: ComponentType, component: Int = -1) throws -> StridedMemory {
    let rank = Int(view.pointee.ndim)
    guard rank <= AxisVector.maximumRank + 1, component < rank else {
      throw IOLinkError(.limitExceeded, "\(rank) dimensions, at most \(AxisVector.maximumRank) are supported")
    }
    var shape = AxisVector(repeating: 0, count: rank)
    var strides = shape
    var dense = view.pointee.itemsize
    var isTooLong = false
    for dimension in (0..<rank).reversed() {
      shape[dimension] = view.pointee.shape?[dimension] ?? view.pointee.len / view.pointee.itemsize
      strides[dimension] = view.pointee.strides?[dimension] ?? dense
      (dense, isTooLong) = dense.multipliedReportingOverflow(by: max(1, shape[dimension]))
      guard !isTooLong || view.pointee.strides != nil else {
        throw IOLinkError(.limitExceeded, "the strides of shape \(shape) exceed the range of an integer")
      }
    }
    var dataType = DataType(componentType)
    var layout = StridedLayout(strides: strides, componentStride: componentType.byteCount)
    if component >= 0 {
      layout.componentStride = layout.strides.remove(at: component)
      dataType = try DataType(componentType, componentCount: shape.remove(at: component))
    }
    guard rank <= AxisVector.maximumRank || component >= 0 else {
      throw IOLinkError(.limitExceeded, "\(rank) dimensions, at most \(AxisVector.maximumRank) are supported")
    }
    let range = try layout.byteRange(of: shape, dataType)
    guard range.lowerBound > -Int.max else { throw IOLinkError(.limitExceeded, "strides \(strides) exceed the range of an integer") }
    layout.byteOffset = -range.lowerBound
    // The exporter vouches for every byte that its shape and strides name, until the buffer is released.
    let block = MemoryBlock(
      base: start + range.lowerBound, byteCount: range.count, isWritable: view.pointee.readonly == 0,
      release: { _ = self })
    return try StridedMemory(block, layout: layout, shape: shape, dataType: dataType)
  }
}
