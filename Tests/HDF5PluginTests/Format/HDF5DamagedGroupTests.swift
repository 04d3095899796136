import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Groups that lead to objects in ways that no program writes.
struct HDF5DamagedGroupTests {
  private typealias E = Encoded

  private func link(_ name: String, _ address: Int) -> E.Message {
    E.Message(type: 6, body: [1, 0, UInt8(name.utf8.count)] + Array(name.utf8) + E.little(address, 8))
  }

  /// The header of a group with these links.
  private func group(_ links: [E.Message]) -> [UInt8] {
    let info = E.Message(type: 2, body: [0, 0] + [UInt8](repeating: 0xff, count: 16))
    return E.oldHeader(E.messages([info] + links))
  }

  private func open(_ file: EncodedFile) throws(IOLinkError) -> HDF5File {
    try HDF5File(DataSource(MemoryRandomAccess(file.content)), context: OpenContext(runtime: Runtime(executor: SerialExecutor())), decoders: .none)
  }

  /// The names of images are unique.
  @Test func twoLinksOfOneName() throws {
    var file = EncodedFile()
    let header = E.oldHeader(
      E.messages([
        E.Message(type: 1, body: [2, 0, 0, 0]), E.Message(type: 3, body: E.int32), E.Message(type: 8, body: [3, 0, 4, 0, 1, 2, 3, 4]),
      ]))
    let (first, second) = (file.add(header), file.add(header))
    file.root = file.add(group([link("a", first), link("a", second)]))
    let images = try open(file)
    #expect(try images.names == ["/a", "/a#2"])
    #expect(try images.index(named: "a#2") == 1)
    for index in 0..<2 { #expect(try images.image(at: index).shape.isEmpty) }
  }

  /// A hundred headers, each of which also has the bytes of all that follow it: as a message, a header is a dataspace of eight bytes.
  @Test func headersThatOverlap() throws {
    var file = EncodedFile()
    let count = 100
    let start = file.add([])
    for index in 0..<count { file.bytes += [1, 0, 8, 0, 1, 0, 0, 0] + E.little((count - index - 1) * 16, 4) + [0, 0, 0, 0] }
    file.root = file.add(group((0..<count).map { link("\($0)", start + $0 * 16) }))
    #expect(try HDF5ObjectHeader(at: start, in: file.context()).messages.count == count - 1)
    let images = try open(file)
    let names = try images.names
    #expect((count / 2..<count).contains(names.count))
    for index in names.indices { #expect(code { try images.image(at: index) } == .malformed) }
  }

  /// A name from the file may have a line feed. The reason of an error that quotes it is one line.
  @Test func namesWithLineFeedsInErrors() throws {
    var file = EncodedFile()
    file.root = file.add(group([link("a\nb", 1 << 20)]))
    let images = try open(file)
    #expect(try images.names == ["/a\nb"])
    let error = #expect(throws: IOLinkError.self) { try images.image(named: "c\nd") }
    #expect(error.map { $0.reason.contains("c\\nd") && !$0.reason.contains("\n") } == true)
  }
}
