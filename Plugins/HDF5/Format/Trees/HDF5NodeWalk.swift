import IOLinkCore

/// The nodes that a walk over a tree has met.
///
/// In a valid file no two nodes share bytes, so a walk has an end and reads at most as much as the file has. A damaged file could lead to
/// the same bytes again and again.
struct HDF5NodeWalk {
  private var addresses: Set<Int> = []
  private var byteCount = 0

  /// Notes a node before what lies below it is visited.
  ///
  /// - Throws: `malformed` when the walk has met the node already, or more nodes than fit in the file.
  mutating func enter(_ address: Int, byteCount: Int, _ name: String, in file: HDF5Bytes) throws(IOLinkError) {
    guard addresses.insert(address).inserted else {
      throw .hdf5(.malformed, "\(name): two nodes lead to the one at \(address)", at: file.base &+ address)
    }
    self.byteCount = try Checked.add(self.byteCount, byteCount)
    guard self.byteCount <= file.byteCount else {
      throw .hdf5(
        .malformed, "\(name): its nodes have \(self.byteCount) bytes, the file has \(file.byteCount)", at: file.base &+ address)
    }
  }
}
