import IOLinkCore

/// A collection of the global heap, which holds strings and sequences of variable length.
///
/// Looked at before the library sees it: version 1.10 believes the sizes in it, copies past its end and never gets past an
/// object of size 0.
///
/// Source: HDF5 File Format Specification 3.0, III.E.
enum LibHDF5GlobalHeap {
  private static let headerByteCount = 16

  /// Checks that the objects of a collection lie inside it; other blocks pass.
  ///
  /// - Parameters:
  ///   - block: What was read; the beginning of a collection, or something else.
  ///   - offset: Where in the file.
  /// - Throws: `malformed` when an object passes the collection's end.
  static func check(_ block: RawSpan, at offset: Int, in source: any RandomAccess) throws(IOLinkError) {
    // "GCOL", version 1, three zeros.
    guard block.byteCount >= headerByteCount, try block.load(at: 0, as: UInt64.self, order: .big) == 0x4743_4f4c_0100_0000 else { return }
    let size = try block.load(at: 8, as: UInt64.self, order: .little)
    guard let byteCount = Int(exactly: size), byteCount <= source.byteCount - offset else {
      throw .hdf5(.malformed, "a global heap collection of \(size) bytes", at: offset)
    }
    if byteCount <= block.byteCount {
      try checkObjects(block.extracting(0..<byteCount), at: offset)
    } else {
      let whole = try source.bytes(at: offset, count: byteCount)
      try checkObjects(unsafe whole.span.bytes, at: offset)  // bytes have no padding
    }
  }

  /// Each object: index (2), references (2), reserved (4), size (8), and its bytes, padded to a multiple of 8.
  private static func checkObjects(_ collection: RawSpan, at offset: Int) throws(IOLinkError) {
    var position = headerByteCount
    while collection.byteCount - position >= headerByteCount {
      let index = try collection.load(at: position, as: UInt16.self, order: .little)
      let stated = try collection.load(at: position + 8, as: UInt64.self, order: .little)
      let room = collection.byteCount - position
      // Object 0 is the free space; its size counts its own header.
      let size = index == 0 ? stated : stated > UInt64(room) ? stated : (stated + 7) & ~7 + UInt64(headerByteCount)
      guard size <= UInt64(room), size > 0 else {
        throw .hdf5(.malformed, "object \(index) of \(stated) bytes in its global heap collection", at: offset + position)
      }
      position += Int(size)
    }
  }
}
