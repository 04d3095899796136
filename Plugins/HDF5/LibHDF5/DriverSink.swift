internal import CHDF5Driver
import IOLinkCore

/// The stream that the library's driver writes a new file to.
///
/// The library does not survive a driver that fails: after the first failure it is told that all goes well, nothing reaches
/// the stream any more, and whoever called the library asks for ``failure``.
///
/// Used under the library's lock only. Pointers: C holds this object unretained while its owner holds it.
@safe
final class DriverSink: @unchecked Sendable {  // see above
  private let stream: any StreamAccess
  private var byteCount: Int
  private(set) var failure: IOLinkError?
  private var isDiscarding = false

  /// - Throws: `unsupported` unless the stream has READ, WRITE and SEEK.
  init(_ stream: any StreamAccess) throws(IOLinkError) {
    guard stream.capabilities.isSuperset(of: [.read, .write, .seek]), let byteCount = stream.byteCount else {
      throw .hdf5(.unsupported, "HDF5 can only be written where it can also be read back and positioned: a file opened for both, or memory")
    }
    self.stream = stream
    self.byteCount = byteCount
  }

  /// From now on nothing reaches the stream: the library can end what it began.
  func discard() { isDiscarding = true }

  /// - Throws: what the stream threw.
  func check() throws(IOLinkError) {
    if let failure { throw failure }
  }

  private func attempt(_ body: () throws(IOLinkError) -> Void) {
    if isDiscarding { return }
    do throws(IOLinkError) { try body() } catch {
      failure = failure ?? error
      isDiscarding = true
    }
  }

  private func read(_ address: UInt64, _ bytes: inout MutableRawSpan) {
    bytes.zero()
    guard failure == nil else { return }
    do throws(IOLinkError) {
      try stream.seek(to: try Checked.int(address))
      try stream.readAll(into: &bytes)
    } catch {
      failure = error
      isDiscarding = true
    }
  }

  private func write(_ bytes: RawSpan, at address: UInt64) {
    attempt { () throws(IOLinkError) in
      let position = try Checked.int(address)
      try stream.write(bytes, at: position)
      byteCount = max(byteCount, position + bytes.byteCount)
    }
  }

  private func truncate(to size: UInt64) {
    attempt { () throws(IOLinkError) in
      let size = try Checked.int(size)
      try stream.truncate(to: size)
      byteCount = size
    }
  }

  private static func from(_ pointer: UnsafeMutableRawPointer?) -> DriverSink? {
    unsafe pointer.map { unsafe Unmanaged<DriverSink>.fromOpaque($0).takeUnretainedValue() }
  }

  func calls() -> iolink_h5fd_calls {
    unsafe iolink_h5fd_calls(
      context: Unmanaged.passUnretained(self).toOpaque(),
      open: { context, _ in unsafe context },
      close: { _ in },
      size: { file in unsafe DriverSink.from(file).map { Int64($0.byteCount) } ?? -1 },
      read: { file, address, count, bytes in
        guard let sink = unsafe DriverSink.from(file), let bytes = unsafe bytes else { return -1 }
        // The library lends `count` bytes for this call.
        var span = unsafe MutableRawSpan(_unsafeStart: bytes, byteCount: count)
        sink.read(address, &span)
        return 0
      },
      write: { file, address, count, bytes in
        guard let sink = unsafe DriverSink.from(file), let bytes = unsafe bytes else { return -1 }
        // The library lends `count` bytes for this call.
        sink.write(unsafe RawSpan(_unsafeStart: bytes, byteCount: count), at: address)
        return 0
      },
      truncate: { file, size in
        guard let sink = unsafe DriverSink.from(file) else { return -1 }
        sink.truncate(to: size)
        return 0
      })
  }
}
