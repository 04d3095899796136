/// Filters rows before they are compressed. This is the hot loop of writing.
package struct PNGFiltering: Sendable {
  /// The filter of all rows. With `nil`, each row gets the filter whose result has the smallest sum of absolute values.
  ///
  /// Source of this rule: PNG (third edition), section 12.7.
  let filter: PNGFilter?
  /// The number of bytes in a row, without the filter type.
  let rowByteCount: Int
  /// The number of bytes in a pixel, at least 1.
  let distance: Int

  package init(filter: PNGFilter?, rowByteCount: Int, distance: Int) {
    self.filter = filter
    self.rowByteCount = rowByteCount
    self.distance = distance
  }

  /// Filters consecutive rows. The first row is predicted only from itself, because the row before it is not known here.
  ///
  /// - Parameter rows: Whole rows as PNG stores them.
  /// - Returns: The filtered rows, each preceded by its filter type.
  package func apply(to rows: RawSpan) -> [UInt8] {
    let count = rows.byteCount / rowByteCount
    precondition(rows.byteCount == count * rowByteCount)
    return unsafe [UInt8](unsafeUninitializedCapacity: count * (rowByteCount + 1)) { output, written in
      unsafe rows.withUnsafeBytes { input in
        guard let from = input.baseAddress, let to = output.baseAddress else { return }
        var candidates = Candidates(rowByteCount: rowByteCount, distance: distance)
        for row in 0..<count {
          // Both buffers hold `count` rows, and `row` is below `count`.
          unsafe candidates.take(from + row * rowByteCount)
          unsafe candidates.put(row == 0 ? firstRow : filter, first: row == 0, to + row * (rowByteCount + 1))
        }
      }
      written = count * (rowByteCount + 1)
    }
  }

  /// The filter of the first row, which must not use the row above.
  private var firstRow: PNGFilter? { filter.map { $0 == .none ? .none : .sub } }
}

/// A row, the row above it, and the results of the filters.
private struct Candidates {
  private let count: Int
  private let distance: Int
  /// The two rows, each preceded by `distance` zeros.
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

  /// Copies the next row, `count` bytes, and makes the current row the one above.
  mutating func take(_ bytes: UnsafeRawPointer) {
    swap(&row, &above)
    // The buffer has room for `count` bytes after the zeros.
    unsafe row.withUnsafeMutableBytes { buffer in
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[distance...])
        .copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: count))
    }
  }

  /// Writes the filter type and the filtered row, 1 + `count` bytes in total.
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
      // Both have `count` bytes, and the target does not overlap with this structure's arrays.
      unsafe (target + 1).update(from: base, count: count)
    }
  }

  /// The sum of the absolute values of the filtered bytes, each taken as a signed number.
  private var magnitude: Int {
    unsafe trial.withUnsafeBufferPointer { bytes in
      var sum = 0
      var start = 0
      while start < count {
        // The sum of 4096 × 128 fits in 32 bits, and indices are less than `count`.
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
          // All three have `count` bytes, in the two rows starting at `distance`, so all indices are less than count + distance.
          unsafe Self.run(filter, x + distance, left: x, above: b + distance, aboveLeft: b, result, count)
        }
      }
    }
  }

  private static func run(
    _ filter: PNGFilter, _ row: UnsafePointer<UInt8>, left: UnsafePointer<UInt8>, above: UnsafePointer<UInt8>,
    aboveLeft: UnsafePointer<UInt8>, _ result: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    // Each pointer refers to at least `count` bytes.
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

  /// The same as ``PNGFilter/paeth(_:_:_:)``, computed with bytes only so that sixteen of them fit in a vector register.
  @inline(__always)
  private static func paeth(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt8 {
    let distanceLeft = max(b, c) &- min(b, c)
    let distanceAbove = max(a, c) &- min(a, c)
    // The distance to a + b − 2c. If a and b are on the same side of c, it is larger than either of the other two.
    let between = max(distanceLeft, distanceAbove) &- min(distanceLeft, distanceAbove)
    let distanceBoth = (b >= c) == (a >= c) ? 255 : between
    let upper = distanceAbove <= distanceBoth ? b : c
    return distanceLeft <= min(distanceAbove, distanceBoth) ? a : upper
  }
}
