public import IOLinkCore

/// A table: named columns, each of one type, all of one length. What measurements of an image come as.
///
/// Safe to use from many threads; callers must synchronise writes with concurrent reads. The model is IOLink's DataFrameView.
public protocol DataFrameView: View {
  /// READ, WRITE (values) and RESHAPE (columns and rows).
  var capabilities: Capabilities { get }
  /// In order; names are unique.
  var columns: [DataFrameColumn] { get }
  var rowCount: Int { get }

  /// The values of one column in `count` rows from `row` on.
  ///
  /// - Complexity: O(count): the values are copied.
  /// - Throws: `invalidArgument` when there is no such column, or the rows pass the end.
  func read(column: Int, from row: Int, count: Int) throws(IOLinkError) -> ColumnValues

  /// Replaces the values of one column in as many rows as there are values, from `row` on.
  ///
  /// - Throws: `unsupported` without WRITE; `invalidArgument` when there is no such column, the type is not the column's, or
  ///   the rows pass the end.
  func write(column: Int, from row: Int, _ values: ColumnValues) throws(IOLinkError)

  /// Adds a column behind the others: zeros, or empty texts.
  ///
  /// - Throws: `unsupported` without RESHAPE; `invalidArgument` when there is a column of this name; `limitExceeded` when the table
  ///   would have more bytes than ``ReadLimits/chunkByteCount``.
  func addColumn(_ column: DataFrameColumn) throws(IOLinkError)

  /// Inserts rows of zeros and empty texts before `row`; at `rowCount` behind all.
  ///
  /// - Complexity: O(bytes of the table behind `row`).
  /// - Throws: `unsupported` without RESHAPE; `invalidArgument` when `row` or `count` is negative or passes the end.
  func addRows(at row: Int, count: Int) throws(IOLinkError)

  /// - Throws: `unsupported` without RESHAPE; `invalidArgument` when there is no such column.
  func removeColumn(_ index: Int) throws(IOLinkError)

  /// Removes rows; those behind move up.
  ///
  /// - Throws: `unsupported` without RESHAPE; `invalidArgument` when the rows pass the end.
  func removeRows(at row: Int, count: Int) throws(IOLinkError)
}

extension DataFrameView {
  /// The index of the column of that name.
  ///
  /// - Throws: `notFound` with the names there are.
  public func columnIndex(named name: String) throws(IOLinkError) -> Int {
    let columns = columns
    guard let index = columns.firstIndex(where: { $0.name == name }) else {
      throw IOLinkError(.notFound, "no column \"\(name)\"; there are \(columns.map(\.name).joined(separator: ", "))")
    }
    return index
  }
}

/// What a column is called and what it holds.
public struct DataFrameColumn: Hashable, Sendable {
  public let name: String
  public let type: ColumnType

  public init(_ name: String, _ type: ColumnType) {
    self.name = name
    self.type = type
  }
}

/// What a column holds.
public enum ColumnType: Hashable, Sendable {
  case numbers(DataType)
  case texts

  /// Bytes of a row, of a text without its characters.
  var byteCount: Int {
    switch self {
    case .numbers(let dataType): dataType.byteCount
    case .texts: MemoryLayout<String>.size
    }
  }
}

extension ColumnType: CustomStringConvertible {
  /// `uint16`, `text`.
  public var description: String {
    switch self {
    case .numbers(let dataType): dataType.description
    case .texts: "text"
    }
  }
}

/// Values of one column, one per row.
public enum ColumnValues: Hashable, Sendable {
  /// Elements one behind the other, native byte order: rows × dataType.byteCount bytes.
  case numbers(DataType, [UInt8])
  case texts([String])

  public var type: ColumnType {
    switch self {
    case .numbers(let dataType, _): .numbers(dataType)
    case .texts: .texts
    }
  }

  /// Rows; of numbers whole elements.
  public var count: Int {
    switch self {
    case .numbers(let dataType, let bytes): bytes.count / dataType.byteCount
    case .texts(let texts): texts.count
    }
  }

  /// - Throws: `invalidArgument` when the bytes are not a whole number of elements.
  func validate() throws(IOLinkError) {
    guard case .numbers(let dataType, let bytes) = self, bytes.count % dataType.byteCount != 0 else { return }
    throw IOLinkError(.invalidArgument, "\(bytes.count) bytes are not a whole number of elements of \(dataType)")
  }

  /// Zeros, or empty texts.
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

  /// The values of some rows, which must be there.
  func rows(_ rows: Range<Int>) -> ColumnValues {
    switch self {
    case .numbers(let dataType, let bytes): .numbers(dataType, Array(bytes[rows.scaled(dataType)]))
    case .texts(let texts): .texts(Array(texts[rows]))
    }
  }

  /// Puts other values of the same type in the place of some rows, which must be there; as many or not.
  mutating func replace(_ rows: Range<Int>, with values: ColumnValues) {
    switch (self, values) {
    case (.numbers(let dataType, var bytes), .numbers(_, let new)):
      self = .texts([])  // so that `bytes` is the only holder
      bytes.replaceSubrange(rows.scaled(dataType), with: new)
      self = .numbers(dataType, bytes)
    case (.texts(var texts), .texts(let new)):
      self = .texts([])
      texts.replaceSubrange(rows, with: new)
      self = .texts(texts)
    default: preconditionFailure("\(values.type) in a column of \(type)")
    }
  }
}

extension Range<Int> {
  /// Rows as bytes of elements.
  fileprivate func scaled(_ dataType: DataType) -> Range<Int> {
    (lowerBound * dataType.byteCount)..<(upperBound * dataType.byteCount)
  }
}
