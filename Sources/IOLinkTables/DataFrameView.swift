public import IOLinkCore

/// A table: columns with names, each of one type and all of the same length. Measurements of an image are such a table.
///
/// A table is safe to use from many threads. Callers must synchronise writes with concurrent reads. The model is IOLink's
/// DataFrameView.
public protocol DataFrameView: View {
  /// READ and WRITE for values, RESHAPE for columns and rows.
  var capabilities: Capabilities { get }
  /// The columns in order. Their names are unique.
  var columns: [DataFrameColumn] { get }
  /// The number of rows, which is the number of values in every column.
  var rowCount: Int { get }

  /// Returns the values of one column in `count` rows, beginning with `row`.
  ///
  /// - Throws: `invalidArgument` when the column or one of the rows does not exist.
  /// - Complexity: O(count). The values are copied.
  func read(column: Int, from row: Int, count: Int) throws(IOLinkError) -> ColumnValues

  /// Replaces the values of one column in as many rows as there are values, beginning with `row`.
  ///
  /// - Throws: `unsupported` without WRITE; `invalidArgument` when the column or one of the rows does not exist, the values are not
  ///   of the column's type, or their bytes are not a whole number of elements.
  func write(column: Int, from row: Int, _ values: ColumnValues) throws(IOLinkError)

  /// Adds a column after the others. Its values are zeros or empty texts.
  ///
  /// - Throws: `unsupported` without RESHAPE; `invalidArgument` when a column of this name exists; `limitExceeded` when the table
  ///   would have more bytes than the default of `ReadLimits.chunkByteCount`, or there is not enough memory for it.
  func addColumn(_ column: DataFrameColumn) throws(IOLinkError)

  /// Inserts rows of zeros and empty texts before `row`, or after all rows when `row` is `rowCount`.
  ///
  /// - Throws: `unsupported` without RESHAPE; `invalidArgument` when `row` is not between 0 and `rowCount`, or `count` is negative;
  ///   `limitExceeded` when the table would have more bytes than the default of `ReadLimits.chunkByteCount`, or there is not enough
  ///   memory for it.
  /// - Complexity: O(bytes of the table from `row` on).
  func addRows(at row: Int, count: Int) throws(IOLinkError)

  /// Removes a column. The columns after it move up by one.
  ///
  /// - Throws: `unsupported` without RESHAPE; `invalidArgument` when the column does not exist.
  func removeColumn(_ index: Int) throws(IOLinkError)

  /// Removes `count` rows, beginning with `row`. The rows after them move up.
  ///
  /// - Throws: `unsupported` without RESHAPE; `invalidArgument` when one of the rows does not exist.
  func removeRows(at row: Int, count: Int) throws(IOLinkError)
}

extension DataFrameView {
  /// Returns the index of the column that has this name.
  ///
  /// - Throws: `notFound`, with the names of the columns, when no column has it.
  public func columnIndex(named name: String) throws(IOLinkError) -> Int {
    let columns = columns
    guard let index = columns.firstIndex(where: { $0.name == name }) else {
      throw IOLinkError(.notFound, "no column is named \"\(name)\"; the columns are \(columns.map(\.name).joined(separator: ", "))")
    }
    return index
  }
}

/// The name and the type of a column.
public struct DataFrameColumn: Hashable, Sendable {
  /// The name, which is unique in the table.
  public let name: String
  /// The type of the values.
  public let type: ColumnType

  /// Creates the description of a column, for adding it to a table.
  public init(_ name: String, _ type: ColumnType) {
    self.name = name
    self.type = type
  }
}

/// The type of the values of a column.
public enum ColumnType: Hashable, Sendable {
  /// One element of the given type in each row.
  case numbers(DataType)
  /// One text in each row.
  case texts

  /// The number of bytes of a value; for a text, without its characters.
  var byteCount: Int {
    switch self {
    case .numbers(let dataType): dataType.byteCount
    case .texts: MemoryLayout<String>.size
    }
  }
}

extension ColumnType: CustomStringConvertible {
  /// The name of the type, such as `uint16` or `text`.
  public var description: String {
    switch self {
    case .numbers(let dataType): dataType.description
    case .texts: "text"
    }
  }
}

/// Values of one column, one for each row.
public enum ColumnValues: Hashable, Sendable {
  /// The elements one after another, in native byte order: rows × dataType.byteCount bytes.
  case numbers(DataType, [UInt8])
  /// The texts in the order of the rows.
  case texts([String])

  /// The type of the values.
  public var type: ColumnType {
    switch self {
    case .numbers(let dataType, _): .numbers(dataType)
    case .texts: .texts
    }
  }

  /// The number of values: one for each row. An incomplete last element does not count.
  public var count: Int {
    switch self {
    case .numbers(let dataType, let bytes): bytes.count / dataType.byteCount
    case .texts(let texts): texts.count
    }
  }

  /// Checks that the values are complete.
  ///
  /// - Throws: `invalidArgument` when the bytes are not a whole number of elements.
  func validate() throws(IOLinkError) {
    guard case .numbers(let dataType, let bytes) = self, bytes.count % dataType.byteCount != 0 else { return }
    throw IOLinkError(.invalidArgument, "\(bytes.count) bytes are not a whole number of elements of \(dataType)")
  }

  /// Creates `count` values that are all zero, or empty texts.
  ///
  /// - Precondition: `count` is not negative.
  /// - Throws: `limitExceeded` when the bytes do not fit in an `Int`.
  public init(zeros type: ColumnType, count: Int) throws(IOLinkError) {
    switch type {
    case .numbers(let dataType):
      self = .numbers(dataType, [UInt8](repeating: 0, count: try Checked.multiply(count, dataType.byteCount)))
    case .texts: self = .texts([String](repeating: "", count: count))
    }
  }

  /// Returns the values of some rows.
  ///
  /// - Precondition: The rows exist.
  func rows(_ rows: Range<Int>) -> ColumnValues {
    switch self {
    case .numbers(let dataType, let bytes): .numbers(dataType, Array(bytes[rows.scaled(dataType)]))
    case .texts(let texts): .texts(Array(texts[rows]))
    }
  }

  /// Replaces the values of some rows with others of the same type. Their number may differ.
  ///
  /// - Precondition: The rows exist, and the types are equal.
  mutating func replace(_ rows: Range<Int>, with values: ColumnValues) {
    switch (self, values) {
    case (.numbers(let dataType, var bytes), .numbers(_, let new)):
      self = .texts([])  // leaves `bytes` as the only holder of the array, which is then changed in place
      bytes.replaceSubrange(rows.scaled(dataType), with: new)
      self = .numbers(dataType, bytes)
    case (.texts(var texts), .texts(let new)):
      self = .texts([])
      texts.replaceSubrange(rows, with: new)
      self = .texts(texts)
    default: preconditionFailure("the values are \(values.type), but the column has the type \(type)")
    }
  }
}

extension Range<Int> {
  /// Returns the bytes that a range of rows takes in a column of this type.
  fileprivate func scaled(_ dataType: DataType) -> Range<Int> {
    (lowerBound * dataType.byteCount)..<(upperBound * dataType.byteCount)
  }
}
