/// The offsets that a walk has passed. Most walks only go forward, and cost one comparison for each step.
struct TIFFPassedOffsets {
  private var ascending: [Int] = []
  private var others: Set<Int> = []

  /// Returns whether the offset is new.
  mutating func insert(_ offset: Int) -> Bool {
    let place = ascending.firstIndex(after: offset)
    if place == ascending.count, ascending.last != offset {
      ascending.append(offset)
      return true
    }
    return (place == 0 || ascending[place - 1] != offset) && others.insert(offset).inserted
  }
}

extension [Int] {
  /// The index of the first of these numbers, which ascend, that is greater than `number`; their count without one.
  func firstIndex(after number: Int) -> Int {
    guard let last, last > number else { return count }
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
