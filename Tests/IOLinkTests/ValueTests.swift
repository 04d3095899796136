import IOLinkCore
import IOLinkTesting
import Testing

/// Types, shapes, regions, layouts and axes.
struct ValueTests {
  @Test(
    "Types are spelled as IOLink's DataTypeId and as NumPy's names, both ways",
    arguments: [
      ("BOOLEAN", "bool", 1), ("UINT8", "uint8", 1), ("UINT16", "uint16", 2),
      ("UINT32", "uint32", 4), ("UINT64", "uint64", 8),
      ("INT8", "int8", 1), ("INT16", "int16", 2), ("INT32", "int32", 4), ("INT64", "int64", 8),
      ("FLOAT16", "float16", 2),
      ("FLOAT", "float32", 4), ("DOUBLE", "float64", 8), ("COMPLEX_FLOAT", "complex64", 8),
      ("COMPLEX_DOUBLE", "complex128", 16),
    ])
  func typeNames(_ identifier: String, _ numpy: String, _ byteCount: Int) throws {
    let type = try wanted(DataType(named: identifier))
    #expect(type.identifier == identifier && type.numpyName == numpy && type.byteCount == byteCount)
    #expect(DataType(named: numpy) == type && DataType(named: identifier.lowercased()) == type)
    let vector = try wanted(DataType(named: "VEC3_\(identifier)"))
    #expect(
      vector.componentCount == 3 && vector.componentType == type.componentType
        && vector.byteCount == 3 * byteCount)
    #expect(vector.identifier == "VEC3_\(identifier)" && DataType(named: "\(numpy)x3") == vector)
    #expect(vector.component == type)
  }

  @Test(
    "Invalid names of types are refused",
    arguments: [
      "", "uint7", "VEC0_UINT8", "VEC_UINT8", "VEC3_", "uint8x0", "x3", "VEC65536_UINT8",
      "VEC-1_UINT8", "uint8x", "VEC2_UINT8x2",
    ])
  func noType(_ name: String) { #expect(DataType(named: name) == nil) }

  @Test("Which types hold every value of which others")
  func fits() {
    // As numpy.can_cast(a, b, "safe") for every pair, except for floats that cannot hold all integers of a type.
    let safe: [(ComponentType, [ComponentType])] = [
      (.boolean, ComponentType.allCases),
      (
        .uint8,
        [
          .uint8, .uint16, .uint32, .uint64, .int16, .int32, .int64, .float16, .float32, .float64,
          .complex64, .complex128,
        ]
      ),
      (
        .uint16,
        [.uint16, .uint32, .uint64, .int32, .int64, .float32, .float64, .complex64, .complex128]
      ),
      (.uint32, [.uint32, .uint64, .int64, .float64, .complex128]), (.uint64, [.uint64]),
      (
        .int8,
        [.int8, .int16, .int32, .int64, .float16, .float32, .float64, .complex64, .complex128]
      ),
      (.int16, [.int16, .int32, .int64, .float32, .float64, .complex64, .complex128]),
      (.int32, [.int32, .int64, .float64, .complex128]), (.int64, [.int64]),
      (.float16, [.float16, .float32, .float64, .complex64, .complex128]),
      (.float32, [.float32, .float64, .complex64, .complex128]),
      (.float64, [.float64, .complex128]), (.complex64, [.complex64, .complex128]),
      (.complex128, [.complex128]),
    ]
    for (type, targets) in safe {
      for target in ComponentType.allCases {
        #expect(type.fits(in: target) == targets.contains(target), "\(type) in \(target)")
      }
    }
  }

  @Test("File axes are brought into canonical order and back")
  func canonicalOrder() throws {
    let file = ["T", "C", "angle", "Z", "Y", "X"].enumerated().map {
      Axis(AxisRole($1), length: $0 + 2)
    }
    let properties = try ImageProperties(fileAxes: file)
    #expect(
      properties.axes.map(\.role.name) == [
        "column", "row", "slice", "channel", "sequence", "angle",
      ])
    #expect(properties.shape == [7, 6, 5, 3, 2, 4])
    #expect(properties.sourceOrder == [4, 3, 5, 2, 1, 0])
    #expect(properties.fileAxes == file)
    let unknown = try ImageProperties(fileAxes: [3, 4, 5].map { Axis(.unknown, length: $0) })
    #expect(unknown.shape == [3, 4, 5] && unknown.sourceOrder == [0, 1, 2])
    #expect(
      try ImageProperties(axes: [Axis(.column, length: 1), Axis(.row, length: 2)]).sourceOrder == [
        1, 0,
      ])
    #expect(ImageType(axes: [.column, .row, .channel]).name == "MULTISPECTRAL_IMAGE")
    #expect(ImageType(axes: [.row, .column]) == .unknown && ImageType(axes: []) == .unknown)
  }

  @Test("Inconsistent properties are refused")
  func badProperties() {
    func code(_ axes: [Axis], _ order: AxisVector? = nil) -> IOLinkError.Code? {
      do { _ = try ImageProperties(axes: axes, sourceOrder: order) } catch { return error.code }
      return nil
    }
    #expect(code([Axis(.row, length: 1), Axis(.column, length: 1)]) == .invalidArgument)
    #expect(code([Axis(.row, length: 1), Axis(AxisRole("y"), length: 1)]) == .invalidArgument)
    #expect(code([Axis(.row, length: -1)]) == .invalidArgument)
    #expect(code([Axis(.row, length: 1)], [1]) == .invalidArgument)
    #expect(code([Axis(.row, length: 1)], []) == .invalidArgument)
    #expect(code((0..<33).map { Axis(AxisRole("a\($0)"), length: 1) }) == .limitExceeded)
    #expect(code((0..<32).map { Axis(AxisRole("a\($0)"), length: 1) }) == nil)
  }

  @Test("Regions are half-open, lie inside the image, and never overflow")
  func regions() throws {
    for (origin, size) in [
      ([-1], [1]), ([0], [-1]), ([.max], [1]), ([1, 1], [1]), ([.max - 1], [2]),
    ] as [([Int], [Int])] {
      let error = #expect(throws: IOLinkError.self) {
        try Region(origin: AxisVector(origin), size: AxisVector(size))
      }
      #expect(error?.code == .invalidArgument)
    }
    let region = try Region(origin: [2, 3], size: [4, 0])
    #expect(region.isEmpty && region.range(along: 0) == 2..<6)
    #expect(throws: Never.self) { try region.validate(in: [6, 3]) }
    #expect(throws: IOLinkError.self) { try region.validate(in: [5, 3]) }
    #expect(throws: IOLinkError.self) { try region.validate(in: [6, 2]) }
    #expect(throws: IOLinkError.self) { try region.validate(in: [6]) }
    let common = try Region(origin: [0, 0], size: [4, 4]).intersection(
      Region(origin: [2, 6], size: [9, 1]))
    #expect(common.size == [2, 0] && common.isEmpty && common.origin[0] == 2)
    #expect(Region(of: []).isEmpty == false)
  }

  @Test("Counts of elements and bytes are checked for overflow")
  func counts() throws {
    #expect(try ([] as Shape).elementCount() == 1)
    #expect(try ([.max, 0, .max] as Shape).elementCount() == 0)
    #expect(try ([3, 4] as Shape).byteCount(of: .complex128) == 192)
    for shape in [[1 << 32, 1 << 31], [.max, 2]] as [Shape] {
      let error = #expect(throws: IOLinkError.self) { try shape.elementCount() }
      #expect(error?.code == .limitExceeded)
    }
    #expect(throws: IOLinkError.self) { try ([1 << 60] as Shape).byteCount(of: .float64) }
    #expect(throws: IOLinkError.self) { try ([-1] as Shape).elementCount() }
  }

  @Test(
    "Overlap: exact for nested strides",
    arguments: [
      ([4, 3], [1, 4], 1, 1, false), ([4, 3], [1, 3], 1, 1, true), ([4, 3], [0, 4], 1, 1, true),
      ([1, 3], [0, 4], 1, 1, false),
      ([4, 3], [-1, -4], 1, 1, false), ([4, 3], [2, 8], 2, 2, true),
      ([4, 3], [4, 16], 2, 2, false), ([4, 3], [2, 8], 2, 24, false),
      ([0, 3], [0, 0], 1, 1, false), ([4], [.min], 1, 1, true), ([1], [.min], 1, 1, false),
      ([2, 2], [.max, .max], 1, 1, true),
      ([4, 3], [2, 8], 2, .min, false),
    ] as [([Int], [Int], Int, Int, Bool)])
  func overlaps(
    _ shape: [Int], _ strides: [Int], _ components: Int, _ componentStride: Int, _ expected: Bool
  ) throws {
    let layout = StridedLayout(
      byteOffset: 100, strides: AxisVector(strides), componentStride: componentStride)
    #expect(
      layout.overlaps(
        AxisVector(shape),
        try DataType(components == 1 ? .uint8 : .uint16, componentCount: components)) == expected)
  }

  @Test("Byte ranges of signed strides, components, empty shapes and overflow")
  func byteRanges() throws {
    let rgb = try DataType(.uint16, componentCount: 3)
    #expect(
      try StridedLayout(byteOffset: 10, strides: [6, 24], componentStride: 2).byteRange(
        of: [4, 2], rgb) == 10..<58)
    #expect(
      try StridedLayout(byteOffset: 100, strides: [-6, 24], componentStride: 2).byteRange(
        of: [4, 2], rgb) == 82..<130)
    #expect(
      try StridedLayout(byteOffset: 100, strides: [2], componentStride: -20).byteRange(of: [5], rgb)
        == 60..<110)
    #expect(
      try StridedLayout(byteOffset: 7, strides: [.max], componentStride: 0).byteRange(
        of: [0], .uint8) == 7..<7)
    #expect(
      try StridedLayout(byteOffset: 7, strides: [.min], componentStride: 0).byteRange(
        of: [1], .uint8) == 7..<8)
    for layout in [
      StridedLayout(strides: [.max], componentStride: 0),
      StridedLayout(strides: [.min], componentStride: 0),
      StridedLayout(byteOffset: .max, strides: [0], componentStride: 0),
    ] {
      let error = #expect(throws: IOLinkError.self) { try layout.byteRange(of: [3], .uint8) }
      #expect(error?.code == .limitExceeded)
    }
    #expect(throws: IOLinkError.self) {
      try StridedLayout(strides: [1, 1], componentStride: 0).byteRange(of: [3], .uint8)
    }
  }

  @Test("Vectors can have more than eight axes")
  func manyAxes() {
    var vector = AxisVector.identity(rank: 8)
    vector.append(8)
    vector.insert(99, at: 3)
    #expect(Array(vector) == [0, 1, 2, 99, 3, 4, 5, 6, 7, 8])
    let removed = vector.remove(at: 3)
    #expect(removed == 99 && vector == AxisVector.identity(rank: 9))
    vector.remove(at: 0)
    #expect(
      vector == [1, 2, 3, 4, 5, 6, 7, 8]
        && vector.hashValue == ([1, 2, 3, 4, 5, 6, 7, 8] as AxisVector).hashValue)
    var position = AxisVector(repeating: 0, count: 9)
    var count = 1
    while position.advance(in: AxisVector(repeating: 2, count: 9)) { count += 1 }
    #expect(count == 512)
  }

  @Test("A plain array gets axes by rule")
  func inference() {
    func roles(_ rank: Int) -> [String] {
      AxisInference.axes(Array(repeating: 2, count: rank)).map(\.role.name)
    }
    #expect(roles(0) == [] && roles(1) == ["column"] && roles(3) == ["slice", "row", "column"])
    #expect(roles(5) == ["sequence", "slice", "row", "column", "channel"])
    #expect(roles(7) == ["dim0", "dim1", "sequence", "slice", "row", "column", "channel"])
    #expect(
      AxisInference.hasComponents([5, 5, 3], .uint8)
        && AxisInference.hasComponents([2, 5, 5, 4], .uint16))
    #expect(
      !AxisInference.hasComponents([4, 5, 3], .uint8)
        && !AxisInference.hasComponents([5, 3], .uint8))
    #expect(
      !AxisInference.hasComponents([5, 5, 2], .uint8)
        && !AxisInference.hasComponents([5, 5, 3], .float32))
  }
}
