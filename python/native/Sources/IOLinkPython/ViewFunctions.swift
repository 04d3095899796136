import CPython
import IOLink

/// What a view says of itself, and fresh images in memory.
enum ViewFunctions {
  static func shape(_ arguments: Arguments) throws -> Object { try Make.vector(HandleType.view(arguments[0]).image.shape) }

  static func arrayShape(_ arguments: Arguments) throws -> Object { try Make.vector(HandleType.view(arguments[0]).arrayShape) }

  static func dimensions(_ arguments: Arguments) throws -> Object { try Make.vector(HandleType.view(arguments[0]).dimensions) }

  /// NumPy's name of a component, and how many components there are.
  static func type(_ arguments: Arguments) throws -> Object { try packed(HandleType.view(arguments[0]).image.dataType) }

  static func packed(_ dataType: DataType) throws -> Object {
    try Make.tuple([Make.text(dataType.numpyName), Make.int(dataType.componentCount)])
  }

  /// `strides(view)`: bytes between neighbours along each axis, COLUMN first.
  ///
  /// - Throws: `unsupported` without MEMORY_ACCESS.
  static func strides(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    try box.checkOpen()
    guard let memory = box.image.memory else {
      throw IOLinkError(.unsupported, "the view has no MEMORY_ACCESS, so its elements have no places in memory; copy it first")
    }
    return try Make.vector(memory.layout.strides)
  }

  static func capabilities(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    var capabilities = box.image.capabilities
    if box.isReshapable { capabilities.insert(.reshape) } else { capabilities.remove(.reshape) }
    return try Make.int(Int(capabilities.rawValue))
  }

  /// Canonical order; None where the image has no natural read size.
  static func chunkShape(_ arguments: Arguments) throws -> Object {
    guard let chunk = try HandleType.view(arguments[0]).image.chunkShape else { return Make.none() }
    return try Make.vector(chunk)
  }

  /// Raises where a file that the view needs has been closed.
  static func checkOpen(_ arguments: Arguments) throws -> Object {
    try HandleType.view(arguments[0]).checkOpen()
    return Make.none()
  }

  static func storage(_ arguments: Arguments) throws -> Object {
    try Make.optional(HandleType.view(arguments[0]).image.storage)
  }

  /// `order(view, dimensions, class)`: the same image with another order of array dimensions, as an object of `class`.
  /// Dimensions of None are NumPy order, a class of None is ImageView.
  static func order(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let dimensions = try arguments.optional(1)?.vector()
    try ViewBox.check(dimensions, of: box.image)
    return try HandleType.wrap(
      box.derived(box.image, dimensions: dimensions, isReshapable: box.isReshapable),
      as: arguments.optional(2) ?? HandleType.imageView)
  }

  /// `allocate(shape, scalar, components)`: zeros in memory.
  static func allocate(_ arguments: Arguments) throws -> Object {
    let image = try MemoryImageView.allocate(arguments.vector(0), dataType(arguments, at: 1), allocator: HugePageAllocator())
    return try HandleType.wrap(ViewBox(image, isReshapable: true), as: HandleType.imageView)
  }

  /// `uniform(shape, scalar, components, element)`: the same element everywhere, in the memory of one.
  static func uniform(_ arguments: Arguments) throws -> Object {
    let element = try arguments[3].bytes()
    let image = try MemoryImageView.uniform(arguments.vector(0), dataType(arguments, at: 1), element: element.span.bytes)
    return try HandleType.wrap(ViewBox(image), as: HandleType.imageView)
  }

  /// `from_buffer(shape, scalar, components, buffer)`: an image over a dense buffer, COLUMN fastest.
  static func fromBuffer(_ arguments: Arguments) throws -> Object {
    let shape = try arguments.vector(0)
    let dataType = try dataType(arguments, at: 1)
    let buffer = try HeldBuffer(arguments[3], flags: Int32(PyBUF_SIMPLE))
    let needed = try shape.byteCount(of: dataType)
    guard let start = buffer.view.pointee.buf, buffer.view.pointee.len == needed else {
      throw IOLinkError(
        .invalidArgument, "the buffer has \(buffer.view.pointee.len) bytes, an image of shape \(shape) \(dataType) has \(needed)")
    }
    // A contiguous buffer of `needed` bytes, valid until it is released.
    let block = MemoryBlock(
      base: start, byteCount: needed, isWritable: buffer.view.pointee.readonly == 0, release: { _ = buffer })
    let memory = try StridedMemory(block, layout: StridedLayout(dense: shape, dataType), shape: shape, dataType: dataType)
    return try HandleType.wrap(ViewBox(MemoryImageView(memory)), as: HandleType.imageView)
  }

  /// `refreshed(view)`: the image as its file describes it now.
  ///
  /// - Throws: `unsupported` when the image cannot grow.
  static func refreshed(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    try box.checkOpen()
    guard let image = box.image as? any RefreshableImageView else {
      throw IOLinkError(.unsupported, "the view cannot be refreshed: it is not an image of a file, or its format cannot grow")
    }
    let fresh = try PixelFunctions.run(box, byteCount: 0) { _ throws(IOLinkError) in try image.refreshed() }
    return try HandleType.wrap(box.derived(fresh), as: HandleType.imageView)
  }

  /// `copy(view, in_source_order)`: all of it in fresh memory.
  static func copy(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let order = try arguments.flag(1) ? box.image.properties.sourceOrder : nil
    try box.checkOpen()
    let image = try PixelFunctions.run(box, byteCount: box.image.shape.byteCount(of: box.image.dataType)) {
      context throws(IOLinkError) in try box.image.copyInMemory(order: order, context: context)
    }
    return try HandleType.wrap(ViewBox(image, isReshapable: true), as: HandleType.imageView)
  }

  /// `reshape(view, shape, scalar, components)`: gives the view fresh memory of another shape and type.
  ///
  /// - Throws: `unsupported` without RESHAPE; `BufferError` while an array shares the memory.
  static func reshape(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    guard box.isReshapable else { throw IOLinkError(.unsupported, "the view has no RESHAPE; only memory that was allocated has") }
    guard box.bufferCount == 0 else { throw PythonErrors.buffer("the view cannot be reshaped while arrays share its memory") }
    let image = try MemoryImageView.allocate(
      arguments.vector(1), dataType(arguments, at: 2), metadata: box.image.metadata, allocator: HugePageAllocator())
    try HandleType.replace(arguments[0], by: ViewBox(image, isReshapable: true))
    return Make.none()
  }

  /// A type from a NumPy name and a count of components, two arguments.
  static func dataType(_ arguments: Arguments, at index: Int) throws -> DataType {
    try dataType(arguments[index], arguments[index + 1])
  }

  static func dataType(_ name: Object, _ componentCount: Object) throws -> DataType {
    let name = try name.text()
    guard let componentType = ComponentType(numpyName: name) else {
      throw IOLinkError(
        .unsupported, "element type is \"\(name)\", expected one of \(ComponentType.allCases.map(\.numpyName).joined(separator: ", "))")
    }
    return try DataType(componentType, componentCount: componentCount.int())
  }

  /// `infer_axes(shape, scalar, components)`: which axes a plain array has, and whether its last dimension holds components.
  static func inferAxes(_ arguments: Arguments) throws -> Object {
    var shape = Array(try arguments.vector(0))
    let componentType = try dataType(arguments[1], arguments[2]).componentType
    let hasComponents = AxisInference.hasComponents(shape, componentType)
    if hasComponents { shape.removeLast() }
    return try Make.tuple([Make.texts(AxisInference.axes(shape).map(\.role.name)), Make.flag(hasComponents)])
  }
}
