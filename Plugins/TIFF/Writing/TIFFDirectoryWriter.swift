internal import IOLinkCore

/// Writes the directories of all pages of all images after the pixels, and then the header at the beginning. Coarser levels are SubIFDs of the
/// pages that they belong to, and so is a thumbnail.
struct TIFFDirectoryWriter {
  private var images: [TIFFWrittenImage]
  private let order = ByteOrder.native

  init(_ images: [TIFFWrittenImage]) {
    self.images = images
    guard images.count > 1 || images.first?.plan.name != nil, images.allSatisfy({ $0.plan.description == .ome }) else { return }
    // One document describes all images. It belongs to the first page of the file.
    for index in images.indices { self.images[index].description = index == 0 ? OMEDocument.text(of: images) : nil }
  }

  /// - Parameter end: The offset at which the pixels end.
  /// - Throws: `limitExceeded` when the file is too large for classic TIFF and BigTIFF was refused; `io` when writing fails.
  func write(end: Int, to stream: any StreamAccess) throws(IOLinkError) {
    let start = end + (8 - end % 8) % 8
    let header = TIFFHeader(order: order, isBig: try Self.isBig(images, order, start: start), firstDirectory: start)
    var position = start
    var pending: [UInt8] = []
    for (index, image) in images.enumerated() {
      let fields = image.all.map { TIFFPageFields($0, isBig: header.isBig, order) }
      for page in 0..<image.pages {
        let isLast = index == images.count - 1 && page == image.pages - 1
        pending += directories(of: page, fields, header, at: position + pending.count, isLast: isLast)
        guard pending.count >= Self.writeByteCount || isLast else { continue }
        try stream.write(unsafe pending.span.bytes, at: position)  // bytes have no padding
        position += pending.count
        pending.removeAll(keepingCapacity: true)
      }
    }
    var head = header.encoded()
    head += Array(repeating: 0, count: 64 - head.count)
    try stream.write(unsafe head.span.bytes, at: 0)  // bytes have no padding
  }

  private static let writeByteCount = 1 << 20

  /// Encodes the directory of a page, followed by those of its levels.
  private func directories(
    of page: Int, _ fields: [TIFFPageFields], _ header: TIFFHeader, at offset: Int, isLast: Bool
  ) -> [UInt8] {
    let levels = fields.dropFirst().map { $0.entries(page) }
    let own = fields[0].entries(page)
    func subDirectories(_ offsets: [Int]) -> [TIFFEntry] {
      offsets.isEmpty ? [] : [header.isBig ? .long8s(.subIFDs, offsets, order) : .longs(.subIFDs, offsets, order)]
    }
    var offsets: [Int] = []
    var end = offset + header.encodedByteCount(own + subDirectories(levels.map { _ in 0 }))
    for level in levels {
      offsets.append(end)
      end += header.encodedByteCount(level)
    }
    let first = header.encoded(own + subDirectories(offsets), at: offset, next: isLast ? nil : end)
    return zip(levels, offsets).reduce(first) { $0 + header.encoded($1.0, at: $1.1, next: nil) }
  }

  /// Whether the file must be a BigTIFF.
  ///
  /// - Parameter start: Where the directories begin.
  /// - Throws: `limitExceeded` when it must, but this was refused.
  static func isBig(_ images: [TIFFWrittenImage], _ order: ByteOrder, start: Int) throws(IOLinkError) -> Bool {
    var bound = start
    for image in images.flatMap(\.all) { bound = try Checked.add(bound, TIFFPageFields(image, isBig: true, order).byteCountBound()) }
    let fits = bound < Int(UInt32.max)
    let asked = Set(images.map(\.plan.options.bigTIFF))
    if asked.contains(.yes) { return true }
    guard fits || !asked.contains(.no) else {
      throw .tiff(.limitExceeded, "the file is larger than 4 GiB, which bigtiff=no does not allow")
    }
    return !fits
  }
}

/// An image whose pixels are in the file, and where they are.
struct TIFFWrittenImage: Sendable {
  let plan: TIFFWritePlan
  /// The final shape of the image.
  let shape: Shape
  let pages: Int
  /// The offsets and sizes of all chunks, one page after another.
  var offsets: [Int]
  let byteCounts: [Int]
  /// The offset at which the pixels end.
  let end: Int
  /// JPEGTables, if the pixels are JPEG.
  let tables: [UInt8]?
  /// ImageDescription of the first page.
  var description: String?
  /// The coarser levels, finest first, each with as many pages.
  var levels: [TIFFWrittenImage] = []
  /// The thumbnail of an image of one page, or nothing.
  var thumbnail: [TIFFWrittenImage] = []

  /// The image itself, its levels and its thumbnail.
  var all: [TIFFWrittenImage] { [self] + levels + thumbnail }
}
