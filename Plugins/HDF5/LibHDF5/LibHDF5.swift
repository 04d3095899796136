internal import CHDF5
import IOLinkCore

/// What reading and writing share of libhdf5: one lock, errors, identifiers.
///
/// libhdf5 keeps global state. Every call happens inside ``locked(_:)``; the library prints nothing, loads no code and
/// leaves no work for the end of the process.
enum LibHDF5 {
  private static let lock = Guarded(State.fresh, renewal: { .abandoned })

  private enum State {
    case fresh, started
    /// This process was forked while another thread was inside the library: what it left there cannot be trusted.
    case abandoned
  }

  /// Runs `body` while no other thread uses the library.
  ///
  /// - Throws: `unsupported` where a source or a target of the library uses it itself, and in a child that was forked while
  ///   another thread was inside it.
  static func locked<Result: Sendable>(_ body: () throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    let reentry = IOLinkError.hdf5(
      .unsupported, "libhdf5 is in use by this very thread: what it reads from or writes to uses HDF5 itself")
    return try lock.withLock(unlessHeld: reentry) { (state: inout State) throws(IOLinkError) -> Result in
      switch state {
      case .started: break
      case .fresh:
        H5dont_atexit()
        guard H5open() >= 0 else { throw .hdf5(.io, "libhdf5 does not start") }
        H5PLset_loading_state(0)
        state = .started
      case .abandoned: throw .hdf5(.unsupported, "this process was forked while another thread was inside libhdf5, which is lost to it")
      }
      H5Eset_auto2(0, nil, nil)  // the handler of each thread's own stack of errors
      H5Eclear2(0)
      return try body()
    }
  }

  /// The library's complaint about its last call, as an error: the innermost message.
  static func failure(_ what: String, _ code: IOLinkError.Code = .malformed) -> IOLinkError {
    final class Message { var text = "" }
    let message = Message()
    // The closure is called before H5Ewalk2 returns, with the object that is held here.
    withExtendedLifetime(message) {
      _ = unsafe H5Ewalk2(
        0, H5E_WALK_UPWARD,
        { depth, entry, context in
          guard depth == 0, let entry = unsafe entry, let context = unsafe context else { return 0 }
          let message = unsafe Unmanaged<Message>.fromOpaque(context).takeUnretainedValue()
          if let text = unsafe entry.pointee.desc { message.text = unsafe String(cString: text) }
          return 0
        }, Unmanaged.passUnretained(message).toOpaque())
    }
    H5Eclear2(0)
    let line = message.text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return .hdf5(code, line.isEmpty ? what : "\(what): \(line)")
  }

  /// - Throws: what ``failure(_:_:)`` makes of the library's last complaint, when `status` is negative.
  @discardableResult
  static func check<Status: SignedInteger>(
    _ status: Status, _ what: @autoclosure () -> String, _ code: IOLinkError.Code = .malformed
  ) throws(IOLinkError) -> Status {
    guard status >= 0 else { throw failure(what(), code) }
    return status
  }
}

/// An identifier of the library, released when the handle is destroyed. Handles are created and destroyed under the lock.
struct HDF5Handle: ~Copyable {
  let id: hid_t

  /// - Throws: `malformed` with the library's reason when it returned an error instead of an identifier.
  init(_ id: hid_t, _ what: @autoclosure () -> String) throws(IOLinkError) {
    self.id = try LibHDF5.check(id, what())
  }

  deinit { H5Idec_ref(id) }
}
