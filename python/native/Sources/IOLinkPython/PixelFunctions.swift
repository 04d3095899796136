import CPython
import IOLink

/// Reading and writing of pixels.
enum PixelFunctions {
  /// `read(view, origin, size, destination, dimensions)`: a region into an array.
  ///
  /// - Parameters:
  ///   - destination: A writable buffer of the view's type of number, one dimension for each of `dimensions`.
  ///   - dimensions: For every dimension of the array the view's axis; the components are axis number `rank`.
  static func read(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let region = try Region(origin: arguments.vector(1), size: arguments.vector(2))
    let target = try array(arguments[3], of: box, region, arguments.vector(4), flags: Int32(PyBUF_RECORDS_VALUE))
    try box.checkOpen()
    let isShared = sharesMemory(box, target)
    _ = try run(box, byteCount: region.size.byteCount(of: box.image.dataType)) { context throws(IOLinkError) -> Bool in
      if isShared {
        let copy = try room(for: target, context)
        try read(box.image, region, into: copy, context)
        try write(copy, into: MemoryImageView(target), Region(of: target.shape), context)
      } else {
        try read(box.image, region, into: target, context)
      }
      return true
    }
    return Make.none()
  }

  /// `read_blocks(view, size, origins, destination)`: blocks of one size into an array.
  ///
  /// - Parameters:
  ///   - origins: A contiguous buffer of 64-bit integers: where each block begins, in canonical order.
  ///   - destination: A contiguous writable buffer of the view's type of number.
  static func readBlocks(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let size = try arguments.vector(1)
    let origins = try BufferPlace(HeldBuffer(arguments[2], flags: Int32(PyBUF_SIMPLE))).integers()
    let target = try BufferPlace(HeldBuffer(arguments[3], flags: Int32(PyBUF_SIMPLE | PyBUF_WRITABLE)))
    try box.checkOpen()
    // Sparse blocks decode far more than they hold.
    let (decoded, isLarge) = try target.byteCount.multipliedReportingOverflow(by: box.image.chunkShape?.elementCount() ?? 1)
    _ = try run(box, byteCount: isLarge ? Int.max : decoded) { context throws(IOLinkError) -> Bool in
      try target.withMutableBytes { span throws(IOLinkError) in try box.image.read(size, at: origins, into: &span, context: context) }
      return true
    }
    return Make.none()
  }

  /// `write(view, origin, size, source, dimensions)`: an array into a region.
  static func write(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let region = try Region(origin: arguments.vector(1), size: arguments.vector(2))
    guard box.image.capabilities.contains(.write) else {
      throw IOLinkError(
        .unsupported,
        "the view is read-only (it has \(box.image.capabilities)); copy it in memory, or open an uncompressed file with mode=\"update\"")
    }
    let source = try array(arguments[3], of: box, region, arguments.vector(4), flags: Int32(PyBUF_RECORDS_RO_VALUE))
    try box.checkOpen()
    let isShared = sharesMemory(box, source)
    _ = try run(box, byteCount: region.size.byteCount(of: box.image.dataType)) { context throws(IOLinkError) -> Bool in
      guard isShared else {
        try write(source, into: box.image, region, context)
        return true
      }
      let copy = try room(for: source, context)
      try read(MemoryImageView(source), Region(of: source.shape), into: copy, context)
      try write(copy, into: box.image, region, context)
      return true
    }
    return Make.none()
  }

  /// Whether an array lies in the memory of a view, so that one would change while the other is read. Files see to
  /// themselves.
  private static func sharesMemory(_ box: ViewBox, _ array: StridedMemory) -> Bool {
    guard box.sources.isEmpty, let block = box.image.memory?.block else { return false }
    let (own, other) = (block.baseAddress, array.block.baseAddress)
    return own < other + array.block.byteCount && other < own + block.byteCount
  }

  /// Fresh memory for as much as an array holds.
  private static func room(for array: StridedMemory, _ context: OperationContext) throws(IOLinkError) -> StridedMemory {
    let image = try MemoryImageView.allocate(array.shape, array.dataType, zeroFill: .uninitialized, allocator: context.allocator)
    guard let memory = image.memory else { throw IOLinkError(.unsupported, "a fresh image has no memory") }
    return memory
  }

  private static func read(
    _ image: any ImageView, _ region: Region, into target: StridedMemory, _ context: OperationContext
  ) throws(IOLinkError) {
    try target.block.withMutableBytes { span throws(IOLinkError) in
      try image.read(region, into: &span, layout: target.layout, context: context)
    }
  }

  private static func write(
    _ source: StridedMemory, into image: any ImageView, _ region: Region, _ context: OperationContext
  ) throws(IOLinkError) {
    try source.block.withBytes { span throws(IOLinkError) in
      try image.write(region, from: span, layout: source.layout, context: context)
    }
  }

  /// `read_element(view, index)`: NumPy's name of a component, how many there are, and the bytes of one element, components
  /// one behind the other.
  static func readElement(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let index = try arguments.vector(1)
    let region = try Region(origin: index, size: AxisVector(repeating: 1, count: index.count))
    try box.checkOpen()
    let bytes = try run(box, byteCount: 1) { context throws(IOLinkError) in try box.image.bytes(of: region, context: context) }
    return try Make.tuple([
      Make.text(box.image.dataType.numpyName), Make.int(box.image.dataType.componentCount), Make.bytes(bytes),
    ])
  }

  /// Runs an operation without the interpreter lock, and so that Ctrl-C stops it where it may last.
  static func run<Value: Sendable>(
    _ box: ViewBox, byteCount: Int, _ body: @escaping @Sendable (OperationContext) throws(IOLinkError) -> Value
  ) throws -> Value {
    guard byteCount >= longOperation || box.sources.contains(where: \.callsPython) else {
      return try Interpreter.unlocked { () throws(IOLinkError) in try body(.shared) }
    }
    return try Interpreter.interruptibly { context, _ throws(IOLinkError) in try body(context) }
  }

  /// From this many bytes on, an operation is worth a thread that Ctrl-C can interrupt.
  private static let longOperation = 4 << 20

  /// An array's memory with its strides in the view's order of axes.
  private static func array(
    _ object: Object, of box: ViewBox, _ region: Region, _ dimensions: AxisVector, flags: Int32
  ) throws -> StridedMemory {
    let buffer = try HeldBuffer(object, flags: flags)
    let dataType = box.image.dataType
    guard let (componentType, isSwapped) = ElementFormat.parse(buffer.view.pointee.format, itemSize: buffer.view.pointee.itemsize),
      componentType == dataType.componentType, !isSwapped
    else {
      let format = buffer.view.pointee.format.map { String(cString: $0) } ?? "B"
      throw IOLinkError(
        .invalidArgument, "the array has elements of format \"\(format)\", the view of type \(dataType.numpyName) in native byte order")
    }
    let component = dimensions.firstIndex(of: box.image.rank) ?? -1
    guard dimensions.count == Int(buffer.view.pointee.ndim) else {
      throw IOLinkError(.invalidArgument, "the array has \(buffer.view.pointee.ndim) dimensions, expected \(dimensions.count)")
    }
    let memory = try buffer.memory(componentType, component: component)
    var axes = dimensions
    if component >= 0 { axes.remove(at: component) }
    guard axes.isPermutation(of: box.image.rank) else {
      throw IOLinkError(.invalidArgument, "\(dimensions) does not name each of the view's axes once")
    }
    var layout = memory.layout
    var shape = memory.shape
    for dimension in 0..<axes.count {
      layout.strides[axes[dimension]] = memory.layout.strides[dimension]
      shape[axes[dimension]] = memory.shape[dimension]
    }
    guard shape == region.size, memory.dataType.componentCount == dataType.componentCount else {
      throw IOLinkError(.invalidArgument, "the array's shape does not fit the region of size \(region.size) \(dataType)")
    }
    return try StridedMemory(memory.block, layout: layout, shape: shape, dataType: dataType)
  }
}
