internal import IOLinkCore

/// Idle libtiff handles of one image. A call takes one, or opens another, and gives it back.
final class LibTIFFPool: Sendable {
  /// Sound because a handle is in the pool or with one call, never both; libtiff binds none to a thread.
  private struct Idle: @unchecked Sendable {
    var handles: [LibTIFFHandle] = []
  }

  private let file: TIFFFile
  private let format: TIFFPageFormat
  private let directories: [Int]
  private let idle = Guarded(Idle(), renewal: { Idle() })

  /// - Parameter directories: Where the directory of each page begins.
  init(_ file: TIFFFile, _ format: TIFFPageFormat, directories: [Int]) {
    self.file = file
    self.format = format
    self.directories = directories
  }

  /// Decodes one strip or tile of a page.
  ///
  /// - Parameter output: Its size is that of the decoded chunk.
  func decode(page: Int, chunk: Int, into output: inout MutableRawSpan) throws(IOLinkError) {
    let handle = try take()
    output.zero()
    try handle.select(directoryAt: directories[page], format, chunk: chunk)
    try handle.decode(chunk: chunk, isTiled: format.isTiled, into: &output)
    // After an error the handle is dropped: its state is not known.
    give(handle)
  }

  /// YCbCrSubSampling of old JPEG data, which the tag often states wrongly.
  func subsampling(page: Int) throws(IOLinkError) -> [Int] {
    let handle = try take()
    try handle.select(directoryAt: directories[page], format, chunk: 0)
    defer { give(handle) }
    return handle.subsampling()
  }

  private func take() throws(IOLinkError) -> LibTIFFHandle {
    // `Idle` keeps the handle out of everyone else's reach from here on.
    let taken = idle.withLock { state in Taken(handle: state.handles.popLast()) }
    if let handle = taken.handle { return handle }
    return try LibTIFFHandle(file.bytes, largestAllocation: file.limits.chunkByteCount)
  }

  private func give(_ handle: LibTIFFHandle) {
    let given = Taken(handle: handle)
    idle.withLock { state in
      if let handle = given.handle, state.handles.count < 16 { state.handles.append(handle) }
    }
  }

  private struct Taken: @unchecked Sendable {  // passes the lock with the one handle that it holds
    let handle: LibTIFFHandle?
  }
}
