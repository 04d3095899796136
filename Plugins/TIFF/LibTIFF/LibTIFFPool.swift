internal import IOLinkCore

/// The idle libtiff handles of one image. A call takes a handle, or opens another, and returns it afterwards.
final class LibTIFFPool: Sendable {
  /// The `Sendable` conformance is unchecked. It is safe because a handle is either in the pool or used by one call, and libtiff does not
  /// bind a handle to a thread.
  private struct Idle: @unchecked Sendable {
    var handles: [LibTIFFHandle] = []
  }

  private let file: TIFFFile
  private let format: TIFFPageFormat
  private let directories: [Int]
  private let idle = Guarded(Idle(), renewal: { Idle() })

  /// - Parameter directories: The offset of each page's directory.
  init(_ file: TIFFFile, _ format: TIFFPageFormat, directories: [Int]) {
    self.file = file
    self.format = format
    self.directories = directories
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
    return try LibTIFFHandle(file.bytes, largestAllocation: file.limits.chunkByteCount)
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
