import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Encoded datatypes of every class, written by hand from the specification, IV.A.2.d.
struct HDF5DatatypeParsingTests {
  private typealias E = Encoded

  private func type(_ bytes: [UInt8], nesting: Int = 32) throws -> HDF5Datatype {
    var block = E.block(bytes)
    let type = try HDF5Datatype(parsing: &block, nesting: nesting)
    #expect(block.isAtEnd, "\(block.remaining) bytes are left of \(bytes.count)")
    return type
  }

  private static let int32 = HDF5Integer(byteCount: 4, order: .little, isSigned: true, precision: 32, bitOffset: 0)
  private static let float32: [UInt8] = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]
  private static let utf8 = HDF5String(byteCount: 16, isVariable: true, padding: .zeroTerminated, characters: .utf8)

  private static func head(_ version: Int, _ kind: Int, _ bits: Int, _ byteCount: Int) -> [UInt8] {
    [UInt8(version << 4 | kind)] + E.little(bits, 3) + E.little(byteCount, 4)
  }

  @Test func numbers() throws {
    #expect(try type(E.int32) == .integer(Self.int32))
    let packed = Self.head(3, 0, 1, 2) + [3, 0, 12, 0]
    #expect(try type(packed) == .integer(HDF5Integer(byteCount: 2, order: .big, isSigned: false, precision: 12, bitOffset: 3)))
    // Bit 3 is not a sign in a bit field.
    let bits = Self.head(1, 4, 8, 1) + [0, 0, 8, 0]
    #expect(try type(bits) == .bitfield(HDF5Integer(byteCount: 1, order: .little, isSigned: false, precision: 8, bitOffset: 0)))
    guard case .float(let single) = try type(Self.float32) else { throw IOLinkError(.malformed, "not a float") }
    #expect(single.ieee == .float32 && single.order == .little && single.exponentBias == 127)
    let double = Self.head(3, 1, 0x3f21, 8) + [0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0]
    guard case .float(let big) = try type(double) else { throw IOLinkError(.malformed, "not a float") }
    #expect(big.ieee == .float64 && big.order == .big && big.signPosition == 63)
    guard case .float(let vax) = try type(Self.head(3, 1, 0x1f61, 4) + Self.float32.dropFirst(8)) else { throw IOLinkError(.malformed, "") }
    #expect(vax.order == .vax && vax.isNormalized && vax.ieee == nil)
    #expect(try type(Self.head(1, 2, 0, 4) + [32, 0]) == .time(Self.int32))
    #expect(code { try type(Self.head(1, 2, 0, 4) + [33, 0]) } == .malformed)
  }

  @Test func stringsAndOthers() throws {
    #expect(try type(Self.head(1, 3, 0x12, 7)) == .string(HDF5String(byteCount: 7, padding: .spaces, characters: .utf8)))
    #expect(try type(Self.head(1, 3, 0x01, 7)) == .string(HDF5String(byteCount: 7, padding: .zeros)))
    #expect(try type(Self.head(1, 5, 8, 3) + E.padded(E.text("tag"))) == .opaque(byteCount: 3))
    #expect(try type(Self.head(1, 7, 0, 8)) == .reference(HDF5Reference(kind: .object, byteCount: 8)))
    #expect(try type(Self.head(1, 7, 1, 12)) == .reference(HDF5Reference(kind: .region, byteCount: 12)))
    #expect(try type(Self.head(4, 7, 0x14, 18)) == .reference(HDF5Reference(kind: .attribute, byteCount: 18)))
    #expect(try type(Self.head(1, 9, 0x101, 16) + Self.head(1, 3, 0x10, 1)) == .string(Self.utf8))
    #expect(try type(Self.head(1, 9, 0, 16) + E.int32) == .sequence(of: .integer(Self.int32), byteCount: 16))
    #expect(try type(Self.head(1, 9, 0, 16) + E.int32).byteCount == 16)
  }

  @Test func arraysOfBothLayouts() throws {
    let lengths = E.little(2, 4) + E.little(3, 4)
    let old = Self.head(2, 10, 0, 24) + [2, 0, 0, 0] + lengths + E.little(0, 4) + E.little(1, 4) + E.int32
    let new = Self.head(3, 10, 0, 24) + [2] + lengths + E.int32
    for bytes in [old, new] { #expect(try type(bytes) == .array([2, 3], of: .integer(Self.int32))) }
    #expect(try type(new).byteCount == 24)
    #expect(code { try type(Self.head(3, 10, 0, 20) + [2] + lengths + E.int32) } == .malformed)
    #expect(code { try type(Self.head(3, 10, 0, 4) + [0] + E.int32) } == .malformed)
    #expect(code { try type(Self.head(3, 10, 0, 4) + [33] + E.little(0, 200)) } == .malformed)
    #expect(code { try type(Self.head(3, 10, 0, 4) + [1] + E.little(0, 4) + E.int32) } == .malformed)
    let most = [UInt8](repeating: 0xff, count: 12)
    #expect(code { try type(Self.head(3, 10, 0, 4) + [3] + most + E.int32) } == .limitExceeded)
  }

  @Test func compoundsOfAllLayouts() throws {
    let expected = HDF5Datatype.compound(
      byteCount: 300,
      members: [
        HDF5Member(name: "x", byteOffset: 0, type: .integer(Self.int32)),
        HDF5Member(name: "eightlet", byteOffset: 292, type: .array([2], of: .integer(Self.int32))),
      ])
    let array = Self.head(3, 10, 0, 8) + [1] + E.little(2, 4) + E.int32
    let first = E.padded(E.text("x")) + E.little(0, 4) + E.little(0, 12) + E.little(9, 16) + E.int32
    let second = E.padded(E.text("eightlet")) + E.little(292, 4) + E.little(1, 12) + E.little(2, 4) + E.little(9, 12) + E.int32
    #expect(try type(Self.head(1, 6, 2, 300) + first + second) == expected)
    let padded = E.padded(E.text("x")) + E.little(0, 4) + E.int32 + E.padded(E.text("eightlet")) + E.little(292, 4) + array
    #expect(try type(Self.head(2, 6, 2, 300) + padded) == expected)
    // A size of 300 needs two bytes, and so do the offsets.
    let packed = E.text("x") + E.little(0, 2) + E.int32 + E.text("eightlet") + E.little(292, 2) + array
    for version in 3...5 { #expect(try type(Self.head(version, 6, 2, 300) + packed) == expected) }
    #expect(code { try type(Self.head(3, 6, 0, 300)) } == .malformed)
    #expect(code { try type(Self.head(3, 6, 1, 300) + E.text("x") + E.little(297, 2) + E.int32) } == .malformed)
    #expect(code { try type(Self.head(1, 6, 1, 300) + E.padded(E.text("x")) + E.little(0, 4) + [5] + E.little(0, 50)) } == .malformed)
  }

  @Test func offsetsOfMembersAreAsWideAsTheSize() throws {
    for (byteCount, width) in [(4, 1), (255, 1), (256, 2), (65535, 2), (65536, 3), (1 << 24, 4)] {
      let compound = Self.head(3, 6, 1, byteCount) + E.text("m") + E.little(byteCount - 4, width) + E.int32
      #expect(
        try type(compound)
          == .compound(byteCount: byteCount, members: [HDF5Member(name: "m", byteOffset: byteCount - 4, type: .integer(Self.int32))]))
    }
  }

  @Test func enumerations() throws {
    let int16BE = Self.head(1, 0, 9, 2) + [0, 0, 16, 0]
    let integer = HDF5Integer(byteCount: 2, order: .big, isSigned: true, precision: 16, bitOffset: 0)
    let expected = HDF5Datatype.enumeration(integer, names: ["a", "bcdefghi"], values: [-2, 258])
    let values: [UInt8] = [0xff, 0xfe, 1, 2]
    let old = Self.head(1, 8, 2, 2) + int16BE + E.padded(E.text("a")) + E.padded(E.text("bcdefghi")) + values
    #expect(try type(old) == expected)
    #expect(try type(Self.head(3, 8, 2, 2) + int16BE + E.text("a") + E.text("bcdefghi") + values) == expected)
    #expect(code { try type(Self.head(3, 8, 2, 4) + int16BE + E.text("a") + E.text("b") + values) } == .malformed)
    #expect(code { try type(Self.head(3, 8, 0, 4) + Self.float32) } == .unsupported)
  }

  @Test func complexNumbersAreCompounds() throws {
    guard case .compound(8, let members) = try type(Self.head(5, 11, 1, 8) + Self.float32) else { throw IOLinkError(.malformed, "") }
    #expect(members.map(\.name) == ["r", "i"] && members.map(\.byteOffset) == [0, 4])
    #expect(try HDF5PixelType(type(Self.head(5, 11, 1, 8) + Self.float32))?.componentType == .complex64)
    #expect(code { try type(Self.head(5, 11, 0, 8) + Self.float32) } == .unsupported)
    #expect(code { try type(Self.head(5, 11, 3, 8) + Self.float32) } == .unsupported)
    #expect(code { try type(Self.head(5, 11, 1, 9) + Self.float32) } == .malformed)
    #expect(code { try type(Self.head(5, 11, 1, 8) + E.int32) } == .unsupported)
  }

  @Test func contradictionsAreRefused() throws {
    #expect(code { try type(Self.head(0, 0, 0, 4) + [0, 0, 32, 0]) } == .malformed)
    #expect(code { try type(Self.head(6, 0, 0, 4) + [0, 0, 32, 0]) } == .unsupported)
    #expect(code { try type(Self.head(1, 12, 0, 4)) } == .unsupported)
    #expect(code { try type(Self.head(1, 0, 0, 0) + [0, 0, 32, 0]) } == .malformed)
    #expect(code { try type(Self.head(1, 0, 0, 4) + [1, 0, 32, 0]) } == .malformed)
    #expect(code { try type(Self.head(1, 0, 0, 4) + [0, 0, 0, 0]) } == .malformed)
    #expect(code { try type(Self.head(1, 7, 5, 8)) } == .unsupported)
    #expect(code { try type(Self.head(1, 9, 2, 16) + E.int32) } == .unsupported)
    var float = Self.float32
    float[13] = 0  // an exponent without bits
    #expect(code { try type(float) } == .malformed)
    float[13] = 12  // bits 23 to 34 of 32
    #expect(code { try type(float) } == .malformed)
    let deep = [[UInt8]](repeating: Self.head(1, 9, 0, 16), count: 40).flatMap { $0 } + E.int32
    #expect(code { try type(deep) } == .limitExceeded)
    #expect(try type(deep, nesting: 41).byteCount == 16)
  }

  @Test func everyTruncationIsAnError() throws {
    let compound =
      Self.head(1, 6, 1, 8) + E.padded(E.text("x")) + E.little(0, 4) + E.little(1, 12) + E.little(2, 4) + E.little(0, 12) + E.int32
    let enumeration = Self.head(3, 8, 1, 4) + E.int32 + E.text("a") + E.little(1, 4)
    let array = Self.head(2, 10, 0, 4) + [1, 0, 0, 0] + E.little(1, 4) + E.little(0, 4) + E.int32
    for bytes in [compound, enumeration, array, Self.float32, Self.head(5, 11, 1, 8) + Self.float32] {
      for count in 0..<bytes.count { #expect(code { try type(Array(bytes.prefix(count))) } == .truncated) }
    }
  }
}
