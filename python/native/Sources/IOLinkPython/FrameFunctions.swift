import CPython
import IOLink
import IOLinkTables

/// A table as Python holds it.
final class FrameBox: Sendable {
  let frame: any DataFrameView

  init(_ frame: any DataFrameView) { self.frame = frame }
}

/// Tables. A type is (NumPy name, components), or None for texts; values are metadata values: a tuple of texts, or numbers of
/// shape (rows,) or (rows, components).
enum FrameFunctions {
  /// `frame_allocate(columns, rows)`: a column is (name, type).
  static func allocate(_ arguments: Arguments) throws -> Object {
    let columns = try arguments[0].items().map { item in
      let parts = try item.items()
      guard parts.count == 2 else { throw IOLinkError(.invalidArgument, "a column of \(parts.count) parts, expected 2") }
      return try DataFrameColumn(parts[0].text(), type(parts[1]))
    }
    return try wrap(MemoryDataFrame(columns: columns, rowCount: arguments.int(1), allocator: HugePageAllocator()))
  }

  static func wrap(_ frame: any DataFrameView) throws -> Object { try HandleType.wrap(FrameBox(frame), as: HandleType.plain) }

  static func frame(_ object: Object) throws -> any DataFrameView {
    try HandleType.plain(object, FrameBox.self).frame
  }

  /// `frame_info(frame)`: (columns, rows).
  static func info(_ arguments: Arguments) throws -> Object {
    let frame = try frame(arguments[0])
    let columns = try frame.columns.map { try Make.tuple([Make.text($0.name), packed($0.type)]) }
    return try Make.tuple([Make.tuple(columns), Make.int(frame.rowCount)])
  }

  static func columnIndex(_ arguments: Arguments) throws -> Object {
    try Make.int(frame(arguments[0]).columnIndex(named: arguments.text(1)))
  }

  static func capabilities(_ arguments: Arguments) throws -> Object {
    try Make.int(Int(frame(arguments[0]).capabilities.rawValue))
  }

  static func metadata(_ arguments: Arguments) throws -> Object { try MetadataFunctions.node(frame(arguments[0]).metadata) }

  /// `frame_read(frame, column, row, count)`.
  static func read(_ arguments: Arguments) throws -> Object {
    let frame = try frame(arguments[0])
    let (column, row, count) = try (arguments.int(1), arguments.int(2), arguments.int(3))
    let values = try Interpreter.unlocked { () throws(IOLinkError) in try frame.read(column: column, from: row, count: count) }
    switch values {
    case .texts(let texts): return try MetadataFunctions.value(.texts(texts))
    case .numbers(let dataType, let bytes):
      let shape = dataType.componentCount > 1 ? [values.count, dataType.componentCount] : [values.count]
      return try MetadataFunctions.value(.numbers(NumericArray(dataType.componentType, shape: shape, bytes: bytes)))
    }
  }

  /// `frame_write(frame, column, row, values)`.
  static func write(_ arguments: Arguments) throws -> Object {
    let values: ColumnValues
    switch try MetadataFunctions.parseValue(arguments[3]) {
    case .texts(let texts): values = .texts(texts)
    case .numbers(let numbers):
      let components = numbers.shape.count > 1 ? numbers.shape[1] : 1
      values = try .numbers(DataType(numbers.componentType, componentCount: components), numbers.bytes)
    default: throw IOLinkError(.invalidArgument, "values are texts or numbers")
    }
    try frame(arguments[0]).write(column: arguments.int(1), from: arguments.int(2), values)
    return Make.none()
  }

  /// `frame_add_column(frame, name, type)`.
  static func addColumn(_ arguments: Arguments) throws -> Object {
    try frame(arguments[0]).addColumn(DataFrameColumn(arguments.text(1), type(arguments[2])))
    return Make.none()
  }

  /// `frame_add_rows(frame, row, count)`.
  static func addRows(_ arguments: Arguments) throws -> Object {
    let frame = try frame(arguments[0])
    let (row, count) = try (arguments.int(1), arguments.int(2))
    try Interpreter.unlocked { () throws(IOLinkError) in try frame.addRows(at: row, count: count) }
    return Make.none()
  }

  /// `frame_remove_column(frame, column)`.
  static func removeColumn(_ arguments: Arguments) throws -> Object {
    try frame(arguments[0]).removeColumn(arguments.int(1))
    return Make.none()
  }

  /// `frame_remove_rows(frame, row, count)`.
  static func removeRows(_ arguments: Arguments) throws -> Object {
    try frame(arguments[0]).removeRows(at: arguments.int(1), count: arguments.int(2))
    return Make.none()
  }

  private static func type(_ object: Object) throws -> ColumnType {
    if object == iolink_none() { return .texts }
    let parts = try object.items()
    guard parts.count == 2 else { throw IOLinkError(.invalidArgument, "a type of \(parts.count) parts, expected 2") }
    return try .numbers(ViewFunctions.dataType(parts[0], parts[1]))
  }

  private static func packed(_ type: ColumnType) throws -> Object {
    guard case .numbers(let dataType) = type else { return Make.none() }
    return try ViewFunctions.packed(dataType)
  }
}
