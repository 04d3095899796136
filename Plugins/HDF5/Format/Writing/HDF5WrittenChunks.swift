import IOLinkCore

/// A chunk in the file: its ordinal in the grid of the dataset, its address and its size.
struct HDF5WrittenChunk: Sendable {
  let ordinal: Int
  let address: Int
  let byteCount: UInt32
}

/// The chunks of a dataset: first those that have their place from the beginning, then those that were stored one by one.
struct HDF5WrittenChunks: Sendable {
  /// Chunks that lie one behind the other by ordinal, all of one size.
  struct Placed: Hashable, Sendable {
    let address: Int
    let count: Int
    let chunkByteCount: UInt32

    /// Returns the address of a chunk; `nil` when it does not have a place.
    func address(of ordinal: Int) -> Int? { ordinal < count ? address + ordinal * Int(chunkByteCount) : nil }
  }

  let placed: Placed?
  /// In the order in which they were stored. A later one replaces an earlier one of the same ordinal.
  private var stored: [HDF5WrittenChunk] = []

  init(placed: Placed? = nil) { self.placed = placed }

  var count: Int { (placed?.count ?? 0) + stored.count }
  var isEmpty: Bool { count == 0 }

  mutating func add(_ chunk: HDF5WrittenChunk) { stored.append(chunk) }

  /// Puts the chunks in the order of their ordinals, with the latest of each.
  mutating func sort() {
    stored.sort { ($0.ordinal, $0.address) < ($1.ordinal, $1.address) }
    guard zip(stored, stored.dropFirst()).contains(where: { $0.ordinal == $1.ordinal }) else { return }
    var latest: [HDF5WrittenChunk] = []
    for chunk in stored {
      if latest.last?.ordinal == chunk.ordinal { latest.removeLast() }
      latest.append(chunk)
    }
    stored = latest
  }

  /// Returns a chunk by its place in the order. The ordinals of stored chunks are above those of placed ones.
  subscript(index: Int) -> HDF5WrittenChunk {
    guard let placed, let address = placed.address(of: index) else { return stored[index - (placed?.count ?? 0)] }
    return HDF5WrittenChunk(ordinal: index, address: address, byteCount: placed.chunkByteCount)
  }

  var last: HDF5WrittenChunk? { isEmpty ? nil : self[count - 1] }
}
