public import IOLinkCore
import Synchronization

/// A byte source that behaves like an unpleasant file: it has no MEMORY_ACCESS, serves reads in small pieces, and fails on
/// demand.
public final class AwkwardRandomAccess: RandomAccess {
  private let bytes: [UInt8]
  private let pieceByteCount: Int
  private let failingRead: Int?
  private let reads = Atomic<Int>(0)
  private let isOpen = Atomic<Bool>(true)
  /// An identity that no other source has.
  public let identity: SourceIdentity

  /// Creates a source that holds the bytes.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - pieceByteCount: The largest number of bytes to copy at a time while serving a read.
  ///   - failingRead: The index of the first read that fails with `io`; every later read fails too. `nil` means that reads do
  ///     not fail.
  public init(_ bytes: [UInt8], pieceByteCount: Int = 7, failingRead: Int? = nil) {
    self.bytes = bytes
    self.pieceByteCount = max(1, pieceByteCount)
    self.failingRead = failingRead
    identity = .unique(byteCount: bytes.count)
  }

  /// The size of the content in bytes.
  public var byteCount: Int { bytes.count }
  /// READ only.
  public var capabilities: StreamCapabilities { .read }
  /// The number of reads so far, including those that failed; reads after ``close()`` do not count.
  public var readCount: Int { reads.load(ordering: .relaxed) }

  /// Fills all of `span` with the bytes from `offset` on.
  ///
  /// - Throws: `truncated` if the bytes end before `span` is filled, `io` if the read is one that fails on demand, and
  ///   `invalidArgument` after ``close()``.
  public func read(at offset: Int, into span: inout MutableRawSpan) throws(IOLinkError) {
    guard isOpen.load(ordering: .relaxed) else {
      throw IOLinkError(.invalidArgument, "the source is closed")
    }
    let number = reads.wrappingAdd(1, ordering: .relaxed).oldValue
    if let failingRead, number >= failingRead {
      throw IOLinkError(.io, "read \(number) fails, as the test asks", offset: offset)
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

  /// Makes later reads fail with `invalidArgument`.
  public func close() { isOpen.store(false, ordering: .relaxed) }
}
