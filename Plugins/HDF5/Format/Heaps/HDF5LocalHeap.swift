import IOLinkCore

/// A local heap, which holds the names of one group or of the external files of one dataset.
///
/// Source: HDF5 File Format Specification 4.0, III.D.
struct HDF5LocalHeap: Sendable {
  private let file: HDF5Bytes
  private let origin: Int
  /// Where the data begin; `nil` when the heap does not have any.
  private let segment: Int?
  private let byteCount: Int
  /// The data, when they were read as a whole.
  private let content: [UInt8]?

  /// Reads the heap's header. The data are read when they are needed.
  ///
  /// - Throws: `malformed`, `truncated` or `unsupported` when the header is not valid; `io`.
  init(at address: Int, in file: HDF5Bytes) throws(IOLinkError) {
    var header = try file.block(at: address, count: 8 + 2 * file.lengthSize + file.offsetSize, "local heap")
    try header.signature("HEAP")
    _ = try header.version(0...0)
    try header.skip(3)
    byteCount = try header.length()
    // The list of free blocks is of use only to a writer.
    try header.skip(file.lengthSize)
    segment = try header.address()
    origin = header.origin
    content = nil
    self.file = file
  }

  private init(_ heap: HDF5LocalHeap, content: [UInt8]) {
    (file, origin, segment, byteCount) = (heap.file, heap.origin, heap.segment, heap.byteCount)
    self.content = content
  }

  /// Returns the same heap with its data in memory, for reading most of the names.
  ///
  /// - Throws: `malformed` when the data are larger than ``ReadLimits/metadataByteCount`` allows; `truncated`; `io`.
  func loaded() throws(IOLinkError) -> HDF5LocalHeap {
    guard let segment, content == nil else { return self }
    return HDF5LocalHeap(self, content: try file.block(at: segment, count: byteCount, "local heap data").bytes)
  }

  /// Reads the text at an offset, up to the zero byte that ends it. Bytes that are not valid UTF-8 are replaced.
  ///
  /// - Throws: `malformed` when the text does not lie in the heap or has no end; `truncated`; `io`.
  func text(at offset: Int) throws(IOLinkError) -> String {
    String(decoding: try bytes(at: offset), as: UTF8.self)
  }

  /// Reads the bytes of the text at an offset, without the zero byte that ends it.
  func bytes(at offset: Int) throws(IOLinkError) -> [UInt8] {
    guard offset >= 0, offset < byteCount else { throw error("a text is at \(offset), the heap has \(byteCount) bytes") }
    if let content {
      guard let end = content[offset...].firstIndex(of: 0) else { throw error("the text at \(offset) has no end") }
      return Array(content[offset..<end])
    }
    guard let segment else { throw error("the address of its data is undefined") }
    let start = try Checked.add(segment, offset)
    let available = min(byteCount - offset, max(0, file.byteCount - start))
    var window = 64
    while true {
      let count = min(window, available)
      let bytes = try file.block(at: start, count: count, "local heap data").bytes
      if let end = bytes.firstIndex(of: 0) { return Array(bytes[..<end]) }
      guard count < available else { throw error("the text at \(offset) has no end") }
      window *= 4
    }
  }

  private func error(_ reason: String) -> IOLinkError { .hdf5(.malformed, "local heap: \(reason)", at: origin) }
}
