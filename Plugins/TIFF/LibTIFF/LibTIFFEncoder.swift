internal import CTIFF
internal import IOLinkCore

/// Compresses chunks with libtiff, each as the only strip of a file in memory.
struct LibTIFFEncoder: Sendable {
  private let format: TIFFPageFormat
  private let settings: TIFFLibrarySettings

  /// - Parameter format: The format of the pages, whose compression is one of libtiff's.
  init(_ format: TIFFPageFormat, _ settings: TIFFLibrarySettings) {
    self.format = format
    self.settings = settings
  }

  /// Compresses the rows of one strip or tile.
  ///
  /// - Parameter rows: Whole rows of the chunk in native byte order, with the predictor applied and bits packed. The library may change them.
  /// - Throws: `unsupported` when the library cannot encode such samples.
  func compress(_ rows: inout MutableRawSpan, rowByteCount: Int) throws(IOLinkError) -> [UInt8] {
    let file = try LibTIFFMemoryFile()
    try describe(file, rowCount: rows.byteCount / rowByteCount)
    return try file.encode(&rows)
  }

  /// Makes the field JPEGTables: the quantisation and the Huffman tables, which are the same for all chunks.
  ///
  /// - Throws: As for ``compress(_:rowByteCount:)``.
  func tables() throws(IOLinkError) -> [UInt8] {
    let file = try LibTIFFMemoryFile()
    let rowCount = 16
    try describe(file, rowCount: rowCount)
    var rows = [UInt8](repeating: 0, count: rowCount * format.chunkWidth * format.samplesPerPixel)
    var span = rows.mutableSpan
    var bytes = unsafe span.mutableBytes  // bytes have no padding
    _ = try file.encode(&bytes)
    return file.jpegTables
  }

  private func describe(_ file: LibTIFFMemoryFile, rowCount: Int) throws(IOLinkError) {
    try file.set(TIFFTAG_IMAGEWIDTH, format.chunkWidth)
    try file.set(TIFFTAG_IMAGELENGTH, rowCount)
    try file.set(TIFFTAG_ROWSPERSTRIP, rowCount)
    try file.set(TIFFTAG_BITSPERSAMPLE, format.bitsPerSample)
    try file.set(TIFFTAG_SAMPLESPERPIXEL, format.samplesPerPixel)
    try file.set(TIFFTAG_SAMPLEFORMAT, format.sampleFormat.rawValue)
    try file.set(TIFFTAG_PLANARCONFIG, 1)
    try file.set(TIFFTAG_COMPRESSION, format.compression.rawValue)
    try file.set(TIFFTAG_PHOTOMETRIC, settings.photometric(of: format).rawValue)
    switch format.compression {
    case .jpeg:
      try file.set(TIFFTAG_JPEGQUALITY, settings.quality ?? TIFFLibrarySettings.usualQuality)
      // The tables of the file are not those of a stream that is made here.
      if settings.kept != nil { try file.set(TIFFTAG_JPEGTABLESMODE, 0) }
      guard settings.photometric(of: format) == .yCbCr else { return }
      try file.set(TIFFTAG_JPEGCOLORMODE, Int(JPEGCOLORMODE_RGB))
      try file.set(TIFFTAG_YCBCRSUBSAMPLING, settings.subsampling[0], settings.subsampling[1])
    case .webP:
      if let quality = settings.quality {
        try file.set(TIFFTAG_WEBP_LEVEL, quality)
      } else {
        try file.set(TIFFTAG_WEBP_LOSSLESS, 1)
      }
    case .lerc: try file.setReal(TIFFTAG_LERC_MAXZERROR, settings.largestError)
    case .lzma: try file.set(TIFFTAG_LZMAPRESET, settings.level ?? TIFFLibrarySettings.usualLevel)
    default: break
    }
  }
}

/// How compressions of libtiff are applied.
struct TIFFLibrarySettings: Hashable, Sendable {
  /// 1 to 100 for JPEG and WebP; `nil` is the usual one for JPEG, and stores WebP without loss.
  var quality: Int?
  /// How many columns and rows of a colour image share the colour (but not the brightness) in JPEG.
  var subsampling = [1, 1]
  var choosesSubsampling = true
  /// The form of JPEG streams that are copied; `nil` where they are made.
  var kept: TIFFJPEGForm?
  /// How much LERC may change a value, in the unit of the values.
  var largestError = 0.0
  /// The effort of LZMA, 0 to 9.
  var level: Int?

  static let usualQuality = 90
  static let usualLevel = 6
}

extension TIFFLibrarySettings {
  /// The meaning of the samples as the file states it: JPEG stores red, green and blue as brightness and two colours.
  func photometric(of format: TIFFPageFormat) -> TIFFPhotometric {
    kept?.photometric ?? (format.compression == .jpeg && format.photometric == .rgb ? .yCbCr : format.photometric)
  }
}

/// A file in memory that libtiff writes one strip to. One thread uses it.
@safe
private final class LibTIFFMemoryFile {
  private let handle: OpaquePointer
  private let client: Client

  private final class Client {
    var bytes: [UInt8] = []
    var position = 0
    var complaint: String?

    /// - Parameter pointer: A `Client` that its file keeps alive.
    static func of(_ pointer: UnsafeMutableRawPointer?) -> Client? {
      unsafe pointer.map { unsafe Unmanaged<Client>.fromOpaque($0).takeUnretainedValue() }
    }
  }

  init() throws(IOLinkError) {
    let client = Client()
    // The client outlives the handle. Both belong to this object, and deinit frees the handle before the client is released.
    let context = unsafe Unmanaged.passUnretained(client).toOpaque()
    let options = unsafe TIFFOpenOptionsAlloc()
    defer { unsafe TIFFOpenOptionsFree(options) }
    unsafe TIFFOpenOptionsSetErrorHandlerExtR(options, Self.keepComplaint, context)
    unsafe TIFFOpenOptionsSetWarningHandlerExtR(options, { _, _, _, _, _ in 1 }, nil)
    guard
      let handle = unsafe TIFFClientOpenExt(
        "memory", "w", context, { _, _, _ in 0 }, Self.write, Self.seek, { _ in 0 }, Self.size, nil, nil, options)
    else { throw .tiff(.unsupported, client.complaint ?? "libtiff cannot write to memory") }
    unsafe self.handle = handle
    self.client = client
  }

  // This object is the only owner of the handle. A directory is not written.
  deinit { unsafe TIFFCleanup(handle) }

  private static let keepComplaint: TIFFErrorHandlerExtR = { _, context, _, format, arguments in
    guard let client = unsafe Client.of(context), client.complaint == nil, let format = unsafe format,
      let arguments = unsafe arguments
    else { return 1 }
    client.complaint = unsafe libtiffMessage(format, arguments)
    return 1
  }

  private static let write: TIFFReadWriteProc = { context, buffer, size in
    guard let client = unsafe Client.of(context), let buffer = unsafe buffer else { return -1 }
    // libtiff provides `size` bytes at `buffer`.
    let given = unsafe UnsafeRawBufferPointer(start: buffer, count: Int(size))
    let end = client.position + given.count
    if client.bytes.count < end { client.bytes += Array(repeating: 0, count: end - client.bytes.count) }
    unsafe client.bytes.replaceSubrange(client.position..<end, with: given)
    client.position = end
    return size
  }

  private static let seek: TIFFSeekProc = { context, offset, whence in
    guard let client = unsafe Client.of(context) else { return UInt64.max }
    let base = whence == 0 ? 0 : whence == 1 ? client.position : client.bytes.count
    let moved = base.addingReportingOverflow(Int(truncatingIfNeeded: offset))
    guard !moved.overflow, moved.partialValue >= 0 else { return UInt64.max }
    client.position = moved.partialValue
    return UInt64(moved.partialValue)
  }

  private static let size: TIFFSizeProc = { context in unsafe Client.of(context).map { UInt64($0.bytes.count) } ?? 0 }

  /// Sets a field. The library reads each integer as an `int`, and smaller ones from the same place.
  func set(_ tag: Int32, _ values: Int...) throws(IOLinkError) {
    try set(tag, values.map { Int32(truncatingIfNeeded: $0) })
  }

  func setReal(_ tag: Int32, _ value: Double) throws(IOLinkError) { try set(tag, [value]) }

  private func set(_ tag: Int32, _ values: [any CVarArg]) throws(IOLinkError) {
    guard unsafe withVaList(values, { unsafe TIFFVSetField(handle, UInt32(tag), $0) }) == 1 else {
      throw .tiff(.unsupported, client.complaint ?? "libtiff does not accept field \(tag)")
    }
  }

  /// Encodes the strip and returns its bytes.
  func encode(_ rows: inout MutableRawSpan) throws(IOLinkError) -> [UInt8] {
    let count = rows.byteCount
    let written = unsafe rows.withUnsafeMutableBytes { buffer in
      // The library reads `count` bytes, which is the size of the buffer.
      unsafe TIFFWriteEncodedStrip(handle, 0, buffer.baseAddress, Int64(count))
    }
    guard written == count, unsafe TIFFFlushData(handle) == 1 else {
      throw .tiff(.unsupported, "libtiff cannot encode the chunk: \(client.complaint ?? "no reason given")")
    }
    let offset = unsafe Int(TIFFGetStrileOffset(handle, 0))
    let end = unsafe offset + Int(TIFFGetStrileByteCount(handle, 0))
    guard offset > 0, end <= client.bytes.count else { throw .tiff(.unsupported, "libtiff has written no chunk") }
    return Array(client.bytes[offset..<end])
  }

  /// JPEGTables; empty when there are none.
  var jpegTables: [UInt8] {
    var count: UInt32 = 0
    var tables: UnsafeMutableRawPointer?
    let isThere = unsafe withUnsafeMutablePointer(to: &count) { first in
      unsafe withUnsafeMutablePointer(to: &tables) { second in
        // The library stores the number of bytes and a pointer to its own copy.
        unsafe withVaList([first, second]) { unsafe TIFFVGetField(handle, UInt32(TIFFTAG_JPEGTABLES), $0) }
      }
    }
    guard isThere == 1, let tables = unsafe tables else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: tables, count: Int(count)))
  }
}
