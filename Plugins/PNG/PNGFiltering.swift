internal import IOLinkCore

/// Filters rows before they are compressed: the hot loop of writing.
struct PNGFiltering: Sendable {
  /// `nil` chooses for each row the filter whose result has the smallest sum of absolute values.
  ///
  /// Source of the rule: PNG (third edition), section 12.7.
  let filter: PNGFilter?
  /// Without the filter type in front.
  let rowByteCount: Int
  /// Bytes of a pixel, at least 1.
  let distance: Int

  /// Filters rows that lie one behind the other, without looking at what precedes them: the first one is only compared
  /// with itself.
  ///
  /// - Parameter rows: Whole rows as PNG stores them.
  /// - Returns: The rows, each behind its filter type.
  func apply(to rows: RawSpan) -> [UInt8] {
    let count = rows.byteCount / rowByteCount
    precondition(rows.byteCount == count * rowByteCount)
    return unsafe [UInt8](unsafeUninitializedCapacity: count * (rowByteCount + 1)) { output, written in
      unsafe rows.withUnsafeBytes { input in
        guard let from = input.baseAddress, let to = output.baseAddress else { return }
        var candidates = Candidates(rowByteCount: rowByteCount, distance: distance)
        for row in 0..<count {
          // Row `row` of both, which hold `count` rows.
          unsafe candidates.take(from + row * rowByteCount)
          unsafe candidates.put(row == 0 ? firstRow : filter, first: row == 0, to + row * (rowByteCount + 1))
        }
      }
      written = count * (rowByteCount + 1)
    }
  }

  /// The filter of a first row: one that needs no row above gives what it would give with zeros there.
  private var firstRow: PNGFilter? { filter.map { $0 == .none ? .none : .sub } }
}

/// A row, the row above, and what the filters make of it.
private struct Candidates {
  private let count: Int
  private let distance: Int
  /// Rows behind `distance` zeros.
  private var row: [UInt8]
  private var above: [UInt8]
  private var trial: [UInt8]
  private var best: [UInt8]

  init(rowByteCount: Int, distance: Int) {
    count = rowByteCount
    self.distance = distance
    row = [UInt8](repeating: 0, count: distance + rowByteCount)
    above = row
    trial = [UInt8](repeating: 0, count: rowByteCount)
    best = trial
  }

  /// The next row: `count` bytes.
  mutating func take(_ bytes: UnsafeRawPointer) {
    swap(&row, &above)
    // The buffer has room for `count` bytes behind the zeros.
    unsafe row.withUnsafeMutableBytes { buffer in
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[distance...])
        .copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: count))
    }
  }

  /// Writes a filter type and the filtered row: 1 + `count` bytes.
  mutating func put(_ filter: PNGFilter?, first: Bool, _ target: UnsafeMutablePointer<UInt8>) {
    var chosen = filter ?? .none
    if let filter {
      run(filter)
      swap(&trial, &best)
    } else {
      var smallest = Int.max
      for candidate in first ? [PNGFilter.none, .sub] : PNGFilter.allCases {
        run(candidate)
        let size = magnitude
        guard size < smallest else { continue }
        smallest = size
        chosen = candidate
        swap(&trial, &best)
      }
    }
    unsafe target.pointee = chosen.rawValue
    unsafe best.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      // `count` bytes in both; the target is another's memory.
      unsafe (target + 1).update(from: base, count: count)
    }
  }

  /// The sum of the filtered bytes, each taken as a signed number without its sign.
  private var magnitude: Int {
    unsafe trial.withUnsafeBufferPointer { bytes in
      var sum = 0
      var start = 0
      while start < count {
        // 4096 × 128 fits easily in 32 bits; indices are less than `count`.
        let end = min(count, start + 4096)
        var part: UInt32 = 0
        for index in start..<end {
          let byte = unsafe bytes[index]
          part &+= UInt32(min(byte, 0 &- byte))
        }
        sum += Int(part)
        start = end
      }
      return sum
    }
  }

  /// Filters the row into `trial`.
  private mutating func run(_ filter: PNGFilter) {
    unsafe row.withUnsafeBufferPointer { row in
      unsafe above.withUnsafeBufferPointer { above in
        unsafe trial.withUnsafeMutableBufferPointer { trial in
          guard let x = row.baseAddress, let b = above.baseAddress, let result = trial.baseAddress else { return }
          // `count` bytes of each, from `distance` on in the two rows: all indices are less than count + distance.
          unsafe Self.run(filter, x + distance, left: x, above: b + distance, aboveLeft: b, result, count)
        }
      }
    }
  }

  private static func run(
    _ filter: PNGFilter, _ row: UnsafePointer<UInt8>, left: UnsafePointer<UInt8>, above: UnsafePointer<UInt8>,
    aboveLeft: UnsafePointer<UInt8>, _ result: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    // `count` bytes lie behind each pointer.
    switch filter {
    case .none: unsafe result.update(from: row, count: count)
    case .sub: for index in 0..<count { unsafe result[index] = row[index] &- left[index] }
    case .up: for index in 0..<count { unsafe result[index] = row[index] &- above[index] }
    case .average:
      for index in 0..<count {
        let (a, b) = unsafe (left[index], above[index])
        unsafe result[index] = row[index] &- ((a & b) &+ ((a ^ b) &>> 1))
      }
    case .paeth:
      for index in 0..<count {
        let prediction = unsafe paeth(left[index], above[index], aboveLeft[index])
        unsafe result[index] = row[index] &- prediction
      }
    }
  }

  /// As ``PNGFilter/paeth(_:_:_:)``, with bytes only, so that sixteen fit a register.
  @inline(__always)
  private static func paeth(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt8 {
    let distanceLeft = max(b, c) &- min(b, c)
    let distanceAbove = max(a, c) &- min(a, c)
    // a + b − 2c: where both lie on one side of c, it is further away than either.
    let between = max(distanceLeft, distanceAbove) &- min(distanceLeft, distanceAbove)
    let distanceBoth = (b >= c) == (a >= c) ? 255 : between
    let upper = distanceAbove <= distanceBoth ? b : c
    return distanceLeft <= min(distanceAbove, distanceBoth) ? a : upper
  }
}
