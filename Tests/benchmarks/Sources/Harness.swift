import IOLinkCore

/// Measures closures and prints one line for each: name, median time, output rate, and the ratio to a copy of the same size.
///
/// The ratio compares with the rate of copying equally many bytes between two resident blocks in the same run, so a busy machine
/// distorts it less than the rate. Only benchmarks whose name contains the filter run.
struct Harness {
  let filter: String
  private var copyRates: [Int: Double] = [:]

  init(filter: String) {
    self.filter = filter
  }

  /// - Parameters:
  ///   - byteCount: The bytes that one operation writes; 0 prints only the time.
  ///   - operations: The number of operations that `body` performs. Choose it so that one call takes at least 100 µs.
  mutating func measure(
    _ name: String, byteCount: Int, operations: Int = 1, _ body: () throws -> Void
  ) rethrows {
    guard filter.isEmpty || name.contains(filter) else { return }
    let nanoseconds = try median(body) / Double(operations)
    var line = name.padded(to: 48) + nanoseconds.formatted(digits: nanoseconds < 1000 ? 1 : 0).padded(to: -14) + " ns/op"
    if byteCount > 0 {
      let rate = Double(byteCount) / nanoseconds
      let copyRate = rateOfCopying(byteCount)
      line += rate.formatted(digits: 2).padded(to: -9) + " GB/s"
      line += (rate / copyRate).formatted(digits: 2).padded(to: -8) + " × memcpy"
    }
    print(line)
  }

  /// The time of one call in nanoseconds: the median of at least 5 calls, and of as many as fit in 0.4 s.
  private func median(_ body: () throws -> Void) rethrows -> Double {
    try body()
    let clock = ContinuousClock()
    let start = clock.now
    var samples: [Double] = []
    while samples.count < 5 || (clock.now - start < .milliseconds(400) && samples.count < 1000) {
      let elapsed = try clock.measure(body)
      samples.append(Double(elapsed.components.attoseconds) / 1e9 + Double(elapsed.components.seconds) * 1e9)
    }
    samples.sort()
    return samples[samples.count / 2]
  }

  /// The rate of copying blocks of this size in GB/s, measured once per size.
  private mutating func rateOfCopying(_ byteCount: Int) -> Double {
    if let known = copyRates[byteCount] { return known }
    let source = MemoryBlock(allocating: byteCount)
    let destination = MemoryBlock(allocating: byteCount)
    let repeats = Swift.max(1, (1 << 20) / byteCount)
    let nanoseconds = median {
      for _ in 0..<repeats {
        source.withBytes { from in destination.withMutableBytes { to in to.copy(from: from) } }
      }
    }
    let rate = Double(byteCount * repeats) / nanoseconds
    copyRates[byteCount] = rate
    return rate
  }
}

extension String {
  /// Pads the text with spaces at the end, or at the beginning if `width` is negative.
  func padded(to width: Int) -> String {
    let fill = String(repeating: " ", count: Swift.max(0, abs(width) - count))
    return width < 0 ? fill + self : self + fill
  }
}

extension Double {
  /// Formats a number in fixed point with `digits` decimals.
  func formatted(digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((self * scale).rounded())
    guard digits > 0 else { return String(scaled) }
    let text = String(repeating: "0", count: Swift.max(0, digits + 1 - String(scaled).count)) + String(scaled)
    return text.dropLast(digits) + "." + text.suffix(digits)
  }
}
