import IOLinkCore

/// Presents the parts of other files that hold one dataset as one range of bytes.
///
/// Source: HDF5 File Format Specification 3.0, IV.A.2.h, the external data files message.
final class HDF5ExternalBytes: RandomAccess {
  private struct Part {
    let bytes: any RandomAccess
    let offset: Int
    /// The range of the part within the dataset.
    let range: Range<Int>
    /// The number of bytes that the file has of it. The others are zeros, as the library reads them.
    let present: Int
  }

  private let parts: [Part]
  let byteCount: Int
  let identity: SourceIdentity

  /// - Parameter byteCount: The size of all elements of the dataset.
  /// - Throws: Any error that ``DataSource/sibling(namedInFile:)`` throws; `malformed` when an offset or a size is negative; `truncated`
  ///   when the parts together are smaller than the dataset needs. Files that end before their parts do are not an error.
  init(_ stored: [HDF5Storage.ExternalPart], of source: DataSource, byteCount: Int) throws(IOLinkError) {
    var parts: [Part] = []
    var position = 0
    for part in stored where position < byteCount {
      let file = try source.sibling(namedInFile: part.file).bytes
      let rest = byteCount - position
      let length = min(rest, part.byteCount ?? rest)
      guard part.offset >= 0, length >= 0 else {
        throw .hdf5(.malformed, "external storage has a part at \(part.offset), expected an offset and a size of at least 0")
      }
      let present = min(length, max(0, file.byteCount - part.offset))
      parts.append(Part(bytes: file, offset: part.offset, range: position..<(position + length), present: present))
      position += length
    }
    guard position == byteCount else {
      throw .hdf5(.truncated, "external storage has \(position) bytes, expected \(byteCount)")
    }
    self.parts = parts
    self.byteCount = byteCount
    identity = .unique(byteCount: byteCount)
  }

  var capabilities: StreamCapabilities { .read }

  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    let count = bytes.byteCount
    try validate(offset: offset, byteCount: count)
    for part in parts {
      let lower = max(offset, part.range.lowerBound)
      let upper = min(offset + count, part.range.upperBound)
      guard lower < upper else { continue }
      let middle = min(upper, max(lower, part.range.lowerBound + part.present))
      if lower < middle {
        var piece = bytes._mutatingExtracting((lower - offset)..<(middle - offset))
        try part.bytes.read(at: part.offset + lower - part.range.lowerBound, into: &piece)
      }
      if middle < upper {
        var missing = bytes._mutatingExtracting((middle - offset)..<(upper - offset))
        missing.zero()
      }
    }
  }

  func close() { for part in parts { part.bytes.close() } }
}
