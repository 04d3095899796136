internal import IOLinkCore

/// Writes a Cloud Optimized GeoTIFF: header, structural metadata, all directories, and then the tiles, those of the coarsest level first.
///
/// The sizes of all tiles must be known before the first is written, so they are collected in a temporary file. Each is preceded by its size
/// and followed by its last four bytes.
///
/// Source: GDAL, "COG – Cloud Optimized GeoTIFF generator", section "File format details".
struct TIFFCloudFile: Sendable {
  private let target: any StreamAccess
  private let tiles: TIFFFileWriter
  private let limits: ReadLimits

  /// - Throws: `io` when the temporary storage fails.
  init(on target: any StreamAccess, _ context: OpenContext) throws(IOLinkError) {
    let storage = target.storageBeside ?? context.runtime.temporaryStorage
    self.target = target
    // Without temporary storage, they are collected in memory.
    tiles = try TIFFFileWriter(on: storage?.makeStream() ?? MemoryStream())
    limits = context.limits
  }

  /// Makes the sinks of an image and its levels.
  ///
  /// - Throws: `unsupported` when the image has more than one page; otherwise the errors of the sinks.
  func sink(_ plan: TIFFWritePlan) throws(IOLinkError) -> ImageSink {
    let pages = try plan.pageCount(plan.image.shape)
    guard pages == 1, plan.image.properties.index(of: .row) != nil else {
      throw .tiff(
        .unsupported, "layout=cog holds one plane of rows and columns, but the image has \(pages) pages; crop it, or make channels components")
    }
    return try tiles.sink(plan, TIFFPlace(), limits) { [self] () throws(IOLinkError) in try finish() }
  }

  /// Copies everything to its place.
  private func finish() throws(IOLinkError) {
    guard let image = tiles.images.first, image.pages == 1 else { throw .tiff(.unsupported, "layout=cog holds one plane") }
    let order = ByteOrder.native
    let byteCount = image.all.reduce(Self.fixedByteCount) { $0 + $1.byteCounts.reduce(0) { $0 + $1 + Self.frameByteCount } }
    let isBig = try TIFFDirectoryWriter.isBig([image], order, start: byteCount)
    let start = TIFFHeader(order: order, isBig: isBig, firstDirectory: 0).encoded().count + Self.ghost.count
    let header = TIFFHeader(order: order, isBig: isBig, firstDirectory: start + (8 - start % 8) % 8)
    var end = header.firstDirectory
    var places: [Int] = []
    for part in image.all {
      places.append(end)
      end += header.encodedByteCount(TIFFPageFields(part, isBig: isBig, order).entries(0))
    }
    var moved = image.all
    for index in moved.indices.reversed() {
      moved[index].offsets = moved[index].byteCounts.map { byteCount in
        // A tile that is absent stays absent.
        guard byteCount > 0 else { return 0 }
        defer { end += byteCount + Self.frameByteCount }
        return end + Self.leaderByteCount
      }
    }
    var head = header.encoded() + Self.ghost
    for (index, part) in moved.enumerated() {
      head += Array(repeating: 0, count: places[index] - head.count)
      head += header.encoded(
        TIFFPageFields(part, isBig: isBig, order).entries(0), at: places[index], next: index + 1 < places.count ? places[index + 1] : nil)
    }
    try target.write(unsafe head.span.bytes, at: 0)  // bytes have no padding
    for (stored, part) in zip(image.all, moved).reversed() { try copy(stored, to: part) }
    try target.flush()
  }

  /// Copies the tiles of a level.
  private func copy(_ stored: TIFFWrittenImage, to moved: TIFFWrittenImage) throws(IOLinkError) {
    let buffer = ScratchBuffer()
    var pending: [UInt8] = []
    pending.reserveCapacity(Self.runByteCount)
    var position = moved.offsets.first { $0 > 0 }.map { $0 - Self.leaderByteCount } ?? 0
    for (offset, byteCount) in zip(stored.offsets, stored.byteCounts) where byteCount > 0 {
      pending.append(UInt32(truncatingIfNeeded: byteCount), order: .little)
      try tiles.stream.seek(to: offset)
      try buffer.withBytes(byteCount) { bytes throws(IOLinkError) in
        try tiles.stream.readAll(into: &bytes)
        pending += bytes.bytes.byteArray()
      }
      // Its size and its bytes are more than what is repeated. The suffix of a sequence would go through all of them.
      pending += pending[(pending.count - Self.trailerByteCount)...]
      guard pending.count >= Self.runByteCount else { continue }
      try target.write(unsafe pending.span.bytes, at: position)  // bytes have no padding
      position += pending.count
      pending.removeAll(keepingCapacity: true)
    }
    if !pending.isEmpty { try target.write(unsafe pending.span.bytes, at: position) }  // bytes have no padding
  }

  private static let leaderByteCount = 4
  private static let trailerByteCount = 4
  private static let frameByteCount = leaderByteCount + trailerByteCount
  /// More than the header and the structural metadata take.
  private static let fixedByteCount = 512
  private static let runByteCount = 4 << 20

  /// GDAL's structural metadata, which says what readers may rely on. The last byte leaves room for "YES".
  private static let ghost: [UInt8] = {
    let lines =
      "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\n"
      + "KNOWN_INCOMPATIBLE_EDITION=NO\n "
    let digits = String(lines.utf8.count)
    let size = String(repeating: "0", count: 6 - digits.utf8.count) + digits
    return Array("GDAL_STRUCTURAL_METADATA_SIZE=\(size) bytes\n\(lines)".utf8)
  }()
}
