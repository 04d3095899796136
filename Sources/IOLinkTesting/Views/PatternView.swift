public import IOLinkCore

/// A synthetic image of any shape and type. Its pixels are computed from their positions, so it needs no file and no memory
/// for them, whatever its size.
///
/// The view implements only what `ImageView` requires and computes one component at a time. That is slow, but hard to get
/// wrong. Floating-point components are finite and differ by more than rounding errors; Booleans are 0 or 1.
public struct PatternView: ImageView {
  /// The type of an element.
  public let dataType: DataType
  /// The axes and whatever else describes the image.
  public let properties: ImageProperties
  /// The metadata that the view was created with.
  public let metadata: MetadataNode
  /// The seed of the pattern. Different seeds give different pixels.
  public let seed: UInt64

  /// Creates a pattern with these properties.
  public init(
    _ dataType: DataType, properties: ImageProperties, metadata: MetadataNode = MetadataNode(),
    seed: UInt64 = 1
  ) {
    self.dataType = dataType
    self.properties = properties
    self.metadata = metadata
    self.seed = seed
  }

  /// Creates a pattern whose axes follow from the rank: X, YX, ZYX, TZYX, TZYXC.
  ///
  /// - Parameters:
  ///   - dataType: The type of an element.
  ///   - shape: The lengths of the axes, slowest first.
  ///   - seed: The seed of the pattern.
  /// - Throws: `invalidArgument` if a length is negative, and `limitExceeded` if there are more than 32 axes.
  public init(_ dataType: DataType, fileShape shape: [Int], seed: UInt64 = 1) throws(IOLinkError) {
    self.init(
      dataType, properties: try ImageProperties(fileAxes: AxisInference.axes(shape)), seed: seed)
  }

  /// The lengths of the axes, in canonical order.
  public var shape: Shape { properties.shape }
  /// READ only.
  public var capabilities: Capabilities { .read }

  /// The bytes of one component, in native byte order.
  ///
  /// - Parameters:
  ///   - position: The position of the element in canonical order, inside the shape.
  ///   - component: The index of the component within the element.
  public func number(at position: some Collection<Int>, component: Int) -> [UInt8] {
    var hash = SeededGenerator.mix(
      seed &+ UInt64(truncatingIfNeeded: component) &* 0x9E37_79B9_7F4A_7C15)
    for index in position { hash = SeededGenerator.mix(hash ^ UInt64(truncatingIfNeeded: index)) }
    return Self.bytes(of: dataType.componentType, from: hash)
  }

  private static func bytes(of componentType: ComponentType, from hash: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    let order = ByteOrder.native
    let real = Double(Int64(bitPattern: hash) >> 44) / 16  // 20 bits: exact in float32
    switch componentType {
    case .boolean: bytes = [UInt8(hash & 1)]
    case .uint8, .int8: bytes = [UInt8(truncatingIfNeeded: hash)]
    case .uint16, .int16: bytes.append(UInt16(truncatingIfNeeded: hash), order: order)
    case .uint32, .int32: bytes.append(UInt32(truncatingIfNeeded: hash), order: order)
    case .uint64, .int64: bytes.append(hash, order: order)
    case .float16: bytes.append(Float16(Int64(bitPattern: hash) >> 53).bitPattern, order: order)  // 11 bits: exact
    case .float32: bytes.append(Float(real).bitPattern, order: order)
    case .float64: bytes.append((real + 1 / Double(1 << 40)).bitPattern, order: order)
    case .complex64:
      bytes.append(Float(real).bitPattern, order: order)
      bytes.append(Float(-real / 2 + 1).bitPattern, order: order)
    case .complex128:
      bytes.append(real.bitPattern, order: order)
      bytes.append((-real / 2 + 1).bitPattern, order: order)
    }
    return bytes
  }

  /// The pixels of a region: dense, COLUMN fastest, components interleaved, in native byte order. These are the bytes that
  /// reading the region must give.
  ///
  /// - Parameter region: A region inside the shape.
  public func expectedBytes(of region: Region) -> [UInt8] {
    guard !region.isEmpty else { return [] }
    var bytes: [UInt8] = []
    var local = AxisVector(repeating: 0, count: region.rank)
    repeat {
      let position = local.indices.map { region.origin[$0] + local[$0] }
      for component in 0..<dataType.componentCount {
        bytes += number(at: position, component: component)
      }
    } while local.advance(in: region.size)
    return bytes
  }

  /// Computes the components of a region one by one and stores them at the offsets of `layout`.
  ///
  /// - Throws: `cancelled` if the operation was cancelled before the call.
  public func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout,
    context: OperationContext
  ) throws(IOLinkError) {
    try context.checkCancellation()
    var local = AxisVector(repeating: 0, count: region.rank)
    repeat {
      let position = local.indices.map { region.origin[$0] + local[$0] }
      let offset = layout.offset(of: local)
      for component in 0..<dataType.componentCount {
        let bytes = number(at: position, component: component)
        destination.copy(
          from: unsafe bytes.span.bytes, at: offset + component * layout.componentStride)  // no padding
      }
    } while local.advance(in: region.size)
  }
}
