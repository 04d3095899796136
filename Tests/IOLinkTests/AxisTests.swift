import IOLinkCore
import Testing

/// Names of axes and units, rules for plain arrays, and orders that callers give.
struct AxisTests {
  @Test(
    "Units have one spelling",
    arguments: [
      ("um", "µm"), ("micron", "µm"), ("\u{3bc}m", "µm"), ("Micrometer", "µm"), (" mm ", "mm"), ("mm\0\0", "mm"), ("nanometres", "nm"),
      ("angstrom", "Å"), ("\u{212b}", "Å"), ("inches", "in"), ("seconds", "s"), ("msec", "ms"), ("hrs", "h"), ("deg", "degree"),
      // One letter is a symbol, not a name: M is not a metre.
      ("m", "m"), ("M", "M"), ("S", "S"), ("s", "s"),
      // What is not known stays as it is spelled.
      ("Parsec", "Parsec"), ("kV/m", "kV/m"),
    ])
  func units(_ spelling: String, _ expected: String) { #expect(AxisUnit.normalized(spelling) == expected) }

  @Test("What is no unit", arguments: ["", "  ", "pixel", "Pixels", "px", "none", "UNKNOWN", "\0"])
  func noUnit(_ spelling: String) { #expect(AxisUnit.normalized(spelling) == nil) }

  @Test("Metres of every unit of length")
  func metres() {
    let known = [
      ("pm", 1e-12), ("Å", 1e-10), ("nm", 1e-9), ("µm", 1e-6), ("mm", 1e-3), ("cm", 1e-2), ("dm", 1e-1), ("m", 1), ("km", 1e3),
      ("in", 0.0254), ("ft", 0.3048),
    ]
    for (unit, metres) in known { #expect(AxisUnit.metres(per: unit) == metres, "\(unit)") }
    #expect(AxisUnit.metres(per: "s") == nil && AxisUnit.metres(per: "inch") == nil)
  }

  @Test(
    "Plain arrays hold colour where the last length is 3 or 4, the two before pass 4, and numbers are small and unsigned",
    arguments: [
      ([5, 5, 3], .uint8, true), ([5, 5, 4], .uint16, true), ([1, 5, 5, 3], .uint8, true),
      ([4, 5, 3], .uint8, false), ([5, 4, 3], .uint8, false), ([5, 5, 2], .uint8, false), ([5, 5, 5], .uint8, false),
      ([5, 3], .uint8, false), ([5, 5, 3], .uint32, false), ([5, 5, 3], .int8, false), ([5, 5, 3], .int16, false),
      ([5, 5, 3], .boolean, false), ([5, 5, 3], .float16, false),
    ] as [([Int], ComponentType, Bool)])
  func color(_ shape: [Int], _ componentType: ComponentType, _ expected: Bool) {
    #expect(AxisInference.hasComponents(shape, componentType) == expected)
  }

  @Test("A caller's order names every axis once")
  func order() throws {
    let properties = try ImageProperties(fileAxes: ["angle", "Z", "Y", "X"].map { Axis(AxisRole($0), length: 2) })
    #expect(try properties.axisOrder(nil) == [3, 2, 1, 0] && properties.axisOrder("") == [3, 2, 1, 0])
    #expect(try properties.axisOrder("X, Z,angle , y") == [0, 2, 3, 1])
    let plane = try ImageProperties(.image, shape: [3, 2])
    #expect(try plane.axisOrder("XY") == [0, 1] && plane.axisOrder("yx") == [1, 0])
    for names in ["X", "XX", "XYX", "XYZ", "YXC", "rows"] {
      #expect(try wanted(#expect(throws: IOLinkError.self) { try plane.axisOrder(names) }).code == .invalidArgument, "\(names)")
    }
    #expect(AxisRole.list("TZYXS") == [.sequence, .slice, .row, .column, .component])
    #expect(AxisRole.list("angle") == [AxisRole("angle")] && AxisRole.list("samples,x") == [.component, .column])
  }

  @Test("Properties are refused out of canonical order, by however little, and with bits that no number has")
  func contradictions() throws {
    func code(_ roles: [AxisRole], bits: Int? = nil) -> IOLinkError.Code? {
      do { _ = try ImageProperties(axes: roles.map { Axis($0, length: 1) }, significantBits: bits) } catch { return error.code }
      return nil
    }
    let canonical = AxisRole.canonical + [AxisRole("angle")]
    for index in 1..<canonical.count {
      #expect(code([canonical[index - 1], canonical[index]]) == nil)
      #expect(code([canonical[index], canonical[index - 1]]) == .invalidArgument)
    }
    #expect(code([.row], bits: 1) == nil && code([.row], bits: 64) == nil)
    #expect(code([.row], bits: 0) == .invalidArgument && code([.row], bits: 65) == .invalidArgument)
  }

  @Test("The slice direction is column × row")
  func directions() {
    #expect(SpatialDirections(column: [1, 2, 3], row: [4, 5, 7]).slice == [-1, 5, -3])
    #expect(SpatialDirections().slice == SpatialDirections(column: [1, 0, 0], row: [0, 1, 0]).slice)
  }

  @Test("Component counts, permutations, quotients and regions at their limits")
  func limits() throws {
    #expect(try DataType(.uint8, componentCount: 65_535).byteCount == 65_535)
    #expect(throws: IOLinkError.self) { try DataType(.uint8, componentCount: 65_536) }
    #expect(throws: IOLinkError.self) { try DataType(.uint8, componentCount: 0) }
    #expect(([1, 0, 2] as AxisVector).isPermutation(of: 3))
    for vector in [[0, 0, 1], [1, 1, 0], [0, 1], [0, 1, 3], [-1, 0, 1]] as [AxisVector] { #expect(!vector.isPermutation(of: 3)) }
    #expect(Checked.ceilingDivide(8, 4) == 2 && Checked.ceilingDivide(9, 4) == 3 && Checked.ceilingDivide(0, 4) == 0)
    let apart = try Region(origin: [0], size: [2]).intersection(Region(origin: [5], size: [2]))
    #expect(apart.size == [0])
    #expect(throws: IOLinkError.self) { try Region(origin: [1], size: [3]).validate(in: [3]) }
    for componentType in ComponentType.allCases { #expect(componentType.swapWidth == (componentType.isComplex ? componentType.byteCount / 2 : componentType.byteCount)) }
  }

  @Test("Layouts: dense and aligned, or not")
  func layouts() throws {
    let rgb = try DataType(.uint16, componentCount: 3)
    let dense = try StridedLayout(dense: [2, 3], rgb)
    #expect(dense.strides == [6, 12] && dense.isDense([2, 3], rgb, order: [1, 0]) && !dense.isDense([2, 3], rgb, order: [0, 1]))
    #expect(!StridedLayout(strides: [6, 14], componentStride: 2).isDense([2, 3], rgb, order: [1, 0]))
    #expect(!StridedLayout(strides: [8, 16], componentStride: 2).isDense([2, 2], rgb, order: [1, 0]))
    #expect(!StridedLayout(strides: [6, 12], componentStride: 4).isDense([2, 3], rgb, order: [1, 0]))
    #expect(StridedLayout(strides: [99, 6], componentStride: 2).isDense([1, 3], rgb, order: [1, 0]))
    #expect(StridedLayout(strides: [2], componentStride: 99).isDense([3], .uint16, order: [0]))
    #expect(dense.isAligned(rgb) && StridedLayout(byteOffset: 4, strides: [8], componentStride: 4).isAligned(.complex64))
    for (offset, stride, component) in [(1, 6, 2), (2, 5, 2), (2, 6, 1)] {
      #expect(!StridedLayout(byteOffset: offset, strides: [stride], componentStride: component).isAligned(rgb))
    }
    // The second row begins one byte before the first ends.
    #expect(StridedLayout(strides: [2, 7], componentStride: 2).overlaps([4, 2], .uint16))
    #expect(!StridedLayout(strides: [2, 8], componentStride: 2).overlaps([4, 2], .uint16))
  }
}
