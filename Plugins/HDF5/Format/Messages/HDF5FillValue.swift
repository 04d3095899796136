import IOLinkCore

/// What a dataset's elements are before they are written.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.e and IV.A.2.f.
struct HDF5FillValue: Hashable, Sendable {
  /// One element as it is stored in the file; `nil` means zeros.
  private(set) var value: [UInt8]?
  /// Whether the program that made the dataset said that it does not have a fill value.
  private(set) var isUndefined = false

  init(value: [UInt8]? = nil, isUndefined: Bool = false) {
    self.value = value
    self.isUndefined = isUndefined
  }

  /// Reads the fill value of a dataset. Without a message about it the value is zeros.
  ///
  /// The new message is decisive, as it is for the library; the old one is a copy for versions before 1.6.
  init(of header: HDF5ObjectHeader) throws(IOLinkError) {
    if let message = header.message(.fillValue) {
      try self.init(message.body)
    } else if let message = header.message(.oldFillValue) {
      try self.init(old: message.body)
    } else {
      self.init()
    }
  }

  /// Reads the message of type 5.
  init(_ block: HDF5Block) throws(IOLinkError) {
    var block = block
    let version = try block.version(1...3)
    if version == 3 {
      let flags = try block.byte()
      guard flags & 0x30 != 0x30 else { throw block.error("the value is both defined and undefined") }
      isUndefined = flags & 0x10 != 0
      if flags & 0x20 != 0 { try read(&block) }
      return
    }
    try block.skip(2)  // when space is allocated, and when the value is written
    let isDefined = try block.byte() != 0
    guard version == 1 || isDefined else {
      isUndefined = true
      return
    }
    try read(&block)
  }

  /// Reads the message of type 4.
  init(old block: HDF5Block) throws(IOLinkError) {
    var block = block
    try read(&block)
  }

  /// A size of 0 stands for the default, a negative one for a value that is undefined.
  private mutating func read(_ block: inout HDF5Block) throws(IOLinkError) {
    let count = try block.integer(4)
    guard count < 1 << 31 else {
      isUndefined = true
      return
    }
    if count > 0 { value = try block.take(count) }
  }
}

// MARK: Writing

extension HDF5FillValue {
  /// When space for elements is allocated, and when the fill value is written to it.
  enum Allocation: Hashable, Sendable {
    /// All elements have their place from the beginning, and are never filled by other programs.
    case contiguous
    /// Elements have no place until somebody writes them.
    case never
    /// All chunks have their place from the beginning.
    case allChunks
    /// Chunks get their place one by one.
    case chunkByChunk

    fileprivate var times: (space: UInt8, fill: UInt8) {
      switch self {
      case .contiguous: (1, 1)
      case .never: (2, 2)
      case .allChunks: (1, 2)
      case .chunkByChunk: (3, 2)
      }
    }
  }

  /// The body of the message for the default value, zero: version 2 in the oldest form, otherwise version 3.
  static func encodedDefault(_ allocation: Allocation, _ form: HDF5WriteForm) -> [UInt8] {
    let times = allocation.times
    // Version 2: the times; that the value is defined; its size. Version 3: all of that in one byte, without a size for the default.
    return form == .oldest ? [2, times.space, times.fill, 1, 0, 0, 0, 0] : [3, times.space | times.fill << 2]
  }
}
