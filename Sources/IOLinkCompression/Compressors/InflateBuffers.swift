internal import CISAL
internal import CZlib

/// What the streams of zlib and of ISA-L have alike: where the next input is, where the next output goes, and how much there is of both.
protocol InflateBuffers {
  var next_in: UnsafeMutablePointer<UInt8>! { get set }
  var avail_in: UInt32 { get set }
  var next_out: UnsafeMutablePointer<UInt8>! { get set }
  var avail_out: UInt32 { get set }
}

extension z_stream: InflateBuffers {}
extension inflate_state: InflateBuffers {}

extension UnsafeMutablePointer where Pointee: InflateBuffers {
  /// Runs one step over what has not been used yet of buffers of any size, as much of it as fits the 32-bit counters.
  ///
  /// - Parameters:
  ///   - decoded: How much of the buffers earlier steps have used.
  ///   - body: Decodes, and returns the library's status.
  /// - Returns: The status, and how much of the buffers has been used now.
  func step(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, after decoded: Decoded, _ body: (Self) -> Int32
  ) -> (status: Int32, decoded: Decoded) {
    let given = Swift.min(source.count - decoded.consumed, Int(UInt32.max))
    let room = Swift.min(target.count - decoded.written, Int(UInt32.max))
    var nothing: UInt8 = 0
    // Null pointers are rejected, so an empty buffer is represented by the address of a local byte and a count of 0.
    let status = unsafe withUnsafeMutablePointer(to: &nothing) { nothing in
      // `given` and `room` bytes lie behind the two pointers. The libraries only read through next_in.
      unsafe pointee.next_in =
        source.baseAddress.map {
          unsafe UnsafeMutablePointer<UInt8>(mutating: ($0 + decoded.consumed).assumingMemoryBound(to: UInt8.self))
        } ?? nothing
      unsafe pointee.avail_in = UInt32(given)
      unsafe pointee.next_out = target.baseAddress.map { unsafe ($0 + decoded.written).assumingMemoryBound(to: UInt8.self) } ?? nothing
      unsafe pointee.avail_out = UInt32(room)
      return unsafe body(self)
    }
    let written = unsafe decoded.written + room - Int(pointee.avail_out)
    let consumed = unsafe decoded.consumed + given - Int(pointee.avail_in)
    return (status, Decoded(written: written, consumed: consumed))
  }
}
