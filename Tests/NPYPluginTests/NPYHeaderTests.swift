import IOLinkCore
import Testing

@testable import NPYPlugin

/// Headers written by hand from NumPy Enhancement Proposal 1.
@Suite struct NPYHeaderTests {
  private func file(version: UInt8 = 1, _ dictionary: String, data: [UInt8] = []) -> MemoryRandomAccess {
    var bytes = NPYHeader.magic + [version, 0]
    let text = Array(dictionary.utf8)
    if version == 1 { bytes.append(UInt16(text.count), order: .little) } else { bytes.append(UInt32(text.count), order: .little) }
    return MemoryRandomAccess(bytes + text + data)
  }

  private func header(_ dictionary: String, version: UInt8 = 1) throws(IOLinkError) -> NPYHeader {
    try NPYHeader(reading: file(version: version, dictionary), limits: ReadLimits())
  }

  @Test(arguments: [1, 2, 3] as [UInt8])
  func versions(_ version: UInt8) throws {
    let parsed = try header("{'descr': '<u2', 'fortran_order': False, 'shape': (3, 4), }\n", version: version)
    #expect(parsed.componentType == .uint16)
    #expect(parsed.byteOrder == .little)
    #expect(parsed.shape == [3, 4])
    #expect(!parsed.isFortran)
    #expect(parsed.dataOffset == (version == 1 ? 10 : 12) + 60)
  }

  @Test func orderOfKeysAndSpellingDoNotMatter() throws {
    let parsed = try header("{\"shape\":(5L,),u'fortran_order':True,'descr':'>f8'}")
    #expect(parsed.shape == [5])
    #expect(parsed.isFortran)
    #expect(parsed.componentType == .float64)
    #expect(parsed.byteOrder == .big)
  }

  @Test(arguments: [
    ("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", IOLinkError.Code.unsupported),
    ("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (3,), }", .unsupported),
    ("{'descr': '<U7', 'fortran_order': False, 'shape': (3,), }", .unsupported),
    ("{'descr': 'nonsense', 'fortran_order': False, 'shape': (3,), }", .malformed),
    ("{'descr': '<u2', 'fortran_order': 0, 'shape': (3,), }", .malformed),
    ("{'descr': '<u2', 'fortran_order': False, 'shape': (-3,), }", .malformed),
    ("{'descr': '<u2', 'fortran_order': False, 'shape': 3, }", .malformed),
    ("{'descr': '<u2', 'fortran_order': False}", .malformed),
    ("{'descr': '<u2', 'fortran_order': False, 'shape': (3,)} x", .malformed),
    ("{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999999999999,)}", .limitExceeded),
    ("((((((((((((((((((((((", .limitExceeded),
  ])
  func refused(_ dictionary: String, _ code: IOLinkError.Code) {
    #expect { try header(dictionary) } throws: { ($0 as? IOLinkError)?.code == code }
  }

  @Test func writtenHeadersAreReadBack() throws {
    let written = NPYHeader(
      componentType: .complex64, byteOrder: .big, isFortran: false, shape: [2, 3, 4], dataOffset: NPYHeader.encodedByteCount(rank: 3))
    let bytes = written.encoded()
    #expect(bytes.count % 64 == 0)
    #expect(bytes.last == UInt8(ascii: "\n"))
    #expect(try NPYHeader(reading: MemoryRandomAccess(bytes), limits: ReadLimits()) == written)
  }

  @Test func aLongestShapeFitsTheReservedRoom() throws {
    let written = NPYHeader(
      componentType: .float64, byteOrder: .little, isFortran: false, shape: Array(repeating: Int.max, count: 32),
      dataOffset: NPYHeader.encodedByteCount(rank: 32))
    #expect(written.encoded().count == written.dataOffset)
  }
}
