import Foundation
import IOLinkCore
import IOLinkTesting

@testable import PNGPlugin

/// Reading and making of PNG files without the code under test.
enum PNGBytes {
  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Bit by bit, as annex D of the specification describes it.
  static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = .max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? 0xedb8_8320 ^ (crc >> 1) : crc >> 1 }
    }
    return ~crc
  }

  static func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return big(data.count) + body + big(Int(crc(body)))
  }

  /// Type and data of every chunk; the CRCs are right.
  static func chunks(_ file: [UInt8]) -> [(type: String, data: [UInt8])]? {
    guard file.starts(with: signature) else { return nil }
    var found: [(type: String, data: [UInt8])] = []
    var rest = file.dropFirst(8)
    while !rest.isEmpty {
      guard rest.count >= 12 else { return nil }
      let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= 12 + count else { return nil }
      let body = Array(rest.dropFirst(4).prefix(4 + count))
      guard Array(rest.dropFirst(8 + count).prefix(4)) == big(Int(crc(body))) else { return nil }
      found.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
      rest = rest.dropFirst(12 + count)
    }
    return found
  }

  /// A zlib stream of stored blocks (RFC 1950, 1951).
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var rest = bytes[...]
    repeat {
      let part = rest.prefix(65_535)
      rest = rest.dropFirst(part.count)
      let (low, high) = (UInt8(part.count & 255), UInt8(part.count >> 8))
      stream += [rest.isEmpty ? 1 : 0, low, high, ~low, ~high] + part
    } while !rest.isEmpty
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return stream + big(b << 16 | a)
  }

  /// An image of unfiltered rows, which are given without their filter types.
  static func file(
    width: Int, depth: UInt8, color: UInt8, rows: [[UInt8]], before: [UInt8] = [], after: [UInt8] = []
  ) -> [UInt8] {
    let header = big(width) + big(rows.count) + [depth, color, 0, 0, 0]
    return signature + chunk("IHDR", header) + before + chunk("IDAT", stored(rows.flatMap { [0] + $0 })) + after + chunk("IEND", [])
  }

  static func open(
    _ bytes: [UInt8], _ options: [String: String] = [:], runtime: Runtime = Runtime(executor: SerialExecutor()), limits: ReadLimits = ReadLimits()
  ) throws -> any MultiImageView {
    let codec = PNGCodec()
    var context = OpenContext(runtime: runtime)
    context.limits = limits
    return try codec.open(
      DataSource(MemoryRandomAccess(bytes)), options: CodecOptions(options, declared: codec.descriptor.readOptions), context: context)
  }

  /// The chunks of an animation, numbered in order.
  struct Frames {
    private(set) var bytes: [UInt8] = []
    private var sequence = 0

    /// acTL.
    init(_ count: Int, plays: Int = 0) { bytes = PNGBytes.chunk("acTL", PNGBytes.big(count) + PNGBytes.big(plays)) }

    /// What follows chunks that were taken already.
    init(after other: Frames) { sequence = other.sequence }

    /// fcTL, and fdAT for a frame that is not the image data.
    mutating func add(
      _ size: (Int, Int), at place: (Int, Int) = (0, 0), delay: (Int, Int) = (1, 10), disposal: UInt8 = 0, blending: UInt8 = 0,
      rows: [[UInt8]]? = nil
    ) {
      let numbers = [next(), size.0, size.1, place.0, place.1].flatMap(PNGBytes.big)
      bytes += PNGBytes.chunk("fcTL", numbers + [delay.0, delay.1].flatMap { Array(PNGBytes.big($0).suffix(2)) } + [disposal, blending])
      if let rows { bytes += PNGBytes.chunk("fdAT", PNGBytes.big(next()) + PNGBytes.stored(rows.flatMap { [0] + $0 })) }
    }

    private mutating func next() -> Int {
      defer { sequence += 1 }
      return sequence
    }
  }

  static func pixels(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  /// The bytes that writing gives, and what was lost.
  static func write(
    _ image: any ImageView, _ options: [String: String] = [:], runtime: Runtime = Runtime(executor: SerialExecutor()), metadata: MetadataNode? = nil
  ) throws -> (bytes: [UInt8], lost: [LostItem]) {
    let codec = PNGCodec()
    let stream = MemoryStream()
    let described = metadata.map { image.with(metadata: $0) } ?? image
    let sink = try codec.create(
      ImageDescription(described), on: stream, options: CodecOptions(options, declared: codec.descriptor.writeOptions),
      context: OpenContext(runtime: runtime))
    try Transfer(described, to: sink.chunks, runtime: runtime).run()
    return (stream.bytes, sink.lost)
  }

  /// An image of the given bytes, columns fastest.
  static func image(
    _ shape: Shape, _ type: DataType, _ bytes: [UInt8], interpretation: ImageInterpretation = .unknown,
    calibrated: (inout ImageProperties) -> Void = { _ in }
  ) throws -> MemoryImageView {
    let roles: [AxisRole] = [.column, .row, .slice]
    var properties = try ImageProperties(axes: zip(roles, shape).map { Axis($0, length: $1) }, interpretation: interpretation)
    calibrated(&properties)
    let layout = try StridedLayout(dense: shape, type)
    let memory = try StridedMemory(MemoryRandomAccess(bytes).block, layout: layout, shape: shape, dataType: type)
    return try MemoryImageView(memory, properties: properties)
  }
}
