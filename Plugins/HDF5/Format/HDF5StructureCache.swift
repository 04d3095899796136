import IOLinkCore

/// Structures of a file that were read before, up to a number of bytes.
final class HDF5StructureCache<Key: Hashable & Sendable, Structure: Sendable>: Sendable {
  private struct State: Sendable {
    var structures: [Key: Structure] = [:]
    var byteCount = 0
  }

  private let state = Guarded(State(), renewal: { State() })
  private let capacity: Int
  private let size: @Sendable (Structure) -> Int

  /// - Parameters:
  ///   - capacity: The number of bytes to keep at most.
  ///   - size: Returns the size of a structure in bytes.
  init(byteCount capacity: Int, size: @escaping @Sendable (Structure) -> Int) {
    self.capacity = capacity
    self.size = size
  }

  /// Returns a structure, reading it only when it is not known yet.
  ///
  /// Two threads may read the same structure, because the lock is not held meanwhile.
  func structure(_ key: Key, _ read: () throws(IOLinkError) -> Structure) throws(IOLinkError) -> Structure {
    if let known = state.withLock({ $0.structures[key] }) { return known }
    let structure = try read()
    let byteCount = size(structure)
    guard byteCount <= capacity else { return structure }
    state.withLock { state in
      if state.byteCount > capacity - byteCount { state = State() }
      if state.structures.updateValue(structure, forKey: key) == nil { state.byteCount += byteCount }
    }
    return structure
  }
}
