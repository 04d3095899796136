import Foundation
import HDF5Plugin
import IOLinkCore
import IOLinkSystem
import Synchronization
import Testing

/// Reading from many threads, truncated files, and files that refer to other files.
struct HDF5ReadingTests {
  private static let codec = HDF5Codec()
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  private func open(_ name: String, permissions: Permissions = []) throws -> any MultiImageView {
    let path = Self.fixtures.appending(path: name).path(percentEncoded: false)
    let source = try DataSource.file(path, permissions: permissions)
    return try Self.codec.open(
      source, options: CodecOptions(declared: Self.codec.descriptor.readOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor()), permissions: permissions))
  }

  private func integers(_ image: any ImageView) throws -> [Int] {
    let bytes = try image.bytes(of: Region(of: image.shape))
    return try NumericArray(image.dataType.componentType, shape: [bytes.count / image.dataType.byteCount], bytes: bytes).integers ?? []
  }

  /// Files of edges.c: the values are i × 7, and chunks that exceed the shape are stored unfiltered.
  @Test(arguments: ["edges_fixed_array.h5", "edges_extensible_array.h5", "edges_btree2.h5", "edges_btree1.h5"])
  func edgeChunksMayBeUnfiltered(_ name: String) throws {
    #expect(try integers(open(name).image()) == (0..<(21 * 34)).map { $0 * 7 })
  }

  @Test func namesLeadThroughLinks() throws {
    let file = try open("outside.h5")
    #expect(try !file.names.contains("/soft") && !file.names.contains("/hard") || !file.names.contains("/here"))
    for name in ["here", "/here", "/soft", "hard"] { #expect(try integers(file.image(named: name)) == [0, 1, 2, 3, 4, 5]) }
    for (name, code) in [("/circle", IOLinkError.Code.malformed), ("/nothing", .notFound)] {
      #expect(#expect(throws: IOLinkError.self) { try file.image(named: name) }?.code == code)
    }
  }

  @Test(arguments: ["virtual", "external", "escaping", "virtual_escaping", "virtual_circle", "link"])
  func otherFilesAreRefused(_ name: String) throws {
    let file = try open("outside.h5")
    let error = #expect(throws: IOLinkError.self) { try file.image(named: name) }
    #expect(error?.code == .unsupported || error?.code == .limitExceeded)
  }

  @Test func otherFilesAreReadWhereAllowed() throws {
    let file = try open("outside.h5", permissions: .siblings)
    #expect(try integers(file.image(named: "virtual")) == Array(0..<20) + Array(100..<120))
    #expect(try integers(file.image(named: "external")) == Array(0..<20))
    #expect(try integers(file.image(named: "link")) == Array(100..<120))
    #expect(try integers(file.image(named: "virtual_here")) == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
    for name in ["escaping", "virtual_escaping", "virtual_circle"] {
      let error = #expect(throws: IOLinkError.self) { try file.image(named: name) }
      #expect(error?.isAboutContent == true, "\(name): what the file says is not an argument of the caller")
    }
  }

  /// A file that is cut short opens as long as its root group is there. All pixels cannot be read, unless all of them are there.
  @Test(arguments: ["edges_btree1.h5", "edges_btree2.h5", "part0.h5"])
  func truncationsAreErrors(_ name: String) throws {
    let bytes = try Array(Data(contentsOf: Self.fixtures.appending(path: name)))
    let whole = try integers(open(name).image())
    var errors = 0
    for count in 0..<bytes.count {
      do {
        let file = try Self.codec.open(
          DataSource(MemoryRandomAccess(Array(bytes.prefix(count)))),
          options: CodecOptions(declared: Self.codec.descriptor.readOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
        #expect(try integers(file.image()) == whole, "\(count) bytes")
      } catch {
        let code = (error as? IOLinkError)?.code
        #expect(code == .truncated || code == .unrecognized, "\(count) bytes: \(error)")
        errors += 1
      }
    }
    #expect(errors > bytes.count / 2)
  }

  @Test(arguments: ["edges_btree1.h5", "edges_fixed_array.h5", "edges_btree2.h5"])
  func manyThreadsReadWhatOneReads(_ name: String) throws {
    let image = try open(name).image()
    let whole = try image.bytes(of: Region(of: image.shape))
    let wrong = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for step in 0..<50 {
        let x = (thread * 13 + step * 7) % 30
        let y = (thread * 5 + step * 3) % 18
        guard let region = try? Region(origin: [x, y], size: [4, 3]), let part = try? image.bytes(of: region) else {
          wrong.add(1, ordering: .relaxed)
          continue
        }
        for row in 0..<3 {
          let start = ((y + row) * 34 + x) * 2
          if !part[(row * 8)..<(row * 8 + 8)].elementsEqual(whole[start..<(start + 8)]) { wrong.add(1, ordering: .relaxed) }
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func closedFilesFail() throws {
    let file = try open("edges_btree1.h5")
    let image = try file.image()
    file.close()
    #expect(throws: IOLinkError.self) { try image.bytes(of: Region(of: image.shape)) }
    #expect(throws: IOLinkError.self) { try file.image() }
  }
}
