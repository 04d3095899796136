import IOLinkCore

/// Strided copies through `PixelCopy`: transpositions, interleaving, byte order, small regions.
func benchmarkCopies(_ harness: inout Harness) throws {
  for componentType in [ComponentType.uint8, .uint16, .uint32, .uint64, .complex128] {
    let type = DataType(componentType)
    try harness.measureCopy("transpose/8192x8192/\(type)", [8192, 8192], type, order: [0, 1])
  }
  for type in [DataType.uint8, .uint16, .uint32, .uint64] {
    try harness.measureCopy("transpose/256x256 resident/\(type)", [256, 256], type, order: [0, 1], operations: 20)
  }
  try harness.measureCopy("transpose/8000x8000/uint16", [8000, 8000], .uint16, order: [0, 1])
  try harness.measureCopy("transpose/8192x8192/uint16 swapped", [8192, 8192], .uint16, order: [0, 1], swapping: .swap)
  try harness.measureCopy("transpose/4096x4096/uint8x3", [4096, 4096], try DataType(.uint8, componentCount: 3), order: [0, 1])
  try harness.measureCopy("transpose/xyz to zyx 512/uint16", [512, 512, 512], .uint16, order: [0, 1, 2])
  try harness.measureCopy("transpose/xyz to xzy 512/uint16", [512, 512, 512], .uint16, order: [1, 2, 0])

  for (componentType, count) in [(ComponentType.uint8, 3), (.uint8, 4), (.uint16, 3), (.uint16, 2), (.float32, 3)] {
    let type = try DataType(componentType, componentCount: count)
    let shape: Shape = [4096, 4096]
    let interleaved = try StridedLayout(dense: shape, type)
    let planar = StridedLayout(
      strides: [componentType.byteCount, 4096 * componentType.byteCount], componentStride: 4096 * 4096 * componentType.byteCount)
    try harness.measureCopy("planes/interleaved to planar/\(componentType)x\(count)", shape, type, interleaved, planar)
    try harness.measureCopy("planes/planar to interleaved/\(componentType)x\(count)", shape, type, planar, interleaved)
  }

  for componentType in [ComponentType.uint16, .uint32, .uint64] {
    let type = DataType(componentType)
    let dense = try StridedLayout(dense: [8192, 4096], type)
    try harness.measureCopy("byteswap/copy/\(type)", [8192, 4096], type, dense, dense, swapping: .swap)
    let block = MemoryBlock(allocating: 64 << 20)
    try harness.measure("byteswap/in place/\(type)", byteCount: block.byteCount) {
      try block.withMutableBytes { bytes throws(IOLinkError) in
        try PixelCopy.swapBytes(&bytes, width: componentType.swapWidth)
      }
    }
  }

  let dense = try StridedLayout(dense: [8192, 8192], .uint16)
  let upsideDown = StridedLayout(byteOffset: 8191 * 16384, strides: [2, -16384], componentStride: 2)
  let mirrored = StridedLayout(byteOffset: 16382, strides: [-2, 16384], componentStride: 2)
  try harness.measureCopy("flip/rows/uint16", [8192, 8192], .uint16, upsideDown, dense)
  try harness.measureCopy("flip/columns/uint16", [8192, 8192], .uint16, mirrored, dense)
  let halved = StridedLayout(strides: [4, 32768], componentStride: 2)
  try harness.measureCopy("subsample/every second/uint16", [4096, 4096], .uint16, halved, StridedLayout(dense: [4096, 4096], .uint16))

  let window = StridedLayout(byteOffset: 4096, strides: [2, 16384], componentStride: 2)
  try harness.measureCopy(
    "small/64x64 window/uint16", [64, 64], .uint16, window, StridedLayout(dense: [64, 64], .uint16), operations: 1000)
  try harness.measureCopy(
    "small/64x64 dense/uint16", [64, 64], .uint16, StridedLayout(dense: [64, 64], .uint16), StridedLayout(dense: [64, 64], .uint16),
    operations: 1000)
  try harness.measureCopy("small/8x8 window/uint16", [8, 8], .uint16, window, StridedLayout(dense: [8, 8], .uint16), operations: 1000)
}

extension Harness {
  /// Copies from a dense image with COLUMN fastest to one with this axis order, slowest first.
  mutating func measureCopy(
    _ name: String, _ shape: Shape, _ type: DataType, order: AxisVector, swapping: ByteSwap = .none,
    operations: Int = 1
  ) throws {
    try measureCopy(
      name, shape, type, StridedLayout(dense: shape, type), StridedLayout(dense: shape, type, order: order),
      swapping: swapping, operations: operations)
  }

  mutating func measureCopy(
    _ name: String, _ shape: Shape, _ type: DataType, _ source: StridedLayout, _ destination: StridedLayout,
    swapping: ByteSwap = .none, operations: Int = 1
  ) throws {
    guard filter.isEmpty || name.contains(filter) else { return }
    let from = MemoryBlock(allocating: try source.byteRange(of: shape, type).upperBound)
    let to = MemoryBlock(allocating: try destination.byteRange(of: shape, type).upperBound)
    try measure(name, byteCount: shape.byteCount(of: type), operations: operations) {
      try from.withBytes { bytes throws(IOLinkError) in
        try to.withMutableBytes { result throws(IOLinkError) in
          for _ in 0..<operations {
            try PixelCopy.copy(shape, type, from: bytes, source, to: &result, destination, swappingBytes: swapping)
          }
        }
      }
    }
  }
}
