import IOLinkCore
import IOLinkCompression

/// The filter pipeline of a dataset, which converts stored chunks to elements.
///
/// Source: HDF5 File Format Specification 3.0, IV.A.2.l; the registry of filter plugins of The HDF Group.
struct HDF5Filters: Sendable {
  /// The filters in the order in which they were applied when writing, with their names for errors.
  private let steps: [(step: HDF5FilterStep, title: String)]
  /// The largest number of bytes that a chunk may have between two steps.
  private let capacity: Int

  /// - Parameters:
  ///   - chunkByteCount: The decoded size of a whole chunk.
  ///   - elementByteCount: The stored size of one element.
  ///   - decoders: The application's decoders.
  /// - Throws: `malformed` when parameters are impossible; `unsupported` when a filter, or something in its parameters, cannot be decoded.
  init(
    _ filters: [HDF5Filter], chunkByteCount: Int, elementByteCount: Int, decoders: HDF5FilterDecoders = .none
  ) throws(IOLinkError) {
    var steps: [(step: HDF5FilterStep, title: String)] = []
    for filter in filters {
      let step: HDF5FilterStep?
      do throws(IOLinkError) {
        step = try HDF5FilterStep(filter, elementByteCount: elementByteCount, decoders: decoders)
      } catch {
        throw .hdf5(error.code, "filter \(filter.title) (\(filter.id)): \(error.reason)")
      }
      guard let step else { throw filter.unsupported }
      steps.append((step, "\(filter.title) (\(filter.id))"))
    }
    self.steps = steps
    // Checksums make a chunk a little longer, and so do filters that cannot compress it.
    capacity = try Checked.add(chunkByteCount, chunkByteCount / 8 + 4096)
  }

  var isEmpty: Bool { steps.isEmpty }

  /// Undoes the filters of one chunk.
  ///
  /// - Parameters:
  ///   - stored: The chunk as stored.
  ///   - skipped: A mask in which bit i is set if filter i was not applied.
  ///   - elements: The buffer for the whole chunk, which is filled completely.
  /// - Throws: `malformed` when the chunk is damaged or decodes to a different number of bytes.
  func decode(
    _ stored: RawSpan, skipping skipped: UInt32, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let active = steps.indices.filter { $0 >= 32 || skipped & 1 << UInt32($0) == 0 }
    try undo(active[...], stored, &elements, workspace, depth: 0)
  }

  private func undo(
    _ rest: ArraySlice<Int>, _ bytes: RawSpan, _ elements: inout MutableRawSpan, _ workspace: ChunkWorkspace, depth: Int
  ) throws(IOLinkError) {
    guard let last = rest.last else {
      guard bytes.byteCount == elements.byteCount else {
        throw .hdf5(.malformed, "a chunk has \(bytes.byteCount) bytes, expected \(elements.byteCount)")
      }
      elements.copy(from: bytes)
      return
    }
    let (step, title) = steps[last]
    let before = rest.dropLast()
    if case .fletcher32 = step {
      let content = try Self.checkedByteCount(bytes)
      try undo(before, bytes.extracting(0..<content), &elements, workspace, depth: depth)
      return
    }
    if case .unchanged = step {
      try undo(before, bytes, &elements, workspace, depth: depth)
      return
    }
    if before.isEmpty {
      let count = try apply(step, title, bytes, into: &elements)
      guard count == elements.byteCount else {
        throw .hdf5(.malformed, "filter \(title) decodes to \(count) bytes, expected \(elements.byteCount)")
      }
      return
    }
    let size = step.keepsSize ? bytes.byteCount : step.decodedByteCount ?? capacity
    guard size <= capacity else {
      throw .hdf5(.malformed, "filter \(title) decodes to \(size) bytes, expected at most \(capacity)")
    }
    try Self.withBuffer(size, workspace, depth) { output throws(IOLinkError) in
      let count = try apply(step, title, bytes, into: &output)
      try undo(before, output.bytes.extracting(0..<count), &elements, workspace, depth: depth + 1)
    }
  }

  /// Lends a buffer. Each depth has its own, because they are lent at the same time.
  private static func withBuffer(
    _ byteCount: Int, _ workspace: ChunkWorkspace, _ depth: Int, _ body: (inout MutableRawSpan) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    switch depth {
    case 0: try workspace.scratch.withBytes(byteCount, body)
    case 1: try workspace.extra.withBytes(byteCount, body)
    default: try ScratchBuffer().withBytes(byteCount, body)
    }
  }

  /// Verifies the checksum in the last four bytes.
  ///
  /// - Returns: The number of bytes before the checksum.
  private static func checkedByteCount(_ bytes: RawSpan) throws(IOLinkError) -> Int {
    guard bytes.byteCount >= 4 else {
      throw .hdf5(.malformed, "a chunk has \(bytes.byteCount) bytes, expected at least the 4 of its checksum")
    }
    let content = bytes.extracting(0..<(bytes.byteCount - 4))
    let stored = try bytes.load(at: content.byteCount, as: UInt32.self, order: .little)
    guard Checksum.isFletcher32(stored, of: content) else {
      throw .hdf5(.malformed, "a chunk's Fletcher-32 checksum does not match its content")
    }
    return content.byteCount
  }

  private func apply(
    _ step: HDF5FilterStep, _ title: String, _ bytes: RawSpan, into output: inout MutableRawSpan
  ) throws(IOLinkError) -> Int {
    do throws(IOLinkError) {
      return try step.undo(bytes, into: &output)
    } catch {
      if error.code == .unsupported || error.code == .cancelled { throw error }
      // A chunk cannot hold more than the dataset states, so a larger one, or one that does not match, is damaged.
      throw .hdf5(.malformed, "filter \(title): \(error.reason)", cause: error.cause)
    }
  }
}
