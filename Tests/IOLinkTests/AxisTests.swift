import IOLinkCore
import Testing

/// Names of axes and units, the rules for plain arrays, and axis orders that callers give.
struct AxisTests {
  @Test(
    "Units have one spelling",
    arguments: [
      ("um", "µm"), ("micron", "µm"), ("\u{3bc}m", "µm"), ("Micrometer", "µm"), (" mm ", "mm"), ("mm\0\0", "mm"), ("nanometres", "nm"),
      ("angstrom", "Å"), ("\u{212b}", "Å"), ("inches", "in"), ("seconds", "s"), ("msec", "ms"), ("hrs", "h"), ("deg", "degree"),
      // The symbols of OME, with every prefix, and the words for them.
      ("Mm", "Mm"), ("Pm", "Pm"), ("MEGAMETER", "Mm"), ("millimetre", "mm"), ("femtosecond", "fs"), ("thou", "thou"), ("mils", "thou"),
      ("Hz", "Hz"), ("megahertz", "MHz"), ("parsecs", "pc"), ("days", "d"), ("\"", "in"), ("in.", "in"),
      // What programs write in place of the micro sign: an escape, the Greek letter, one character, UTF-8 read as Latin-1.
      ("\\u00B5m", "µm"), ("\\u00b5s", "µs"), ("\u{3bc}s", "µs"), ("\u{339b}", "µm"), ("Âµm", "µm"), ("µ", "µm"), ("A\u{30a}", "Å"),
      ("\\u00C5", "Å"), ("\t um \r\n", "µm"),
      // A single letter is a symbol, not a name: M does not mean metre.
      ("m", "m"), ("M", "M"), ("S", "S"), ("s", "s"),
      // An unknown unit keeps its spelling.
      ("Furlong", "Furlong"), ("kV/m", "kV/m"), ("MM", "MM"), ("a.u.", "a.u."), ("A", "A"), ("\\u00zzm", "\\u00zzm"), ("\\", "\\"),
    ])
  func units(_ spelling: String, _ expected: String) {
    // By bytes, because the angstrom sign equals the letter Å as a string.
    #expect(AxisUnit.normalized(spelling).map { Array($0.utf8) } == Array(expected.utf8))
  }

  @Test("Placeholders for a missing unit are not units", arguments: ["", "  ", "pixel", "Pixels", "px", "none", "UNKNOWN", "\0", "reference frame", "voxel"])
  func noUnit(_ spelling: String) { #expect(AxisUnit.normalized(spelling) == nil) }

  @Test("Metres of every unit of length")
  func metres() {
    let known = [
      ("pm", 1e-12), ("Å", 1e-10), ("nm", 1e-9), ("µm", 1e-6), ("mm", 1e-3), ("cm", 1e-2), ("dm", 1e-1), ("m", 1), ("km", 1e3),
      ("in", 0.0254), ("ft", 0.3048), ("Mm", 1e6), ("ym", 1e-24), ("yd", 0.9144), ("mi", 1609.344), ("ua", 149_597_870_700),
    ]
    for (unit, metres) in known { #expect(AxisUnit.metres(per: unit) == metres, "\(unit)") }
    #expect(AxisUnit.metres(per: "s") == nil && AxisUnit.metres(per: "inch") == nil && AxisUnit.metres(per: "\u{212b}") == nil)
  }

  @Test("Seconds of every unit of time")
  func seconds() {
    for (unit, seconds) in [("ns", 1e-9), ("µs", 1e-6), ("s", 1), ("ks", 1e3), ("min", 60), ("h", 3600), ("d", 86_400)] {
      #expect(AxisUnit.seconds(per: unit) == seconds, "\(unit)")
    }
    #expect(AxisUnit.seconds(per: "m") == nil)
  }

  /// Every unit of the OME schema is known in OME's own spelling. Source: OME Data Model 2016-06, UnitsLength and UnitsTime.
  @Test("All units of OME")
  func unitsOfOME() {
    let lengths = "Ym Zm Em Pm Tm Gm Mm km hm dam m dm cm mm µm nm pm fm am zm ym Å thou li in ft yd mi ua ly pc pt".split(separator: " ")
    let times = "Ys Zs Es Ps Ts Gs Ms ks hs das s ds cs ms µs ns ps fs as zs ys min h d".split(separator: " ")
    for unit in lengths.map(String.init) { #expect(AxisUnit.normalized(unit) == unit && AxisUnit.metres(per: unit) != nil, "\(unit)") }
    for unit in times.map(String.init) { #expect(AxisUnit.normalized(unit) == unit && AxisUnit.seconds(per: unit) != nil, "\(unit)") }
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

  @Test("A caller's order must name every axis once")
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

  @Test("Properties are refused if they are not in canonical order or have impossible significant bits")
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
