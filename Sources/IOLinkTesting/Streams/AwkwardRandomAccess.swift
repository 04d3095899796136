public import IOLinkCore
import Synchronization

/// Bytes as an unpleasant file gives them: no memory, reads that are served in small pieces, and failure on demand.
public final class AwkwardRandomAccess: RandomAccess {
  private let bytes: [UInt8]
  private let pieceByteCount: Int
  private let failingRead: Int?
  private let reads = Atomic<Int>(0)
  private let isOpen = Atomic<Bool>(true)
  public let identity: SourceIdentity

  /// - Parameters:
  ///   - pieceByteCount: A read is put together from pieces of at most so many bytes.
  ///   - failingRead: The number of the read that fails with `io`, counted from 0, and all behind it; `nil` is none.
  public init(_ bytes: [UInt8], pieceByteCount: Int = 7, failingRead: Int? = nil) {
    self.bytes = bytes
    self.pieceByteCount = max(1, pieceByteCount)
    self.failingRead = failingRead
    identity = .unique(byteCount: bytes.count)
  }

  public var byteCount: Int { bytes.count }
  public var capabilities: StreamCapabilities { .read }
  /// How many reads there were.
  public var readCount: Int { reads.load(ordering: .relaxed) }

  public func read(at offset: Int, into span: inout MutableRawSpan) throws(IOLinkError) {
    guard isOpen.load(ordering: .relaxed) else {
      throw IOLinkError(.invalidArgument, "the source is closed")
    }
    let number = reads.wrappingAdd(1, ordering: .relaxed).oldValue
    if let failingRead, number >= failingRead {
      throw IOLinkError(.io, "read \(number) fails on purpose", offset: offset)
    }
    try validate(offset: offset, byteCount: span.byteCount)
    var done = 0
    while done < span.byteCount {
      let count = min(pieceByteCount, span.byteCount - done)
      let piece = Array(bytes[(offset + done)..<(offset + done + count)])
      span.copy(from: unsafe piece.span.bytes, at: done)  // bytes have no padding
      done += count
    }
  }

  public func close() { isOpen.store(false, ordering: .relaxed) }
}
