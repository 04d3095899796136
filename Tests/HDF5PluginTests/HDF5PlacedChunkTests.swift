import HDF5Plugin
import IOLinkCore
import Testing

/// Chunks without filters have their place from the beginning, and can be written in place later.
struct HDF5PlacedChunkTests {
  private let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))
  private static let forms = [["format": "oldest"], ["format": "latest"], ["format": "latest", "growth": "none"], ["format": "latest", "growth": "all"]]

  private func created(_ shape: Shape, _ options: [String: String]) throws -> MemoryStream {
    let axes = [Axis(.slice, length: shape[2]), Axis(.row, length: shape[1]), Axis(.column, length: shape[0])]
    let stream = MemoryStream()
    let description = ImageDescription(dataType: .uint16, properties: try ImageProperties(fileAxes: axes))
    let all = options.merging(["compression": "none", "chunk": "2,3,4"]) { own, _ in own }
    _ = try registry.create(description, on: stream, format: "HDF5", options: all).finish()
    return stream
  }

  @Test(arguments: forms) func regionsAreWrittenInPlace(_ options: [String: String]) throws {
    let shape: Shape = [10, 8, 5]
    let access = MemoryRandomAccess(try created(shape, options).bytes)
    func value(_ x: Int, _ y: Int, _ z: Int) -> UInt16 { UInt16(1 + x + 20 * y + 400 * z) }
    // Regions that do not respect the borders of chunks, through a view that is permuted and flipped.
    let view = try registry.open(DataSource(access), access: .update).image()
    #expect(view.capabilities.contains(.write))
    let regions = try [
      Region(origin: [0, 0, 0], size: [3, 8, 5]), Region(origin: [3, 0, 0], size: [7, 5, 4]), Region(origin: [3, 5, 0], size: [7, 3, 5]),
      Region(origin: [3, 0, 4], size: [7, 5, 1]),
    ]
    for region in regions {
      var bytes: [UInt8] = []
      for z in 0..<region.size[2] {
        for y in 0..<region.size[1] {
          for x in 0..<region.size[0] {
            bytes.append(value(x + region.origin[0], y + region.origin[1], z + region.origin[2]), order: .native)
          }
        }
      }
      let layout = try StridedLayout(dense: region.size, .uint16)
      try view.write(region, from: unsafe bytes.span.bytes, layout: layout)  // bytes have no padding
    }
    let back = try registry.open(DataSource(access)).image().bytes(of: Region(of: shape))
    var wanted: [UInt8] = []
    for z in 0..<5 { for y in 0..<8 { for x in 0..<10 { wanted.append(value(x, y, z), order: .native) } } }
    #expect(back == wanted)
    // What was read before a chunk changed is not kept.
    #expect(try view.bytes(of: Region(of: shape)) == wanted)
  }

  @Test(arguments: forms) func steppedAndFlippedViewsAreWritten(_ options: [String: String]) throws {
    let access = MemoryRandomAccess(try created([10, 8, 5], options).bytes)
    let view = try registry.open(DataSource(access), access: .update).image()
    let transform = try AxisTransform(selecting: [1, 0, 0], count: [3, 8, 5], step: [3, 1, 1], in: [10, 8, 5])
    let part = try view.transformed(by: transform)
    let bytes = [UInt8](repeating: 7, count: 240)
    try part.write(Region(of: part.shape), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: part.shape, .uint16))
    let row = try view.bytes(of: Region(origin: [0, 2, 2], size: [10, 1, 1]))
    #expect(row == (0..<10).flatMap { [UInt8]([1, 4, 7].contains($0) ? [7, 7] : [0, 0]) })
  }

  @Test func filteredChunksCannotBeWrittenInPlace() throws {
    let stream = try created([10, 8, 5], ["compression": "deflate"])
    let access = MemoryRandomAccess(stream.bytes)
    #expect(try registry.open(DataSource(access), access: .update).image().capabilities == .read)
    #expect(try registry.open(DataSource(MemoryRandomAccess(stream.bytes))).image().capabilities == .read)
  }

  @Test(arguments: forms) func equalContentMakesEqualFilesInAnyOrder(_ options: [String: String]) throws {
    let first = try created([10, 8, 5], options)
    #expect(first.bytes == (try created([10, 8, 5], options)).bytes)
    // All chunks are there, though nothing was written: 3 × 3 × 3 of 2 × 3 × 4 elements.
    #expect(first.bytes.count > 27 * 48)
  }
}
