import IOLinkCore
import IOLinkSerialization
import IOLinkTables
import IOLinkTesting
import Testing

/// Objects whose bytes are inconsistent, and limits on what is read.
struct SerializedDamageTests {
  private func encoded(_ object: SerializedObject) throws -> [UInt8] {
    let stream = MemoryStream()
    try Serialization.encode(object, to: stream)
    return stream.bytes
  }

  /// The error that decoding these bytes throws.
  private func failure(
    _ bytes: [UInt8], limits: ReadLimits = ReadLimits(), context: OperationContext = .default
  ) -> IOLinkError? {
    do throws(IOLinkError) {
      _ = try Serialization.decode(from: MemoryStream(bytes), limits: limits, context: context)
      return nil
    } catch { return error }
  }

  private func object(_ kind: UInt8, _ section: [UInt8]) -> [UInt8] {
    [0x49, 0x4F, 0x4C, 0x20, 0, 1, 0, 0, 0, 1, 0, kind] + number(section.count) + section
  }

  private func number(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(UInt64(value), order: .big)
    return bytes
  }

  @Test("A custom slice direction comes back")
  func directions() throws {
    var directions = SpatialDirections(column: [1, 2, 3], row: [4, 5, 6])
    directions.slice = [7, 8, -9]
    guard case .directions(let back) = try Serialization.decode(from: MemoryStream(encoded(.directions(directions)))) else {
      Issue.record("no directions")
      return
    }
    #expect(back == directions)
  }

  @Test("Nodes or columns with the same name are refused")
  func names() throws {
    // A node without a value and with two children, each empty.
    func node(_ second: UInt8) -> [UInt8] {
      [0] + number(2) + number(1) + [0x61] + number(9) + [0] + number(0) + number(1) + [second] + number(9) + [0] + number(0)
    }
    #expect(failure(object(7, node(0x62))) == nil)
    let error = failure(object(7, node(0x61)))
    #expect(error?.code == .malformed && error?.offset == 20 + 9 + 9 + 8 + 9)
    let frame = try MemoryDataFrame(columns: [DataFrameColumn("aQ", .texts), DataFrameColumn("bQ", .texts)], rowCount: 2)
    var bytes = try encoded(.dataFrame(frame))
    #expect(failure(bytes) == nil)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x62, 0x51]) })
    bytes[place] = 0x61
    #expect(failure(bytes)?.code == .malformed)
  }

  @Test("A count cannot exceed what the section holds")
  func counts() {
    #expect(failure(object(0, number(2) + number(1) + number(1))) == nil)
    let error = failure(object(0, number(3) + number(1) + number(1)))
    #expect(error?.code == .malformed && error?.offset == 20)
    // A value of two-byte elements, with only three bytes of them.
    let value = [1, 2] + number(6) + Array("UINT16".utf8) + number(1) + number(1)
    #expect(failure(object(7, value + number(2) + [0, 1] + number(0))) == nil)
    let part = failure(object(7, value + number(3) + [0, 1, 2] + number(0)))
    #expect(part?.code == .malformed && part?.offset == 20 + value.count)
  }

  @Test("Sections are limited, and those that describe an image have a limit of their own")
  func limits() throws {
    let vector = try encoded(.unsignedVector([1, 2]))
    var limits = ReadLimits()
    limits.chunkByteCount = 24
    #expect(failure(vector, limits: limits) == nil)
    limits.chunkByteCount = 23
    #expect(failure(vector, limits: limits)?.code == .limitExceeded && failure(vector, limits: limits)?.offset == 12)
    let image = try encoded(.image(PatternView(.uint8, properties: ImageProperties(.image, shape: [2, 2]))))
    limits = ReadLimits()
    limits.metadataByteCount = 30
    #expect(failure(image, limits: limits)?.code == .limitExceeded && failure(vector, limits: limits) == nil)
  }

  @Test("The pixels must match the image, and must be present before memory is allocated")
  func pixels() throws {
    let image = try encoded(.image(PatternView(.uint16, properties: ImageProperties(.image, shape: [10, 10]))))
    let place = image.count - 208
    for count: UInt8 in [198, 199, 201, 202] {
      var bytes = image + [1, 2, 3]
      bytes[place + 7] = count
      let error = failure(bytes)
      #expect(error?.code == .malformed && error?.offset == place, "\(count)")
    }
    let allocator = AskedAllocator()
    var context = OperationContext.default
    context.allocator = allocator
    #expect(failure(image, context: context) == nil && allocator.takeSizes().contains(200))
    #expect(failure(Array(image.dropLast()), context: context)?.code == .truncated)
    #expect(!allocator.takeSizes().contains(200))
  }
}
