internal import IOLinkCore

/// The idle libtiff handles of one image. A call takes a handle, or opens another, and returns it afterwards.
final class LibTIFFPool: Sendable {
  /// The `Sendable` conformance is unchecked. It is safe because a handle is either in the pool or used by one call, and libtiff does not
  /// bind a handle to a thread.
  private struct Idle: @unchecked Sendable {
    var handles: [LibTIFFHandle] = []
  }

  private let bytes: any RandomAccess
  private let limits: ReadLimits
  private let format: TIFFPageFormat
  private let directories: [Int]
  private let idle = Guarded(Idle(), renewal: { Idle() })

  /// - Throws: Any error that reading the fields of directories throws that libtiff cannot read itself.
  init(_ file: TIFFFile, _ format: TIFFPageFormat, _ pages: [TIFFDirectory]) throws(IOLinkError) {
    let isIncomplete = format.compression == .oldJPEG && pages.contains { $0[.samplesPerPixel] == nil }
    let isWide = pages.contains(where: \.isWide)
    let rewritten = isWide || isIncomplete ? try RewrittenTIFF(file, format, pages) : nil
    bytes = rewritten ?? file.bytes
    directories = rewritten?.directories ?? pages.map(\.offset)
    limits = file.limits
    self.format = format
  }

  /// Decodes one strip or tile of a page.
  ///
  /// - Parameters:
  ///   - rowCount: The number of rows in the chunk.
  ///   - output: The buffer, which has the size of the decoded chunk.
  func decode(page: Int, chunk: Int, rowCount: Int, into output: inout MutableRawSpan) throws(IOLinkError) {
    let handle = try take()
    output.zero()
    try handle.select(directoryAt: directories[page], format, chunk: chunk)
    try handle.decode(chunk: chunk, isTiled: format.isTiled, rowCount: rowCount, into: &output)
    // After an error the handle is dropped, because its state is unknown.
    give(handle)
  }

  /// Returns YCbCrSubSampling of old JPEG data, for which the tag is often wrong.
  func subsampling(page: Int) throws(IOLinkError) -> [Int] {
    let handle = try take()
    try handle.select(directoryAt: directories[page], format, chunk: 0)
    defer { give(handle) }
    return handle.subsampling()
  }

  private func take() throws(IOLinkError) -> LibTIFFHandle {
    // From here on, no other call can reach the handle.
    let taken = idle.withLock { state in Taken(handle: state.handles.popLast()) }
    if let handle = taken.handle { return handle }
    return try LibTIFFHandle(bytes, largestAllocation: limits.chunkByteCount)
  }

  private func give(_ handle: LibTIFFHandle) {
    let given = Taken(handle: handle)
    idle.withLock { state in
      if let handle = given.handle, state.handles.count < 16 { state.handles.append(handle) }
    }
  }

  private struct Taken: @unchecked Sendable {  // carries one handle out of or into the lock
    let handle: LibTIFFHandle?
  }
}
