import IOLinkCore
import Synchronization
import Testing

@testable import TIFFPlugin

/// Sets of more files than may be open at a time.
@Suite struct TIFFSiblingTests {
  /// A folder of files of one page, which counts those that are open.
  private final class Folder: SiblingProvider {
    let openCount = Atomic<Int>(0)
    let largestOpenCount = Atomic<Int>(0)
    let isLonger = Atomic<Bool>(false)

    func sibling(named name: String) throws(IOLinkError) -> DataSource {
      guard let number = UInt8(name) else { throw IOLinkError(.notFound, "\(name) does not exist") }
      let bytes = TIFFBytes.file([TIFFBytes.gray(1, 1)], pixels: [number]) + (isLonger.load(ordering: .relaxed) ? [0] : [])
      return DataSource(OpenFile(bytes, self), name: name, siblings: self)
    }
  }

  private final class OpenFile: RandomAccess {
    private let base: MemoryRandomAccess
    private let folder: Folder

    init(_ bytes: [UInt8], _ folder: Folder) {
      base = MemoryRandomAccess(bytes)
      self.folder = folder
      let count = folder.openCount.add(1, ordering: .relaxed).newValue
      folder.largestOpenCount.max(count, ordering: .relaxed)
    }

    deinit { folder.openCount.subtract(1, ordering: .relaxed) }

    var byteCount: Int { base.byteCount }
    var capabilities: StreamCapabilities { base.capabilities }
    var identity: SourceIdentity { base.identity }
    func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) { try base.read(at: offset, into: &bytes) }
    func close() { base.close() }
  }

  private func open(_ folder: Folder) throws -> any MultiImageView {
    let blocks = (0..<200).map { "<TiffData FirstT=\"\($0)\" IFD=\"0\"><UUID FileName=\"\($0)\">urn:uuid:\($0)</UUID></TiffData>" }
    let sizes = "SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"200\""
    let xml = "<OME><Image><Pixels DimensionOrder=\"XYZCT\" Type=\"uint8\" \(sizes)>\(blocks.joined())</Pixels></Image></OME>"
    let source = DataSource(MemoryRandomAccess(Array(xml.utf8)), name: "a.companion.ome", siblings: folder)
    let context = OpenContext(runtime: Runtime(executor: SerialExecutor()), permissions: .siblings)
    return try TIFFCodec().open(source, options: CodecOptions(declared: []), context: context)
  }

  @Test func onlySomeFilesAreOpenAtATime() throws {
    let folder = Folder()
    let images = try open(folder)
    let image = try images.image()
    for _ in 0..<2 { #expect(try image.bytes(of: Region(of: image.shape)) == (0..<200).map { $0 }) }
    #expect(folder.largestOpenCount.load(ordering: .relaxed) <= TIFFSiblings.largestOpenCount + 1)
    images.close()
    #expect(folder.openCount.load(ordering: .relaxed) == 0)
    #expect { try image.bytes(of: Region(of: image.shape)) } throws: { ($0 as? IOLinkError)?.code == .invalidArgument }
  }

  @Test func aFileThatChangesIsNoticed() throws {
    let folder = Folder()
    let image = try open(folder).image()
    folder.isLonger.store(true, ordering: .relaxed)
    #expect { try image.bytes(of: Region(of: image.shape)) } throws: { ($0 as? IOLinkError)?.code == .io }
  }
}
