internal import CHDF5Driver
import IOLinkCore

/// The files that the library's driver reads: the one that is open, and those beside it that it names.
///
/// Used under the library's lock only. Pointers: C holds this object unretained while its owner holds it, and each opened
/// file retained from `open` to `close`.
@safe
final class DriverSource: @unchecked Sendable {  // see above
  /// The name under which the library opens the file; no link can name it.
  static let mainName = "\u{1}main"

  private let source: DataSource
  private let allowsSiblings: Bool
  private let lengthSize: Int
  private(set) var failure: IOLinkError?
  /// Whether what is read may be a global heap: not while elements are read, which the library reads in the same way.
  var checksHeaps = true

  /// - Parameter lengthSize: Bytes of a length in the file's structures.
  init(_ source: DataSource, allowsSiblings: Bool, lengthSize: Int) {
    self.source = source
    self.lengthSize = lengthSize
    self.allowsSiblings = allowsSiblings
  }

  func clearFailure() { failure = nil }

  /// One open file.
  private final class File {
    let owner: DriverSource
    let bytes: any RandomAccess

    init(_ owner: DriverSource, _ bytes: any RandomAccess) {
      self.owner = owner
      self.bytes = bytes
    }
  }

  private func open(_ name: String) -> File? {
    if name == Self.mainName || name == source.name { return File(self, source.bytes) }
    guard allowsSiblings, !name.contains("/"), let sibling = try? source.sibling(named: name) else { return nil }
    return File(self, sibling.bytes)
  }

  func calls() -> iolink_h5fd_calls {
    unsafe iolink_h5fd_calls(
      context: Unmanaged.passUnretained(self).toOpaque(),
      open: { context, name in
        guard let context = unsafe context, let name = unsafe name else { return nil }
        let driver = unsafe Unmanaged<DriverSource>.fromOpaque(context).takeUnretainedValue()
        return unsafe driver.open(String(cString: name)).map { unsafe Unmanaged.passRetained($0).toOpaque() }
      },
      close: { file in
        if let file = unsafe file { unsafe Unmanaged<File>.fromOpaque(file).release() }
      },
      size: { file in
        guard let file = unsafe file else { return -1 }
        return Int64(unsafe Unmanaged<File>.fromOpaque(file).takeUnretainedValue().bytes.byteCount)
      },
      read: { file, address, count, bytes in
        guard let file = unsafe file, let bytes = unsafe bytes else { return -1 }
        let open = unsafe Unmanaged<File>.fromOpaque(file).takeUnretainedValue()
        // The library lends `count` bytes for this call.
        var span = unsafe MutableRawSpan(_unsafeStart: bytes, byteCount: count)
        do throws(IOLinkError) {
          let offset = try Checked.int(address)
          try open.bytes.read(at: offset, into: &span)
          if open.owner.checksHeaps, open.owner.lengthSize == 8 {
            try LibHDF5GlobalHeap.check(span.bytes, at: offset, in: open.bytes)
          }
          return 0
        } catch {
          open.owner.failure = open.owner.failure ?? error
          return -1
        }
      },
      write: nil, truncate: nil)
  }
}
