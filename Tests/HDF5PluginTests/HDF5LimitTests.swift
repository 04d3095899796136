import HDF5Plugin
import IOLinkCore
import Testing

/// What exactly reaches a limit is read, and what exceeds it by one is refused.
struct HDF5LimitTests {
  private func context(_ set: (inout ReadLimits) -> Void) -> OpenContext {
    var context = OpenContext(runtime: Runtime(executor: SerialExecutor()))
    set(&context.limits)
    return context
  }

  private func read(_ name: String, _ set: (inout ReadLimits) -> Void) throws -> Int {
    let image = try HDF5FixtureTests.open("hdf5/\(name).h5", context: context(set)).image()
    return try image.bytes(of: Region(of: image.shape)).count
  }

  private func isRefused(_ name: String, _ set: (inout ReadLimits) -> Void) -> Bool {
    #expect(throws: IOLinkError.self) { try read(name, set) }?.code == .limitExceeded
  }

  /// 9 × 11 elements of two bytes. Compact ones are read at once, and converted ones in bands.
  @Test(arguments: ["compact", "bits_12"])
  func datasetsThatAreReadAsAWhole(_ name: String) throws {
    #expect(try read(name) { $0.chunkByteCount = 198 } == 198)
    #expect(isRefused(name) { $0.chunkByteCount = 197 })
  }

  @Test func chunks() throws {
    let image = try HDF5FixtureTests.open("hdf5/gzip_old.h5").image()
    let count = try #require(image.chunkShape).elementCount() * 2
    #expect(try read("gzip_old") { $0.chunkByteCount = count } == 14_280)
    #expect(isRefused("gzip_old") { $0.chunkByteCount = count - 1 })
  }

  /// Deflate at level 0 makes chunks longer, so they are larger as stored.
  @Test func chunksAsStored() throws {
    let image = try HDF5FixtureTests.open("hdf5/gzip_level0.h5").image()
    let count = try #require(image.chunkShape).elementCount() * image.dataType.byteCount
    // RFC 1950 and 1951: two bytes of header, five for a stored block, and four of trailer.
    #expect(try read("gzip_level0") { $0.chunkByteCount = count + 11 } > 0)
    #expect(isRefused("gzip_level0") { $0.chunkByteCount = count + 10 })
  }

  /// /a/b/c/deep lies in a group of depth 3.
  @Test(arguments: ["groups_old", "groups_new"])
  func nestedGroups(_ name: String) throws {
    #expect(try HDF5FixtureTests.open("hdf5/\(name).h5", context: context { $0.nesting = 3 }).names.contains("/a/b/c/deep"))
    let error = #expect(throws: IOLinkError.self) { try HDF5FixtureTests.open("hdf5/\(name).h5", context: context { $0.nesting = 2 }).names }
    #expect(error?.code == .limitExceeded)
  }

  /// One link, /image.
  @Test func links() throws {
    #expect(try read("compact") { $0.imageCount = 1 } == 198)
    #expect(isRefused("compact") { $0.imageCount = 0 })
  }

  @Test func attributes() throws {
    let name = "../Tests/HDF5PluginTests/Fixtures/conventions.h5"
    // Labels, spacing, origin and unit.
    #expect(try HDF5FixtureTests.open(name, context: context { $0.entryCount = 4 }).image(named: "calibrated").rank == 2)
    let error = #expect(throws: IOLinkError.self) {
      try HDF5FixtureTests.open(name, context: context { $0.entryCount = 3 }).image(named: "calibrated")
    }
    #expect(error?.code == .limitExceeded)
  }
}
