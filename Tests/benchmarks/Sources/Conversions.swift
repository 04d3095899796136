import IOLinkCore

/// Conversions between component types, of 16 Mi components each, in GB/s of output.
func benchmarkConversions(_ harness: inout Harness) throws {
  let casts: [(ComponentType, ComponentType)] = [
    (.uint8, .uint16), (.uint16, .uint8), (.int16, .uint16), (.uint16, .float32), (.uint8, .float32), (.float32, .uint16),
    (.float32, .uint8), (.float32, .int32), (.float64, .float32), (.float32, .float64), (.float64, .uint16),
    (.float32, .float16), (.float16, .float32), (.int64, .int32), (.uint64, .uint8), (.float64, .int64), (.boolean, .uint8),
    (.float32, .complex64),
  ]
  for (source, target) in casts {
    try harness.measureConversion("convert/\(source) to \(target)", source, target, .cast)
  }
  let maps: [(ComponentType, ComponentType)] = [(.uint16, .uint8), (.uint8, .uint16), (.float32, .uint8), (.uint16, .float32)]
  for (source, target) in maps {
    try harness.measureConversion(
      "rescale/\(source) to \(target)", source, target,
      .linear(inputRange: source.fullRange, outputRange: target.fullRange))
  }
}

extension Harness {
  mutating func measureConversion(
    _ name: String, _ source: ComponentType, _ target: ComponentType, _ mode: ValueConversion.Mode
  ) throws {
    guard filter.isEmpty || name.contains(filter) else { return }
    let count = 16 << 20
    let from = MemoryBlock(allocating: count * source.byteCount)
    let to = MemoryBlock(allocating: count * target.byteCount)
    try measure(name, byteCount: to.byteCount) {
      try from.withBytes { bytes throws(IOLinkError) in
        try to.withMutableBytes { result throws(IOLinkError) in
          try ValueConversion.convert(bytes, as: source, to: &result, as: target, mode: mode)
        }
      }
    }
  }
}
