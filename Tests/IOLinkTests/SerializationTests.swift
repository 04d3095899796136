import IOLinkCore
import IOLinkSerialization
import IOLinkTables
import IOLinkTesting
import Testing

/// Objects as bytes and back. The specification defines headers, sections and texts.
struct SerializationTests {
  private static let properties = try! ImageProperties(
    axes: [Axis(.column, length: 4, spacing: 0.5, origin: -1, unit: "µm"), Axis(.row, length: 3), Axis(AxisRole("angle"), length: 2)],
    sourceOrder: [2, 0, 1], interpretation: ImageInterpretation("CUSTOM"), significantBits: 12, alpha: .premultiplied,
    spatialDirections: SpatialDirections(column: [0, 1, 0], row: [0, 0, 1]), axesAreInferred: true)

  private static var metadata: MetadataNode {
    var node = MetadataNode(.text("root"))
    node["/a/b"] = .texts(["x", "", "µ"])
    node["/a/c"] = .reals([1.5, -2])
    node["/a/d"] = .bytes([1, 2, 3])
    node["/e"] = .integer(-7)
    return node
  }

  private func encoded(_ object: SerializedObject) throws -> [UInt8] {
    let stream = MemoryStream()
    try Serialization.encode(object, to: stream)
    return stream.bytes
  }

  private func decoded(_ bytes: [UInt8]) throws -> SerializedObject { try Serialization.decode(from: MemoryStream(bytes)) }

  @Test("Every byte of two small objects: magic, version, kind, length and fields")
  func bytes() throws {
    let header: [UInt8] = [0x49, 0x4F, 0x4C, 0x20, 0, 1, 0, 0]
    let vector = header + [0, 1, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 24] + [0, 0, 0, 0, 0, 0, 0, 2]
    #expect(try encoded(.unsignedVector([3, 256])) == vector + [0, 0, 0, 0, 0, 0, 0, 3] + [0, 0, 0, 0, 0, 0, 1, 0])
    let type = header + [0, 1, 0, 4] + [0, 0, 0, 0, 0, 0, 0, 14] + [0, 0, 0, 0, 0, 0, 0, 6]
    #expect(try encoded(.dataType(.uint16)) == type + Array("UINT16".utf8))
  }

  @Test("Every kind of object comes back")
  func roundTrip() throws {
    guard case .signedVector([-1, 1 << 40]) = try decoded(encoded(.signedVector([-1, 1 << 40]))) else { throw Missing() }
    guard case .realVector([0.5, -.infinity]) = try decoded(encoded(.realVector([0.5, -.infinity]))) else { throw Missing() }
    let region = try Region(origin: [1, 2], size: [3, 0])
    guard case .region(region) = try decoded(encoded(.region(region))) else { throw Missing() }
    let type = try DataType(.complex64, componentCount: 5)
    guard case .dataType(type) = try decoded(encoded(.dataType(type))) else { throw Missing() }
    let directions = SpatialDirections(column: [1, 2, 3], row: [4, 5, 6])
    guard case .directions(directions) = try decoded(encoded(.directions(directions))) else { throw Missing() }
    guard case .properties(Self.properties) = try decoded(encoded(.properties(Self.properties))) else { throw Missing() }
    guard case .metadata(Self.metadata) = try decoded(encoded(.metadata(Self.metadata))) else { throw Missing() }
    guard case .metadata(MetadataNode()) = try decoded(encoded(.metadata(MetadataNode()))) else { throw Missing() }
  }

  @Test("Images of every type come back with pixels, properties and metadata", arguments: ComponentType.allCases)
  func images(_ componentType: ComponentType) throws {
    for count in [1, 3] {
      let type = try DataType(componentType, componentCount: count)
      let image = PatternView(type, properties: Self.properties, metadata: Self.metadata)
      guard case .image(let back) = try decoded(encoded(.image(image))) else { throw Missing() }
      #expect(back.properties == image.properties && back.metadata == image.metadata && back.dataType == type)
      #expect(try back.bytes(of: Region(of: back.shape)) == image.bytes(of: Region(of: image.shape)))
      #expect(back.capabilities == ([.read, .write, .reshape, .memoryAccess] as Capabilities))
    }
  }

  @Test("Pixels are stored big-endian with COLUMN fastest")
  func pixels() throws {
    let image = try MemoryImageView.allocate([2, 2], .uint16)
    let bytes = [UInt16]([1, 2, 3, 4])
    try image.write(Region(of: [2, 2]), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [2, 2], .uint16), context: .default)
    #expect(try encoded(.image(image)).suffix(16) == [0, 0, 0, 0, 0, 0, 0, 8, 0, 1, 0, 2, 0, 3, 0, 4])
  }

  @Test("Images larger than one block, and several objects in one stream")
  func largeAndSeveral() throws {
    let image = try MemoryImageView.allocate([3000, 1000], .float32, properties: ImageProperties(.image, shape: [3000, 1000]))
    try image.write(
      Region(origin: [2999, 999], size: [1, 1]), from: unsafe [Float](arrayLiteral: 7).span.bytes,
      layout: StridedLayout(dense: [1, 1], .float32), context: .default)
    let stream = MemoryStream()
    try Serialization.encode(.image(image), to: stream)
    try Serialization.encode(.realVector([1]), to: stream)
    try stream.seek(to: 0)
    guard case .image(let back) = try Serialization.decode(from: stream) else { throw Missing() }
    #expect(try back.bytes(of: Region(of: back.shape)) == image.bytes(of: Region(of: image.shape)))
    guard case .realVector([1]) = try Serialization.decode(from: stream) else { throw Missing() }
    #expect(stream.position == stream.byteCount)
  }

  @Test("Tables come back")
  func frames() throws {
    let frame = try DataFrameTests.sample()
    guard case .dataFrame(let back) = try decoded(encoded(.dataFrame(frame))) else { throw Missing() }
    #expect(back.columns == frame.columns && back.rowCount == frame.rowCount && back.metadata == frame.metadata)
    for column in frame.columns.indices {
      #expect(try back.read(column: column, from: 0, count: 3) == frame.read(column: column, from: 0, count: 3))
    }
  }

  @Test("Another major version is refused, but a later minor version may have more fields")
  func versions() throws {
    var bytes = try encoded(.dataType(.uint16))
    bytes[7] = 9  // minor
    bytes[19] += 3  // length of the section
    bytes += [1, 2, 3]
    guard case .dataType(.uint16) = try decoded(bytes) else { throw Missing() }
    bytes[5] = 2
    let error = try wanted(#expect(throws: IOLinkError.self) { try decoded(bytes) })
    #expect(error.code == .unsupported && error.offset == 4 && error.format == "IOL")
    bytes[5] = 1
    bytes[11] = 99  // kind
    #expect(try wanted(#expect(throws: IOLinkError.self) { try decoded(bytes) }).offset == 8)
    bytes[0] = 0
    #expect(try wanted(#expect(throws: IOLinkError.self) { try decoded(bytes) }).code == .unrecognized)
  }

  @Test("Every truncation is an error, and every flipped byte is an error or gives an object")
  func damage() throws {
    let objects: [SerializedObject] = [
      .properties(Self.properties), .metadata(Self.metadata), .dataFrame(try DataFrameTests.sample()),
      .image(PatternView(.uint16, properties: Self.properties, metadata: Self.metadata)),
    ]
    var refused = 0
    for object in objects {
      let whole = try encoded(object)
      for count in whole.indices {
        let error = try wanted(#expect(throws: IOLinkError.self) { try decoded(Array(whole.prefix(count))) })
        #expect(error.code == .truncated)
      }
      for index in whole.indices {
        for flip: UInt8 in [0x01, 0x80, 0xFF] {
          var bytes = whole
          bytes[index] ^= flip
          do {
            _ = try decoded(bytes)
          } catch let error as IOLinkError {
            #expect(error.isAboutContent)
            refused += 1
          }
        }
      }
    }
    #expect(refused > 1000)
  }

  @Test("Metadata deeper than the limit is refused")
  func nesting() throws {
    var node = MetadataNode(.integer(1))
    for _ in 0..<200 {
      var outer = MetadataNode()
      outer[child: "x"] = node
      node = outer
    }
    let bytes = try encoded(.metadata(node))
    #expect(try wanted(#expect(throws: IOLinkError.self) { try decoded(bytes) }).code == .limitExceeded)
  }

  private struct Missing: Error {}
}
