import Foundation
import IOLinkCore
import IOLinkSystem
import Testing

@testable import HDF5Plugin

/// Files that another program is writing: what h5py had flushed at two moments (Fixtures/growing.py).
struct HDF5GrowingFileTests {
  private static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: HDF5FormatFile.fixtures.appending(path: name)))
  }

  private static let context = OpenContext(runtime: Runtime(executor: SerialExecutor()))

  private func open(_ source: DataSource) throws -> any MultiImageView {
    try HDF5Codec().open(source, options: CodecOptions(declared: HDF5Codec().descriptor.readOptions), context: Self.context)
  }

  /// Frame n is filled with n.
  private func isRight(_ image: any ImageView, frames count: Int) throws -> Bool {
    let shape = image.shape
    guard Array(shape) == [6, 4, count] else { return false }
    let values = try NumericArray(.uint16, shape: [24 * count], bytes: image.bytes(of: Region(of: shape))).integers
    return values == (0..<(24 * count)).map { $0 / 24 }
  }

  @Test(arguments: [("growing_first.h5", 3), ("growing_second.h5", 40)])
  func whatWasFlushedIsRead(_ name: String, _ count: Int) throws {
    let file = try open(DataSource(MemoryRandomAccess(try Self.bytes(name))))
    for dataset in ["frames", "packed"] { #expect(try isRight(file.image(named: dataset), frames: count), "\(dataset)") }
  }

  @Test(arguments: ["frames", "packed"])
  func refreshingSeesLaterFrames(_ name: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "growing-\(UUID().uuidString).h5")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(try Self.bytes("growing_first.h5")).write(to: path)
    let file = try open(try DataSource.file(path.path(percentEncoded: false)))
    let image = try #require(try file.image(named: name) as? any RefreshableImageView)
    let unread = try file.image(named: name)
    #expect(try isRight(image, frames: 3))
    // In place, as the writer does it.
    let handle = try FileHandle(forWritingTo: path)
    try handle.write(contentsOf: Data(try Self.bytes("growing_second.h5")))
    try handle.close()
    let later = try image.refreshed()
    #expect(try isRight(later, frames: 40))
    #expect(try isRight(image, frames: 3), "the former view stays valid")
    // Its chunks may have moved behind the end that the file had.
    #expect(try isRight(unread, frames: 3))
    #expect(try isRight((later as? any RefreshableImageView)?.refreshed() ?? image, frames: 40))
    file.close()
    let closed = try #require(later as? any RefreshableImageView)
    #expect(#expect(throws: IOLinkError.self) { try closed.refreshed() }?.code == .invalidArgument)
    #expect(#expect(throws: IOLinkError.self) { try closed.bytes(of: Region(of: closed.shape)) }?.code == .invalidArgument)
  }

  @Test func viewsOfOldFilesStayAsTheyAre() throws {
    let file = try HDF5FixtureTests.open("hdf5/chunked_old.h5")
    let image = try #require(try file.image() as? any RefreshableImageView)
    #expect(try image.refreshed().shape == image.shape)
    #expect(try HDF5FixtureTests.open("hdf5/compact.h5").image() is any RefreshableImageView == false)
  }

  /// Bytes of which one has an old value the first times that it is read.
  private final class HalfWritten: RandomAccess {
    let base: MemoryRandomAccess
    let place: Int
    let remaining: Guarded<Int>
    var byteCount: Int { base.byteCount }
    var capabilities: StreamCapabilities { .read }
    var identity: SourceIdentity { base.identity }

    init(_ bytes: [UInt8], at place: Int, times: Int) {
      base = MemoryRandomAccess(bytes)
      self.place = place
      remaining = Guarded(times)
    }

    func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
      try base.read(at: offset, into: &bytes)
      guard (offset..<(offset + bytes.byteCount)).contains(place) else { return }
      let isOld = remaining.withLock { remaining in
        remaining -= 1
        return remaining >= 0
      }
      if isOld { bytes.copy(from: unsafe [UInt8(0xaa)].span.bytes, at: place - offset) }
    }

    func close() {}
  }

  /// The places are in the superblock, in the header of a dataset and in the header of a chunk index.
  @Test(arguments: ["superblock", "OHDR", "EAHD", "BTHD"])
  func halfWrittenStructuresAreReadAgain(_ structure: String) throws {
    let bytes = try Self.bytes("growing_second.h5")
    let found = structure == "superblock" ? 0 : bytes.indices.last { bytes[$0...].starts(with: Array(structure.utf8)) }
    let place = try #require(found) + (structure == "superblock" ? 20 : 9)
    func count(_ bytes: [UInt8], times: Int) throws -> Int {
      let file = try open(DataSource(HalfWritten(bytes, at: place, times: times)))
      for dataset in ["frames", "packed"] { #expect(try isRight(file.image(named: dataset), frames: 40)) }
      return try file.names.count
    }
    #expect(try count(bytes, times: 20) == 2)
    // Damage is not read again for ever, and a file that nobody writes is read once.
    #expect(throws: IOLinkError.self) { try count(bytes, times: .max) }
  }
}
