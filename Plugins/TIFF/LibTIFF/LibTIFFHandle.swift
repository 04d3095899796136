internal import CTIFF
internal import IOLinkCore

/// An open libtiff handle over a ``RandomAccess``, which reads. ``LibTIFFEncoder`` is the other file that uses libtiff's types.
///
/// One thread uses a handle at a time. Handles do not share anything, so several can be used at once.
@safe
final class LibTIFFHandle {
  private let handle: OpaquePointer
  private let client: Client
  /// The offset of the directory that the library read last.
  private var directory: Int?
  /// The last chunk of the current directory that was decoded.
  private var lastChunk: Int?

  /// The object that libtiff's callbacks work on.
  private final class Client {
    let source: any RandomAccess
    var position = 0
    /// The first error message of the current call.
    var complaint: String?
    init(_ source: any RandomAccess) { self.source = source }

    /// - Parameter pointer: A `Client` that its handle keeps alive.
    static func of(_ pointer: UnsafeMutableRawPointer?) -> Client? {
      unsafe pointer.map { unsafe Unmanaged<Client>.fromOpaque($0).takeUnretainedValue() }
    }
  }

  /// - Parameter largestAllocation: The limit in bytes for a single allocation by the library.
  /// - Throws: `malformed` when the library does not accept the file.
  init(_ source: any RandomAccess, largestAllocation: Int) throws(IOLinkError) {
    let client = Client(source)
    // The client outlives the handle. Both belong to this object, and deinit closes the handle before the client is released.
    let context = unsafe Unmanaged.passUnretained(client).toOpaque()
    let options = unsafe TIFFOpenOptionsAlloc()
    defer { unsafe TIFFOpenOptionsFree(options) }
    unsafe TIFFOpenOptionsSetMaxSingleMemAlloc(options, Int64(largestAllocation))
    unsafe TIFFOpenOptionsSetErrorHandlerExtR(options, Self.keepComplaint, context)
    unsafe TIFFOpenOptionsSetWarningHandlerExtR(options, { _, _, _, _, _ in 1 }, nil)
    // The mode means: r: read, h: do not read a directory yet, m: do not map the file, c: do not join strips.
    guard
      let handle = unsafe TIFFClientOpenExt(
        "source", "rhmc", context, Self.read, { _, _, _ in 0 }, Self.seek, { _ in 0 }, Self.size, nil, nil, options)
    else { throw .tiff(.malformed, client.complaint ?? "libtiff cannot open the file") }
    unsafe self.handle = handle
    self.client = client
  }

  // This object is the only owner of the handle.
  deinit { unsafe TIFFClose(handle) }

  private static let keepComplaint: TIFFErrorHandlerExtR = { _, context, _, format, arguments in
    guard let client = unsafe Client.of(context), client.complaint == nil, let format = unsafe format,
      let arguments = unsafe arguments
    else { return 1 }
    client.complaint = unsafe libtiffMessage(format, arguments)
    return 1
  }

  private static let read: TIFFReadWriteProc = { context, buffer, size in
    guard let client = unsafe Client.of(context), let buffer = unsafe buffer else { return -1 }
    let count = min(Int(size), client.source.byteCount - client.position)
    guard count > 0 else { return 0 }
    // libtiff provides `size` bytes at `buffer`.
    var span = unsafe MutableRawSpan(_unsafeStart: buffer, byteCount: count)
    guard (try? client.source.read(at: client.position, into: &span)) != nil else { return -1 }
    client.position += count
    return Int64(count)
  }

  private static let seek: TIFFSeekProc = { context, offset, whence in
    guard let client = unsafe Client.of(context) else { return UInt64.max }
    let base = whence == 0 ? 0 : whence == 1 ? client.position : client.source.byteCount
    let moved = base.addingReportingOverflow(Int(truncatingIfNeeded: offset))
    guard !moved.overflow, moved.partialValue >= 0 else { return UInt64.max }
    client.position = moved.partialValue
    return UInt64(moved.partialValue)
  }

  private static let size: TIFFSizeProc = { context in
    unsafe Client.of(context).map { UInt64($0.source.byteCount) } ?? 0
  }

  /// Makes the error for a failed call. Only the text of libtiff's message says whether data are damaged or of an unsupported kind.
  private func failure(_ what: String) -> IOLinkError {
    guard let complaint = client.complaint else { return .tiff(.malformed, what) }
    let lowercased = complaint.lowercased()
    let isUnsupported = ["unsupported", "not supported", "not implemented", "not configured"].contains(where: lowercased.hasOccurrence)
    return .tiff(isUnsupported ? .unsupported : .malformed, "\(what): \(complaint)")
  }

  /// Makes the directory at `offset` the current one, so that `chunk` can be decoded.
  ///
  /// - Throws: `malformed` when the library cannot read the directory; `unsupported` when it lacks the codec or reports that it does
  ///   not support the directory.
  func select(directoryAt offset: Int, _ format: TIFFPageFormat, chunk: Int) throws(IOLinkError) {
    // The library's decoder for old JPEG gives wrong pixels after going back, unless the directory has just been read.
    guard directory != offset || format.compression == .oldJPEG && lastChunk.map({ chunk <= $0 }) ?? false else { return }
    directory = nil
    lastChunk = nil
    client.complaint = nil
    guard unsafe TIFFSetSubDirectory(handle, UInt64(offset)) == 1 else { throw failure("libtiff cannot read the directory") }
    guard TIFFIsCODECConfigured(UInt16(truncatingIfNeeded: format.compression.rawValue)) == 1 else {
      throw .tiff(.unsupported, "\(format.compression.name) is not supported by this build of libtiff")
    }
    if format.compression == .jpeg, !format.isPlanar { set(UInt32(TIFFTAG_JPEGCOLORMODE), JPEGCOLORMODE_RGB) }
    directory = offset
  }

  private func set(_ tag: UInt32, _ value: Int32) {
    // The tag takes one int.
    _ = unsafe withVaList([value]) { unsafe TIFFVSetField(handle, tag, $0) }
  }

  /// YCbCrSubSampling as the library corrects it according to the data.
  func subsampling() -> [Int] {
    var (horizontal, vertical): (UInt16, UInt16) = (1, 1)
    unsafe withUnsafeMutablePointer(to: &horizontal) { first in
      unsafe withUnsafeMutablePointer(to: &vertical) { second in
        // The library stores two 16-bit integers for this tag.
        _ = unsafe withVaList([first, second]) { unsafe TIFFVGetFieldDefaulted(handle, UInt32(TIFFTAG_YCBCRSUBSAMPLING), $0) }
      }
    }
    return [Int(horizontal), Int(vertical)]
  }

  /// Decodes one strip or tile of the current directory. The result is in native byte order, without the predictor, and packed bits
  /// remain packed.
  ///
  /// - Parameter rowCount: The number of rows in the strip; tiles have as many as the directory says.
  /// - Throws: `malformed` when the library fails, or finds that the chunk has another size; `unsupported` when it reports that it cannot
  ///   decode such data; `truncated` when it decodes fewer bytes than `output` holds.
  func decode(chunk: Int, isTiled: Bool, rowCount: Int, into output: inout MutableRawSpan) throws(IOLinkError) {
    client.complaint = nil
    lastChunk = chunk
    let wanted = output.byteCount
    let count = unsafe isTiled ? Int(TIFFNumberOfTiles(handle)) : Int(TIFFNumberOfStrips(handle))
    guard chunk < count else { throw .tiff(.malformed, "libtiff finds \(count) chunks, expected at least \(chunk + 1)") }
    let number = UInt32(truncatingIfNeeded: chunk)
    // Some of the library's decoders end the process when the buffer does not hold whole rows.
    let expected = unsafe isTiled ? TIFFTileSize64(handle) : TIFFVStripSize64(handle, UInt32(truncatingIfNeeded: rowCount))
    guard expected == UInt64(wanted) else {
      throw .tiff(.malformed, "libtiff decodes the chunk to \(expected) bytes, expected \(wanted)")
    }
    let given = unsafe output.withUnsafeMutableBytes { buffer in
      // The library writes at most `wanted` bytes, which is the size of the buffer.
      unsafe isTiled
        ? TIFFReadEncodedTile(handle, number, buffer.baseAddress, Int64(wanted))
        : TIFFReadEncodedStrip(handle, number, buffer.baseAddress, Int64(wanted))
    }
    guard given >= 0 else { throw failure("libtiff cannot decode the chunk") }
    guard given == wanted else { throw .tiff(.truncated, "a chunk decodes to \(given) bytes, expected \(wanted)") }
  }
}

/// Formats a message of libtiff.
///
/// - Parameters:
///   - format: The format of the message, as for `printf`.
///   - arguments: The arguments that it names.
@unsafe
func libtiffMessage(_ format: UnsafePointer<CChar>, _ arguments: CVaListPointer) -> String {
  var text = [CChar](repeating: 0, count: 512)
  // This writes at most 512 bytes, the last of which is 0.
  unsafe iolink_tiff_format(&text, text.count, format, arguments)
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
