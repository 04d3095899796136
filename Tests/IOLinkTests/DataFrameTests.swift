import IOLinkCore
import IOLinkTables
import Testing

/// Tables in memory.
struct DataFrameTests {
  /// A table of three rows with an integer, a text and a vector.
  static func sample() throws -> MemoryDataFrame {
    let columns = [
      DataFrameColumn("area", .numbers(.int32)), DataFrameColumn("name", .texts),
      DataFrameColumn("centre", .numbers(try DataType(.float32, componentCount: 2))),
    ]
    var metadata = MetadataNode()
    metadata["/source"] = .text("cells")
    let frame = try MemoryDataFrame(columns: columns, rowCount: 3, metadata: metadata)
    try frame.write(column: 0, from: 0, .numbers(.int32, bytes([10, -20, 30] as [Int32])))
    try frame.write(column: 1, from: 1, .texts(["b", "µ"]))
    try frame.write(column: 2, from: 2, .numbers(columns[2].dataType, bytes([1.5, 2.5] as [Float])))
    return frame
  }

  private static func bytes(_ values: [some BitwiseCopyable]) -> [UInt8] { unsafe values.span.bytes.byteArray() }
  private func integers(_ frame: MemoryDataFrame) throws -> ColumnValues { try frame.read(column: 0, from: 0, count: frame.rowCount) }

  @Test("Written values can be read from any rows of any column")
  func values() throws {
    let frame = try Self.sample()
    #expect(frame.columns.map(\.name) == ["area", "name", "centre"] && frame.rowCount == 3)
    #expect(try frame.read(column: 0, from: 1, count: 2) == .numbers(.int32, Self.bytes([-20, 30] as [Int32])))
    #expect(try frame.read(column: 1, from: 0, count: 3) == .texts(["", "b", "µ"]))
    #expect(try frame.read(column: 2, from: 2, count: 1) == .numbers(frame.columns[2].dataType, Self.bytes([1.5, 2.5] as [Float])))
    #expect(try frame.read(column: 0, from: 3, count: 0).count == 0)
    for index in frame.columns.indices { #expect(try frame.columnIndex(named: frame.columns[index].name) == index) }
  }

  @Test("Rows and columns can be added and removed, and the others keep their values")
  func shape() throws {
    let frame = try Self.sample()
    try frame.removeRows(at: 0, count: 1)
    #expect(try integers(frame) == .numbers(.int32, Self.bytes([-20, 30] as [Int32])))
    #expect(try frame.read(column: 1, from: 0, count: 2) == .texts(["b", "µ"]))
    try frame.addRows(at: 1, count: 2)
    #expect(frame.rowCount == 4)
    #expect(try integers(frame) == .numbers(.int32, Self.bytes([-20, 0, 0, 30] as [Int32])))
    #expect(try frame.read(column: 1, from: 0, count: 4) == .texts(["b", "", "", "µ"]))
    try frame.addColumn(DataFrameColumn("late", .numbers(.uint8)))
    #expect(try frame.read(column: 3, from: 0, count: 4) == .numbers(.uint8, [0, 0, 0, 0]))
    try frame.removeColumn(1)
    #expect(frame.columns.map(\.name) == ["area", "centre", "late"])
    #expect(try integers(frame) == .numbers(.int32, Self.bytes([-20, 0, 0, 30] as [Int32])))
  }

  @Test("Several rows can be removed at once, and the name of a removed column is free again")
  func removal() throws {
    let frame = try Self.sample()
    try frame.removeRows(at: 0, count: 2)
    #expect(try frame.rowCount == 1 && integers(frame) == .numbers(.int32, Self.bytes([30] as [Int32])))
    try frame.removeColumn(0)
    try frame.addColumn(DataFrameColumn("area", .texts))
    #expect(try frame.columns.map(\.name) == ["name", "centre", "area"] && frame.read(column: 2, from: 0, count: 1) == .texts([""]))
  }

  @Test("A table requests twice the room before it grows")
  func growth() throws {
    let allocator = AskedAllocator()
    let frame = try MemoryDataFrame(columns: [DataFrameColumn("a", .numbers(.int32))], rowCount: 3, allocator: allocator)
    try frame.addRows(at: 0, count: 2)
    #expect(allocator.takeSizes() == [24, 40])
  }

  @Test("A value that does not fit is refused, and nothing changes")
  func refusals() throws {
    let frame = try Self.sample()
    let huge = 1 << 62
    let refused: [(IOLinkError.Code, () throws -> Void)] = [
      (.invalidArgument, { _ = try frame.read(column: 3, from: 0, count: 1) }),
      (.invalidArgument, { _ = try frame.read(column: 0, from: 2, count: 2) }),
      (.invalidArgument, { _ = try frame.read(column: 0, from: -1, count: 1) }),
      (.invalidArgument, { _ = try frame.read(column: 0, from: huge, count: huge) }),
      (.invalidArgument, { try frame.write(column: 0, from: 3, .numbers(.int32, [1, 0, 0, 0])) }),
      (.invalidArgument, { try frame.write(column: 0, from: 0, .numbers(.uint32, [1, 0, 0, 0])) }),
      (.invalidArgument, { try frame.write(column: 0, from: 0, .numbers(.int32, [1, 0, 0, 0, 5])) }),
      (.invalidArgument, { try frame.write(column: 1, from: 0, .numbers(.int32, [1, 0, 0, 0])) }),
      (.invalidArgument, { try frame.addColumn(DataFrameColumn("area", .texts)) }),
      (.invalidArgument, { try frame.addRows(at: 4, count: 1) }),
      (.invalidArgument, { try frame.addRows(at: 0, count: -1) }),
      (.limitExceeded, { try frame.addRows(at: 0, count: huge) }),
      (.invalidArgument, { try frame.removeRows(at: 1, count: 3) }),
      (.invalidArgument, { try frame.removeColumn(-1) }),
      (.notFound, { _ = try frame.columnIndex(named: "nothing") }),
      (.invalidArgument, { _ = try MemoryDataFrame(rowCount: -1) }),
      (.limitExceeded, { _ = try MemoryDataFrame(columns: [DataFrameColumn("a", .texts)], rowCount: huge) }),
    ]
    for (code, call) in refused { #expect(try wanted(#expect(throws: IOLinkError.self) { try call() }).code == code) }
    #expect(try integers(frame) == integers(Self.sample()) && frame.columns.count == 3)
  }
}

extension DataFrameColumn {
  fileprivate var dataType: DataType {
    guard case .numbers(let dataType) = type else { preconditionFailure("\(name) holds texts") }
    return dataType
  }
}
