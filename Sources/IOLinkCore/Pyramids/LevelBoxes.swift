/// A part of a level whose elements arrive one after another: whole chunks, with even lengths along the axes that are halved next.
struct LevelBox: Sendable {
  let ordinal: Int
  let region: Region
  /// Holds the elements of `region`, dense in the order of the grid, and has room for those of the largest box.
  let block: MemoryBlock
}

/// The boxes of one level that are not complete yet. They are in memory up to a bound, and then in a temporary file.
final class LevelBoxes {
  private struct Pending {
    var block: MemoryBlock?
    /// The place in the temporary file, once the box was there.
    var slot: Int?
    /// The number of components that are still to come.
    var missing: Int
    var lastUse: Int
  }

  /// How the level is cut into boxes.
  let grid: ChunkGrid
  private let byteCount: Int
  private let memory: LevelMemory
  private var pending: [Int: Pending] = [:]
  private var free: [MemoryBlock] = []
  private var stream: (any StreamAccess)?
  private var slotCount = 0
  private var freeSlots: [Int] = []
  private var clock = 0

  init(_ grid: ChunkGrid, _ componentType: ComponentType, _ memory: LevelMemory) {
    self.grid = grid
    self.memory = memory
    byteCount = grid.chunkShape.reduce(componentType.byteCount, *)  // ChunkGrid has checked the product
  }

  /// Whether all elements of the level have arrived.
  var isEmpty: Bool { pending.isEmpty }

  /// The pieces into which boxes cut a region.
  func pieces(of region: Region) -> [Region] {
    Array(Partition(grid.shape, first: grid.chunkShape, length: grid.chunkShape).pieces(of: region))
  }

  /// Returns the box that has a piece, which is about to be filled.
  ///
  /// - Throws: `io` when it is in the temporary file and cannot be read.
  func box(around piece: Region) throws(IOLinkError) -> LevelBox {
    let box = grid.chunk(at: position(of: piece))
    let region = grid.region(of: box)
    clock += 1
    var entry = pending[box.ordinal] ?? Pending(missing: region.size.reduce(1, *), lastUse: clock)
    entry.lastUse = clock
    let block = if let present = entry.block { present } else { try load(entry.slot) }
    entry.block = block
    pending[box.ordinal] = entry
    return LevelBox(ordinal: box.ordinal, region: region, block: block)
  }

  /// Counts pieces that were filled, and hands out the boxes that are complete now, in ascending ordinal.
  func complete(_ pieces: [Region]) -> [LevelBox] {
    var complete: [LevelBox] = []
    for piece in pieces {
      let box = grid.chunk(at: position(of: piece))
      pending[box.ordinal]?.missing -= piece.size.reduce(1, *)
      guard let entry = pending[box.ordinal], entry.missing == 0, let block = entry.block else { continue }
      pending[box.ordinal] = nil
      if let slot = entry.slot { freeSlots.append(slot) }
      complete.append(LevelBox(ordinal: box.ordinal, region: grid.region(of: box), block: block))
    }
    return complete.ordered { $0.ordinal < $1.ordinal }
  }

  /// Takes back the memory of boxes that have been written.
  func recycle(_ boxes: [LevelBox]) {
    for box in boxes {
      let isKept = (free.count + 1) * byteCount <= Self.keptByteCount
      if isKept { free.append(box.block) } else { memory.held -= byteCount }
    }
  }

  /// Moves boxes to the temporary file, those first that were not used for the longest time, until the levels keep to their memory.
  ///
  /// - Throws: `io` when the file cannot be written.
  func keepWithinMemory() throws(IOLinkError) {
    guard memory.held > memory.limit, let storage = memory.storage else { return }
    memory.held -= free.count * byteCount
    free = []
    for (ordinal, entry) in pending.ordered(by: { $0.value.lastUse < $1.value.lastUse }) {
      guard memory.held > memory.limit else { return }
      guard let block = entry.block else { continue }
      let stream = if let present = self.stream { present } else { try storage.makeStream() }
      self.stream = stream
      let slot = entry.slot ?? freeSlots.popLast() ?? slotCount
      if slot == slotCount { slotCount += 1 }
      try block.withBytes { bytes throws(IOLinkError) in try stream.write(bytes, at: try Checked.multiply(slot, byteCount)) }
      pending[ordinal]?.slot = slot
      pending[ordinal]?.block = nil
      memory.held -= byteCount
    }
  }

  private static let keptByteCount = 16 << 20

  private func position(of piece: Region) -> AxisVector {
    var position = piece.origin
    for axis in 0..<position.count { position[axis] /= grid.chunkShape[axis] }
    return position
  }

  private func load(_ slot: Int?) throws(IOLinkError) -> MemoryBlock {
    let block: MemoryBlock
    if let last = free.popLast() {
      block = last
    } else {
      block = MemoryBlock(allocating: byteCount, isZeroed: .uninitialized)
      memory.held += byteCount
    }
    guard let slot, let stream else { return block }
    try stream.seek(to: Checked.multiply(slot, byteCount))
    try block.withMutableBytes { bytes throws(IOLinkError) in try stream.readAll(into: &bytes) }
    return block
  }
}

/// The memory that all levels of an image share.
final class LevelMemory {
  let limit: Int
  let storage: (any TemporaryStorage)?
  /// The bytes of all boxes in memory.
  var held = 0

  init(limit: Int, storage: (any TemporaryStorage)?) {
    self.limit = limit
    self.storage = storage
  }
}
