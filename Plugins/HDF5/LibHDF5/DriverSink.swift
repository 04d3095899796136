internal import CHDF5Driver
import IOLink

/// The stream that the library's driver writes a new file to.
///
/// Used under the library's lock only. Pointers: C holds this object unretained while its owner holds it.
@safe
final class DriverSink: @unchecked Sendable {  // see above
  private let stream: any StreamAccess
  private(set) var failure: IOLinkError?
  /// From now on nothing reaches the stream: the library can end what it began.
  var isDiscarding = false

  /// - Throws: `unsupported` unless the stream has READ, WRITE and SEEK.
  init(_ stream: any StreamAccess) throws(IOLinkError) {
    guard stream.capabilities.isSuperset(of: [.read, .write, .seek]), stream.byteCount != nil else {
      throw .hdf5(.unsupported, "HDF5 can only be written to a file or memory, not to a pipe")
    }
    self.stream = stream
  }

  private func attempt(_ body: () throws(IOLinkError) -> Void) -> Int32 {
    if isDiscarding { return 0 }
    do throws(IOLinkError) {
      try body()
      return 0
    } catch {
      failure = failure ?? error
      return -1
    }
  }

  private func read(_ address: UInt64, _ bytes: inout MutableRawSpan) -> Int32 {
    do throws(IOLinkError) {
      try stream.seek(to: try Checked.int(address))
      try stream.readAll(into: &bytes)
      return 0
    } catch {
      failure = failure ?? error
      return isDiscarding ? 0 : -1
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
      size: { file in
        guard let sink = unsafe DriverSink.from(file), let count = sink.stream.byteCount else { return -1 }
        return Int64(count)
      },
      read: { file, address, count, bytes in
        guard let sink = unsafe DriverSink.from(file), let bytes = unsafe bytes else { return -1 }
        // The library lends `count` bytes for this call.
        var span = unsafe MutableRawSpan(_unsafeStart: bytes, byteCount: count)
        return sink.read(address, &span)
      },
      write: { file, address, count, bytes in
        guard let sink = unsafe DriverSink.from(file), let bytes = unsafe bytes else { return -1 }
        // The library lends `count` bytes for this call.
        let span = unsafe RawSpan(_unsafeStart: bytes, byteCount: count)
        return sink.attempt { () throws(IOLinkError) in try sink.stream.write(span, at: try Checked.int(address)) }
      },
      truncate: { file, size in
        guard let sink = unsafe DriverSink.from(file) else { return -1 }
        return sink.attempt { () throws(IOLinkError) in try sink.stream.truncate(to: try Checked.int(size)) }
      })
  }
}
