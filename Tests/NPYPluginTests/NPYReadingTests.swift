import IOLinkCore
import Testing

@testable import NPYPlugin

/// Types, orders and limits, from NumPy Enhancement Proposal 1 and numpy.lib.format.
@Suite struct NPYReadingTests {
  private func header(_ type: String, _ shape: String = "2,", limits: ReadLimits = ReadLimits()) throws(IOLinkError) -> NPYHeader {
    try NPYHeader(reading: MemoryRandomAccess(ZIPBytes.array([1, 2, 3, 4], type, shape)), limits: limits)
  }

  private func open(_ bytes: [UInt8]) throws -> any ImageView {
    let codec = NPYCodec()
    return try codec.open(
      DataSource(MemoryRandomAccess(bytes)), options: CodecOptions(declared: codec.descriptor.readOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor()))
    ).image()
  }

  /// `numpy.dtype(name).str` names the same types.
  @Test(arguments: [
    ("b1", ComponentType.boolean), ("?", .boolean), ("u1", .uint8), ("u2", .uint16), ("u4", .uint32), ("u8", .uint64), ("i1", .int8),
    ("i2", .int16), ("i4", .int32), ("i8", .int64), ("f2", .float16), ("f4", .float32), ("f8", .float64), ("c8", .complex64),
    ("c16", .complex128),
  ])
  func typesAndByteOrders(_ name: String, _ componentType: ComponentType) throws {
    let orders: [(String, ByteOrder)] = [("<", .little), (">", .big), ("=", .native), ("|", .native), ("", .native)]
    for (mark, order) in orders {
      let found = try header(mark + name)
      #expect(found.componentType == componentType && found.byteOrder == order, "\(mark)\(name)")
    }
  }

  @Test(arguments: [
    ("<M8[ns]", IOLinkError.Code.unsupported), ("<m8", .unsupported), ("|S3", .unsupported), ("|V8", .unsupported), ("<f16", .unsupported),
    ("<u3", .unsupported), ("<x4", .malformed), ("", .malformed), ("<", .malformed), ("<<u2", .malformed),
  ])
  func otherTypesAreRefused(_ type: String, _ code: IOLinkError.Code) {
    #expect(#expect(throws: IOLinkError.self) { try header(type) }?.code == code)
  }

  @Test func lengthOfTheHeaderIsLimited() throws {
    let length = ZIPBytes.array([], "|u1", "2,").count - 10
    var limits = ReadLimits()
    limits.metadataByteCount = length
    #expect(try header("|u1", limits: limits).shape == [2])
    limits.metadataByteCount = length - 1
    #expect(#expect(throws: IOLinkError.self) { try header("|u1", limits: limits) }?.code == .limitExceeded)
  }

  @Test func nestingAndRankAreLimited() throws {
    func code(_ text: String) -> IOLinkError.Code? {
      do throws(IOLinkError) {
        _ = try NPYLiteral(parsing: Array(text.utf8), at: 10)
        return nil
      } catch { return error.code }
    }
    func nested(_ depth: Int) -> String { String(repeating: "(", count: depth) + ")" + String(repeating: ",)", count: depth - 1) }
    #expect(code(nested(16)) == nil)
    #expect(code(nested(17)) == .limitExceeded)
    let ones = { (count: Int) in String(repeating: "1, ", count: count) }
    #expect(try header("|u1", ones(32)).shape.count == 32)
    #expect(#expect(throws: IOLinkError.self) { try header("|u1", ones(33)) }?.code == .limitExceeded)
  }

  @Test func preamblesAreChecked() throws {
    let good = ZIPBytes.array([1, 2], "|u1")
    func error(_ bytes: [UInt8]) -> IOLinkError? { #expect(throws: IOLinkError.self) { try open(bytes) } }
    for count in [0, 5, 9, 10, 60] { #expect(error(Array(good.prefix(count)))?.code == .truncated, "\(count) bytes") }
    for (place, value) in [(6, 0), (6, 4), (7, 1)] as [(Int, UInt8)] {
      var bytes = good
      bytes[place] = value
      #expect(error(bytes)?.code == .unsupported)
      #expect(error(bytes)?.offset == 6)
    }
    var second = good
    second[6] = 2
    #expect(error(Array(second.prefix(11)))?.code == .truncated)
  }

  /// A file that is cut short opens, and what is there can be read.
  @Test func pixelsThatAreCutShort() throws {
    let whole = ZIPBytes.array([1, 2, 3, 4, 5, 6], "|u1", "3, 2")
    let image = try open(Array(whole.dropLast()))
    #expect(image.storage == "C order, cut short: 5 of 6 bytes")
    #expect(try image.bytes(of: Region(origin: [0, 0], size: [2, 2])) == [1, 2, 3, 4])
    for region in [Region(of: image.shape), try Region(origin: [1, 2], size: [1, 1])] {
      let error = #expect(throws: IOLinkError.self) { try image.bytes(of: region) }
      #expect(error?.code == .truncated && error?.format == "NPY" && error?.offset == whole.count - 1)
    }
    #expect(!image.capabilities.contains(.memoryAccess))
    let none = try open(Array(whole.dropLast(6)))
    #expect(none.storage == "C order, cut short: 0 of 6 bytes")
    #expect(throws: IOLinkError.self) { try none.bytes(of: Region(origin: [0, 0], size: [1, 1])) }
  }

  /// The header length of versions 2 and 3 has four bytes, and each of them counts.
  @Test func headersOfVersionTwoAreLonger() throws {
    let text = Array("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }".utf8) + [UInt8](repeating: 0x20, count: 70_000) + [0x0a]
    let file = [0x93] + Array("NUMPY".utf8) + [2, 0] + ZIPBytes.little(text.count, 4) + text + [5, 6]
    let image = try open(file)
    #expect(try ZIPBytes.pixels(image) == [5, 6])
  }

  @Test func fortranOrderHasTheFirstLengthFastest() throws {
    // The shape is 2 × 3 × 2 in the order a[z][y][x]. The element at file position p is p, which is z + 2 y + 6 x.
    let image = try open(ZIPBytes.array(Array(0..<12), "|u1", "2, 3, 2", isFortran: true))
    #expect(image.shape == [2, 3, 2])
    #expect(try ZIPBytes.pixels(image) == [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])
    // The shape is 5 × 5 × 3. The last axis is the color, which is the slowest here.
    let colors = try open(ZIPBytes.array(Array(0..<75), "|u1", "5, 5, 3", isFortran: true))
    #expect(colors.dataType == (try DataType(.uint8, componentCount: 3)))
    #expect(Array(try ZIPBytes.pixels(colors).prefix(6)) == [0, 25, 50, 5, 30, 55])
  }

  @Test func singleNumbersAndColorsAreDescribed() throws {
    let single = try open(ZIPBytes.array([9, 1], "<u2", ""))
    #expect(single.rank == 0)
    #expect(try ZIPBytes.pixels(single) == (ByteOrder.native == .little ? [9, 1] : [1, 9]))
    let translucent = try open(ZIPBytes.array([UInt8](repeating: 1, count: 100), "|u1", "5, 5, 4"))
    #expect(translucent.properties.alpha == .unspecified && translucent.properties.interpretation == .rgb)
    let opaque = try open(ZIPBytes.array([UInt8](repeating: 1, count: 75), "|u1", "5, 5, 3"))
    #expect(opaque.properties.alpha == .none && opaque.properties.axesAreInferred)
  }

  @Test func dictionariesAreChecked() {
    func code(_ text: String) -> IOLinkError.Code? {
      let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0] + ZIPBytes.little(text.utf8.count, 2) + Array(text.utf8)
      return #expect(throws: IOLinkError.self) { try NPYHeader(reading: MemoryRandomAccess(bytes), limits: ReadLimits()) }?.code
    }
    #expect(code("{'descr': '<u2', 'fortran_order': False, 'shape': (1,), 'more': 1}") == .malformed)
    #expect(code("{'descr': '<u2', 'fortran_order': False, 'form': (1,)}") == .malformed)
    #expect(code("['descr', '<u2']") == .malformed)
    #expect(code("{'descr': '<u2' 'fortran_order': False, 'shape': (1,)}") == .malformed)
    #expect(code("{'descr': '<u2', 'fortran_order': False, 'shape': (1 1)}") == .malformed)
    #expect(code("{'descr': '<u2, 'fortran_order': False, 'shape': (1,)}") == .malformed)
    #expect(code("{'descr': None, 'fortran_order': False, 'shape': (1,)}") == .unsupported)
    #expect(code("{1: '<u2', 'fortran_order': False, 'shape': (1,)}") == .malformed)
  }

  @Test func quotesMayBeEscaped() throws {
    guard case .string(let text) = try NPYLiteral(parsing: Array(#"'a\'b' "#.utf8), at: 0) else {
      Issue.record("not a string")
      return
    }
    #expect(text == #"a\'b"#)
  }
}
