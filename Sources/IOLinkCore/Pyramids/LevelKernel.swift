/// Carries out a ``LevelPlan`` for one type of component.
///
/// The caller vouches for every element of the plan on both sides, for 16 bytes of `sums` per element of a line, and for components that are
/// aligned in memory; loads and stores are unaligned all the same.
@unsafe
struct LevelKernel {
  let plan: LevelPlan
  let source: UnsafeRawPointer
  let target: UnsafeMutableRawPointer
  let sums: UnsafeMutableRawPointer
  let takesMode: Bool

  /// Visits all lines of the coarser level, each with the up to four lines of the finer one that become it.
  func run<Component: LevelComponent>(_: Component.Type) {
    let others = unsafe plan.others
    var position = [Int](repeating: 0, count: others.count)
    var lines: [Int] = []
    lines.reserveCapacity(4)
    while true {
      var offset = 0
      lines.removeAll(keepingCapacity: true)
      lines.append(0)
      for (axis, index) in zip(others, position) {
        offset += index * axis.target
        let first = (axis.isHalved ? 2 * index : index) * axis.source
        for line in lines.indices { lines[line] += first }
        if axis.isHalved { lines += lines.map { $0 + axis.source } }
      }
      if unsafe takesMode {
        unsafe reduceByMode(lines, offset, Component.self)
      } else {
        unsafe reduceByMean(lines, offset, Component.self)
      }
      var axis = 0
      while axis < others.count {
        position[axis] += 1
        if position[axis] < others[axis].length { break }
        position[axis] = 0
        axis += 1
      }
      if axis == others.count { return }
    }
  }

  @inline(__always)
  private func reduceByMean<Component: LevelComponent>(_ lines: [Int], _ offset: Int, _: Component.Type) {
    let size = MemoryLayout<Component>.size
    let (pairs, run) = unsafe (plan.pairs, plan.run)
    let isDense = pairs.source == run * size
    let (parts, count) = isDense ? (1, 2 * pairs.length * run) : (2 * pairs.length, run)
    for part in 0..<parts {
      let sums = unsafe self.sums + part &* count &* MemoryLayout<Component.Sum>.stride
      unsafe Self.add(lines, source + part &* pairs.source, count, to: sums, Component.self)
    }
    let shift = lines.count.trailingZeroBitCount + 1
    let target = unsafe self.target + offset
    switch run {
    case 1: unsafe pair(target, 1, shift, Component.self)
    case 3: unsafe pair(target, 3, shift, Component.self)
    default: unsafe pair(target, run, shift, Component.self)
    }
  }

  /// Adds components of one, two or four lines. The loops vectorise.
  @inline(__always)
  private static func add<Component: LevelComponent>(
    _ lines: [Int], _ source: UnsafeRawPointer, _ count: Int, to sums: UnsafeMutableRawPointer, _: Component.Type
  ) {
    let (size, sumSize) = (MemoryLayout<Component>.size, MemoryLayout<Component.Sum>.stride)
    let first = unsafe source + lines[0]
    guard lines.count > 1 else {
      for index in 0..<count {
        let sum = Component.add(Component.zero, unsafe first.loadUnaligned(fromByteOffset: index &* size, as: Component.self))
        unsafe sums.storeBytes(of: sum, toByteOffset: index &* sumSize, as: Component.Sum.self)
      }
      return
    }
    let second = unsafe source + lines[1]
    for index in 0..<count {
      let one = Component.add(Component.zero, unsafe first.loadUnaligned(fromByteOffset: index &* size, as: Component.self))
      let sum = Component.add(one, unsafe second.loadUnaligned(fromByteOffset: index &* size, as: Component.self))
      unsafe sums.storeBytes(of: sum, toByteOffset: index &* sumSize, as: Component.Sum.self)
    }
    for line in lines.dropFirst(2) {
      let next = unsafe source + line
      for index in 0..<count {
        let before = unsafe sums.loadUnaligned(fromByteOffset: index &* sumSize, as: Component.Sum.self)
        let sum = Component.add(before, unsafe next.loadUnaligned(fromByteOffset: index &* size, as: Component.self))
        unsafe sums.storeBytes(of: sum, toByteOffset: index &* sumSize, as: Component.Sum.self)
      }
    }
  }

  /// Makes a line of means from the sums: pairs become one.
  @inline(__always)
  private func pair<Component: LevelComponent>(_ target: UnsafeMutableRawPointer, _ run: Int, _ shift: Int, _: Component.Type) {
    let (size, sumSize) = (MemoryLayout<Component>.size, MemoryLayout<Component.Sum>.stride)
    let (sums, pairs) = unsafe (self.sums, plan.pairs)
    for index in 0..<pairs.length {
      for part in 0..<run {
        let place = 2 &* index &* run &+ part
        let sum = unsafe Component.add(
          sums.loadUnaligned(fromByteOffset: place &* sumSize, as: Component.Sum.self),
          sums.loadUnaligned(fromByteOffset: (place &+ run) &* sumSize, as: Component.Sum.self))
        unsafe target.storeBytes(
          of: Component.mean(sum, shift: shift), toByteOffset: index &* pairs.target &+ part &* size, as: Component.self)
      }
    }
  }

  @inline(__always)
  private func reduceByMode<Component: LevelComponent>(_ lines: [Int], _ offset: Int, _: Component.Type) {
    let size = MemoryLayout<Component>.size
    let (pairs, run) = unsafe (plan.pairs, plan.run)
    unsafe withUnsafeTemporaryAllocation(of: Component.self, capacity: 8) { values in
      for index in 0..<pairs.length {
        for part in 0..<run {
          var count = 0
          for step in 0..<2 {
            for line in lines {
              let place = line &+ (2 &* index &+ step) &* pairs.source &+ part &* size
              unsafe values[count] = source.loadUnaligned(fromByteOffset: place, as: Component.self)
              count += 1
            }
          }
          unsafe target.storeBytes(
            of: Self.mode(values, count), toByteOffset: offset &+ index &* pairs.target &+ part &* size, as: Component.self)
        }
      }
    }
  }

  /// The most frequent of 1 to 8 values; of several, the smallest.
  @inline(__always)
  private static func mode<Component: LevelComponent>(_ values: UnsafeMutableBufferPointer<Component>, _ count: Int) -> Component {
    var (best, most) = unsafe (values[0], 0)
    for index in 0..<count {
      let value = unsafe values[index]
      var equal = 0
      for other in 0..<count where unsafe values[other].isSame(as: value) { equal += 1 }
      guard equal > most || equal == most && value.isSmaller(than: best) else { continue }
      (best, most) = (value, equal)
    }
    return best
  }
}
