internal import CTIFF
internal import IOLinkCore

/// An open libtiff handle over a ``RandomAccess``. The only file that knows libtiff's types.
///
/// Used by one thread at a time; handles do not share anything, so many can work at once.
@safe
final class LibTIFFHandle {
  private let handle: OpaquePointer
  private let client: Client
  /// The offset of the directory that the library has read last.
  private var directory: Int?
  /// The chunk of the present directory that was decoded last.
  private var lastChunk: Int?

  /// What libtiff's callbacks work on.
  private final class Client {
    let source: any RandomAccess
    var position = 0
    /// The first complaint of the call that runs.
    var complaint: String?
    init(_ source: any RandomAccess) { self.source = source }

    /// - Parameter pointer: A `Client`, which its handle keeps alive.
    static func of(_ pointer: UnsafeMutableRawPointer?) -> Client? {
      unsafe pointer.map { unsafe Unmanaged<Client>.fromOpaque($0).takeUnretainedValue() }
    }
  }

  /// - Parameter largestAllocation: Bytes of one allocation of the library.
  /// - Throws: `malformed` when the library does not take the file.
  init(_ source: any RandomAccess, largestAllocation: Int) throws(IOLinkError) {
    let client = Client(source)
    // The client outlives the handle: both belong to this object, and deinit closes the handle first.
    let context = unsafe Unmanaged.passUnretained(client).toOpaque()
    let options = unsafe TIFFOpenOptionsAlloc()
    defer { unsafe TIFFOpenOptionsFree(options) }
    unsafe TIFFOpenOptionsSetMaxSingleMemAlloc(options, Int64(largestAllocation))
    unsafe TIFFOpenOptionsSetErrorHandlerExtR(options, Self.keepComplaint, context)
    unsafe TIFFOpenOptionsSetWarningHandlerExtR(options, { _, _, _, _, _ in 1 }, nil)
    // r: read; h: no directory yet; m: no mapping; c: strips as they are.
    guard
      let handle = unsafe TIFFClientOpenExt(
        "source", "rhmc", context, Self.read, { _, _, _ in 0 }, Self.seek, { _ in 0 }, Self.size, nil, nil, options)
    else { throw .tiff(.malformed, client.complaint ?? "libtiff does not open the file") }
    unsafe self.handle = handle
    self.client = client
  }

  // The only owner of the handle.
  deinit { unsafe TIFFClose(handle) }

  private static let keepComplaint: TIFFErrorHandlerExtR = { _, context, _, format, arguments in
    guard let client = unsafe Client.of(context), client.complaint == nil, let format = unsafe format,
      let arguments = unsafe arguments
    else { return 1 }
    var text = [CChar](repeating: 0, count: 512)
    // At most 512 bytes, the last of them 0.
    unsafe iolink_tiff_format(&text, text.count, format, arguments)
    client.complaint = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return 1
  }

  private static let read: TIFFReadWriteProc = { context, buffer, size in
    guard let client = unsafe Client.of(context), let buffer = unsafe buffer else { return -1 }
    let count = min(Int(size), client.source.byteCount - client.position)
    guard count > 0 else { return 0 }
    // libtiff gives `size` bytes behind `buffer`.
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

  /// libtiff and the libraries below it report by text alone whether data are damaged or of a kind that they do not decode.
  private func failure(_ what: String) -> IOLinkError {
    guard let complaint = client.complaint else { return .tiff(.malformed, what) }
    let isUnsupported = ["unsupported", "not supported", "not implemented", "not configured"].contains(where: complaint.lowercased().contains)
    return .tiff(isUnsupported ? .unsupported : .malformed, "\(what): \(complaint)")
  }

  /// Makes the directory at `offset` the present one, for `chunk` to be decoded.
  func select(directoryAt offset: Int, _ format: TIFFPageFormat, chunk: Int) throws(IOLinkError) {
    // The library's old JPEG decoder gives wrong pixels when it is to go back; it goes forward from a directory just read.
    guard directory != offset || format.compression == .oldJPEG && lastChunk.map({ chunk <= $0 }) ?? false else { return }
    directory = nil
    lastChunk = nil
    client.complaint = nil
    guard unsafe TIFFSetSubDirectory(handle, UInt64(offset)) == 1 else { throw failure("libtiff does not read the directory") }
    guard TIFFIsCODECConfigured(UInt16(truncatingIfNeeded: format.compression.rawValue)) == 1 else {
      throw .tiff(.unsupported, "\(format.compression.name) is not part of this libtiff")
    }
    if format.compression == .jpeg, !format.isPlanar { set(UInt32(TIFFTAG_JPEGCOLORMODE), JPEGCOLORMODE_RGB) }
    if format.compression.isSGILog { set(UInt32(TIFFTAG_SGILOGDATAFMT), SGILOGDATAFMT_FLOAT) }
    directory = offset
  }

  private func set(_ tag: UInt32, _ value: Int32) {
    // The tag takes one int.
    _ = unsafe withVaList([value]) { unsafe TIFFVSetField(handle, tag, $0) }
  }

  /// YCbCrSubSampling as the library corrects it from the data.
  func subsampling() -> [Int] {
    var (horizontal, vertical): (UInt16, UInt16) = (1, 1)
    unsafe withUnsafeMutablePointer(to: &horizontal) { first in
      unsafe withUnsafeMutablePointer(to: &vertical) { second in
        // The tag gives two 16-bit numbers.
        _ = unsafe withVaList([first, second]) { unsafe TIFFVGetFieldDefaulted(handle, UInt32(TIFFTAG_YCBCRSUBSAMPLING), $0) }
      }
    }
    return [Int(horizontal), Int(vertical)]
  }

  /// Decodes one strip or tile of the present directory: native byte order, predictor undone, bits still packed.
  ///
  /// - Throws: `malformed` when the library fails; `unsupported` when it says that it does not decode such data; `truncated`
  ///   when it gives less than `output` holds.
  func decode(chunk: Int, isTiled: Bool, into output: inout MutableRawSpan) throws(IOLinkError) {
    client.complaint = nil
    lastChunk = chunk
    let wanted = output.byteCount
    let count = unsafe isTiled ? Int(TIFFNumberOfTiles(handle)) : Int(TIFFNumberOfStrips(handle))
    guard chunk < count else { throw .tiff(.malformed, "libtiff counts \(count) chunks, chunk \(chunk) is wanted") }
    let number = UInt32(truncatingIfNeeded: chunk)
    let given = unsafe output.withUnsafeMutableBytes { buffer in
      // The library writes at most `wanted` bytes, which the buffer holds.
      unsafe isTiled
        ? TIFFReadEncodedTile(handle, number, buffer.baseAddress, Int64(wanted))
        : TIFFReadEncodedStrip(handle, number, buffer.baseAddress, Int64(wanted))
    }
    guard given >= 0 else { throw failure("libtiff does not decode the chunk") }
    guard given == wanted else { throw .tiff(.truncated, "a chunk gives \(given) bytes, expected \(wanted)") }
  }
}
