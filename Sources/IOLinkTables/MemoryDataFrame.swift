public import IOLinkCore

/// A table in memory: READ, WRITE and RESHAPE.
public final class MemoryDataFrame: DataFrameView {
  private struct Table {
    var columns: [DataFrameColumn] = []
    var names: Set<String> = []
    var values: [ColumnValues] = []
    var rowCount: Int

    func validate(column: Int) throws(IOLinkError) {
      guard columns.indices.contains(column) else {
        throw IOLinkError(.invalidArgument, "the column index is \(column); the number of columns is \(columns.count)")
      }
    }

    /// Returns `count` rows, beginning with `row`, as a range.
    ///
    /// - Throws: `invalidArgument` when one of them does not exist, or a number is negative.
    func rows(_ row: Int, _ count: Int) throws(IOLinkError) -> Range<Int> {
      guard row >= 0, count >= 0, count <= rowCount, row <= rowCount - count else {
        throw IOLinkError(.invalidArgument, "\(count) rows from row \(row) on do not lie inside the table, which has \(rowCount)")
      }
      return row..<(row + count)
    }
  }

  private let table: Guarded<Table>
  private let allocator: (any MemoryAllocator)?
  public let metadata: MetadataNode

  /// Creates a table of zeros and empty texts.
  ///
  /// - Parameters:
  ///   - columns: The columns in order.
  ///   - rowCount: The number of rows.
  ///   - metadata: The metadata of the table.
  ///   - allocator: Asked for memory before the table grows, so that growing throws `limitExceeded` when memory runs out. Without
  ///     an allocator that ends the process, as it does for any array.
  /// - Throws: `invalidArgument` when `rowCount` is negative, or two columns have the same name; `limitExceeded` when the table
  ///   would have more bytes than the default of `ReadLimits.chunkByteCount`, or the allocator does not have enough memory for it.
  public init(
    columns: [DataFrameColumn] = [], rowCount: Int = 0, metadata: MetadataNode = MetadataNode(),
    allocator: (any MemoryAllocator)? = nil
  ) throws(IOLinkError) {
    guard rowCount >= 0 else { throw IOLinkError(.invalidArgument, "the row count is \(rowCount), expected 0 or more") }
    table = Guarded(Table(rowCount: rowCount))
    self.metadata = metadata
    self.allocator = allocator
    for column in columns { try addColumn(column) }
  }

  /// Creates a table of these columns.
  ///
  /// - Throws: `invalidArgument` when `rowCount` is negative, a column has another number of values, its bytes are not a whole
  ///   number of elements, or two columns have the same name.
  package init(
    _ columns: [(name: String, values: ColumnValues)], rowCount: Int, metadata: MetadataNode, allocator: (any MemoryAllocator)?
  ) throws(IOLinkError) {
    guard rowCount >= 0 else { throw IOLinkError(.invalidArgument, "the row count is \(rowCount), expected 0 or more") }
    var names: Set<String> = []
    for column in columns {
      try column.values.validate()
      guard column.values.count == rowCount, names.insert(column.name).inserted else {
        throw IOLinkError(
          .invalidArgument,
          "column \"\(column.name)\" has \(column.values.count) values, expected \(rowCount) and a unique name")
      }
    }
    table = Guarded(
      Table(
        columns: columns.map { DataFrameColumn($0.name, $0.values.type) }, names: names, values: columns.map(\.values),
        rowCount: rowCount))
    self.metadata = metadata
    self.allocator = allocator
  }

  /// Checks that a table of these columns is within the limits, and that there is memory for it.
  ///
  /// - Throws: `limitExceeded` when it has more bytes than the default of `ReadLimits.chunkByteCount`, or the allocator does not
  ///   have twice as much memory.
  private func reserve(rowCount: Int, _ columns: [DataFrameColumn]) throws(IOLinkError) {
    var rowByteCount = 0
    for column in columns { rowByteCount = try Checked.add(rowByteCount, column.type.byteCount) }
    let byteCount = try Checked.multiply(rowCount, rowByteCount)
    try ReadLimits().check(byteCount, atMost: \.chunkByteCount, "bytes of a table")
    _ = try allocator?.allocate(byteCount: 2 * byteCount, .uninitialized)
  }

  public var capabilities: Capabilities { [.read, .write, .reshape] }
  public var columns: [DataFrameColumn] { table.withLock { $0.columns } }
  public var rowCount: Int { table.withLock { $0.rowCount } }

  public func read(column: Int, from row: Int, count: Int) throws(IOLinkError) -> ColumnValues {
    try table.withLock { table throws(IOLinkError) in
      try table.validate(column: column)
      return try table.values[column].rows(table.rows(row, count))
    }
  }

  public func write(column: Int, from row: Int, _ values: ColumnValues) throws(IOLinkError) {
    try table.withLock { table throws(IOLinkError) in
      try table.validate(column: column)
      guard values.type == table.columns[column].type else {
        throw IOLinkError(
          .invalidArgument,
          "the values are \(values.type), but column \"\(table.columns[column].name)\" has the type \(table.columns[column].type)")
      }
      try values.validate()
      let rows = try table.rows(row, values.count)
      table.values[column].replace(rows, with: values)
    }
  }

  public func addColumn(_ column: DataFrameColumn) throws(IOLinkError) {
    try table.withLock { table throws(IOLinkError) in
      guard !table.names.contains(column.name) else {
        throw IOLinkError(.invalidArgument, "a column named \"\(column.name)\" exists already")
      }
      try reserve(rowCount: table.rowCount, table.columns + [column])
      let values = try ColumnValues(zeros: column.type, count: table.rowCount)
      table.columns.append(column)
      table.names.insert(column.name)
      table.values.append(values)
    }
  }

  public func addRows(at row: Int, count: Int) throws(IOLinkError) {
    try table.withLock { table throws(IOLinkError) in
      let place = try table.rows(row, 0)
      guard count >= 0 else { throw IOLinkError(.invalidArgument, "the number of rows to add is \(count), expected 0 or more") }
      let rowCount = try Checked.add(table.rowCount, count)
      try reserve(rowCount: rowCount, table.columns)
      let zeros = try table.columns.map { column throws(IOLinkError) in try ColumnValues(zeros: column.type, count: count) }
      for (index, zeros) in zeros.enumerated() { table.values[index].replace(place, with: zeros) }
      table.rowCount = rowCount
    }
  }

  public func removeColumn(_ index: Int) throws(IOLinkError) {
    try table.withLock { table throws(IOLinkError) in
      try table.validate(column: index)
      table.names.remove(table.columns.remove(at: index).name)
      table.values.remove(at: index)
    }
  }

  public func removeRows(at row: Int, count: Int) throws(IOLinkError) {
    try table.withLock { table throws(IOLinkError) in
      let rows = try table.rows(row, count)
      for index in table.columns.indices {
        table.values[index].replace(rows, with: try ColumnValues(zeros: table.columns[index].type, count: 0))
      }
      table.rowCount -= count
    }
  }
}
