public import IOLinkCore

/// An image of any shape and type whose pixels are computed from their position: known without a file, and cheap at any
/// declared size.
///
/// It implements nothing that ``ImageView`` does not demand, and reads one number after the other: slow, and hard to get
/// wrong. Floats are finite and differ by more than rounding; booleans are 0 or 1.
public struct PatternView: ImageView {
  public let dataType: DataType
  public let properties: ImageProperties
  public let metadata: MetadataNode
  /// Patterns of different seeds differ.
  public let seed: UInt64

  public init(
    _ dataType: DataType, properties: ImageProperties, metadata: MetadataNode = MetadataNode(),
    seed: UInt64 = 1
  ) {
    self.dataType = dataType
    self.properties = properties
    self.metadata = metadata
    self.seed = seed
  }

  /// Axes named by rank: X, YX, ZYX, TZYX, TZYXC.
  ///
  /// - Parameter shape: Slowest first, as people write it.
  public init(_ dataType: DataType, fileShape shape: [Int], seed: UInt64 = 1) throws(IOLinkError) {
    self.init(
      dataType, properties: try ImageProperties(fileAxes: AxisInference.axes(shape)), seed: seed)
  }

  public var shape: Shape { properties.shape }
  public var capabilities: Capabilities { .read }

  /// The bytes of one number, native byte order.
  ///
  /// - Parameter position: Canonical order, inside the shape.
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

  /// All pixels of a region: dense, COLUMN fastest, components interleaved, native byte order.
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
