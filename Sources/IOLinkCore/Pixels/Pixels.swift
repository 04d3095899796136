/// The elements of an image in memory as values of a Swift type: in place, without a copy, and with any strides.
///
/// `pixels[column, row, slice]` is one element. Indices are in canonical order. When `Element` is the type of one component of
/// several, the last index is that of the component. The memory stays valid as long as this value exists.
@safe
public struct Pixels<Element: PixelElement>: @unchecked Sendable {  // memory is shared under the rules of MemoryBlock
  private let block: MemoryBlock
  private let base: UnsafeMutableRawPointer
  private let strides: AxisVector
  /// The length of each axis, in canonical order. The component count follows when the component is an index.
  public let shape: Shape
  /// Whether elements can be assigned. If not, assigning one traps.
  public let isWritable: Bool

  init(_ memory: StridedMemory, isWritable: Bool) throws(IOLinkError) {
    let form = try ElementForm(Element.self, of: memory.dataType)
    var shape = memory.shape
    var strides = memory.layout.strides
    if form.valuesPerElement > 1 {
      shape.append(form.valuesPerElement)
      strides.append(memory.layout.componentStride)
    } else if memory.dataType.componentCount > 1, memory.layout.componentStride != memory.dataType.componentType.byteCount {
      throw IOLinkError(
        .unsupported, "the components of an element are not adjacent in memory; use \(memory.dataType.component) instead")
    }
    block = memory.block
    // StridedMemory has checked that every element lies inside its block, which this value keeps alive.
    unsafe base = unsafe memory.block.baseAddress + memory.layout.byteOffset
    self.shape = shape
    self.strides = strides
    self.isWritable = isWritable
  }

  /// The element at a position of any rank.
  ///
  /// - Precondition: The position has one index per axis and lies inside ``shape``. To assign, ``isWritable`` must be `true`.
  public subscript(position: AxisVector) -> Element {
    get { load(at: offset(of: position)) }
    nonmutating set { store(newValue, at: offset(of: position)) }
  }

  /// The element at one index, where ``shape`` has one axis.
  ///
  /// - Precondition: The index lies inside ``shape``. To assign, ``isWritable`` must be `true`.
  public subscript(_ index: Int) -> Element {
    get { load(at: offset(index)) }
    nonmutating set { store(newValue, at: offset(index)) }
  }

  /// The element at two indices, where ``shape`` has two axes.
  ///
  /// - Precondition: The indices lie inside ``shape``. To assign, ``isWritable`` must be `true`.
  public subscript(_ column: Int, _ row: Int) -> Element {
    get { load(at: offset(column, row)) }
    nonmutating set { store(newValue, at: offset(column, row)) }
  }

  /// The element at three indices, where ``shape`` has three axes.
  ///
  /// - Precondition: The indices lie inside ``shape``. To assign, ``isWritable`` must be `true`.
  public subscript(_ column: Int, _ row: Int, _ slice: Int) -> Element {
    get { load(at: offset(column, row, slice)) }
    nonmutating set { store(newValue, at: offset(column, row, slice)) }
  }

  /// The element at four indices, where ``shape`` has four axes.
  ///
  /// - Precondition: The indices lie inside ``shape``. To assign, ``isWritable`` must be `true`.
  public subscript(_ column: Int, _ row: Int, _ slice: Int, _ channel: Int) -> Element {
    get { load(at: offset(column, row, slice, channel)) }
    nonmutating set { store(newValue, at: offset(column, row, slice, channel)) }
  }

  private func offset(of position: AxisVector) -> Int {
    precondition(position.count == shape.count, "\(position.count) indices for \(shape.count) axes")
    var offset = 0
    for axis in 0..<shape.count { offset &+= step(axis, position[axis]) }
    return offset
  }

  private func offset(_ first: Int) -> Int {
    precondition(shape.count == 1, "1 index for \(shape.count) axes")
    return step(0, first)
  }

  private func offset(_ first: Int, _ second: Int) -> Int {
    precondition(shape.count == 2, "2 indices for \(shape.count) axes")
    return step(0, first) &+ step(1, second)
  }

  private func offset(_ first: Int, _ second: Int, _ third: Int) -> Int {
    precondition(shape.count == 3, "3 indices for \(shape.count) axes")
    return step(0, first) &+ step(1, second) &+ step(2, third)
  }

  private func offset(_ first: Int, _ second: Int, _ third: Int, _ fourth: Int) -> Int {
    precondition(shape.count == 4, "4 indices for \(shape.count) axes")
    return step(0, first) &+ step(1, second) &+ step(2, third) &+ step(3, fourth)
  }

  private func step(_ axis: Int, _ index: Int) -> Int {
    precondition(index >= 0 && index < shape[axis], "index \(index) does not lie inside axis \(axis), which has length \(shape[axis])")
    return index &* strides[axis]
  }

  private func load(at offset: Int) -> Element {
    // In bounds by the precondition; a byte-wise copy needs no alignment. A vector of three is wider in Swift than in the image,
    // so only the bytes of the element are copied, over zeros.
    var value = unsafe Element.zero
    unsafe withUnsafeMutableBytes(of: &value) { bytes in
      unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: base + offset, count: Element.dataType.byteCount))
      var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
      Element.normalize(&span)
    }
    return value
  }

  private func store(_ value: Element, at offset: Int) {
    precondition(isWritable, "the pixels are read-only")
    unsafe withUnsafeBytes(of: value) { bytes in
      // In bounds by the precondition.
      unsafe (base + offset).copyMemory(from: bytes.baseAddress!, byteCount: Element.dataType.byteCount)
    }
  }
}

extension PixelElement {
  /// The value whose bits are all 0.
  @unsafe fileprivate static var zero: Self {
    unsafe withUnsafeTemporaryAllocation(byteCount: MemoryLayout<Self>.size, alignment: MemoryLayout<Self>.alignment) { bytes in
      unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
      // All numbers, vectors and Booleans have a value whose bits are all 0.
      return unsafe bytes.load(as: Self.self)
    }
  }
}

extension ImageView {
  /// Lends the elements of an image in memory, in place: MEMORY_ACCESS.
  ///
  /// - Parameters:
  ///   - type: The type of the image's elements, or of one component. Nothing is converted or reinterpreted.
  ///   - body: Works on the elements.
  /// - Returns: The result of `body`.
  /// - Throws: `unsupported` without MEMORY_ACCESS, or when `Element` is a vector and the components of an element are not
  ///   adjacent in memory; `invalidArgument`, with both types, when `Element` is another type; otherwise any error that `body` throws.
  public func withPixels<Element: PixelElement, Result>(
    as type: Element.Type = Element.self, _ body: (Pixels<Element>) throws -> Result
  ) throws -> Result {
    guard let memory else {
      throw IOLinkError(.unsupported, "the image is not in memory: its capabilities are \(capabilities); copy it into memory first")
    }
    return try body(Pixels(memory, isWritable: capabilities.contains(.write)))
  }
}
