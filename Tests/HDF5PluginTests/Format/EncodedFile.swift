import IOLinkCompression
import IOLinkCore

@testable import HDF5Plugin

/// Structures of the format, written by hand from the specification.
enum Encoded {
  static func little(_ value: Int, _ byteCount: Int) -> [UInt8] { (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }

  static func padded(_ bytes: [UInt8], to alignment: Int = 8) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
  }

  static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

  static func block(_ bytes: [UInt8], offsetSize: Int = 8, lengthSize: Int = 8) -> HDF5Block {
    HDF5Block(bytes, at: 0, "test", offsetSize, lengthSize)
  }

  /// The bytes with their checksum behind them.
  static func checked(_ bytes: [UInt8]) -> [UInt8] {
    // Bytes have no padding.
    bytes + little(Int(unsafe Checksum.lookup3(bytes.span.bytes)), 4)
  }

  struct Message {
    var type: Int
    var body: [UInt8]
    var flags = 0
    var order = 0
  }

  static func messages(_ messages: [Message], version: Int = 1, tracksOrder: Bool = false) -> [UInt8] {
    messages.flatMap { message -> [UInt8] in
      guard version == 1 else {
        return [UInt8(message.type)] + little(message.body.count, 2) + [UInt8(message.flags)]
          + (tracksOrder ? little(message.order, 2) : [])
          + message.body
      }
      let body = padded(message.body)
      return little(message.type, 2) + little(body.count, 2) + [UInt8(message.flags), 0, 0, 0] + body
    }
  }

  /// A header of version 1.
  static func oldHeader(_ content: [UInt8]) -> [UInt8] {
    [1, 0] + little(1, 2) + little(1, 4) + little(content.count, 4) + little(0, 4) + content
  }

  /// A header of version 2 with a size of 2 bytes.
  static func newHeader(_ content: [UInt8], flags: Int = 0, optional: [UInt8] = []) -> [UInt8] {
    checked(Array("OHDR".utf8) + [2, UInt8(flags | 1)] + optional + little(content.count, 2) + content)
  }

  static let int32: [UInt8] = [0x10, 0x08, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0]
}

/// A file with a superblock of version 0, to which structures are added.
struct EncodedFile {
  var bytes = [UInt8](repeating: 0, count: 96)
  var root = 0
  var userBlock = 0

  /// Adds a structure and returns its address.
  mutating func add(_ structure: [UInt8]) -> Int {
    bytes = Encoded.padded(bytes)
    bytes += structure
    return bytes.count - structure.count
  }

  var content: [UInt8] {
    let undefined = [UInt8](repeating: 0xff, count: 8)
    let superblock =
      HDF5Superblock.signature + [0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0] + Encoded.little(userBlock, 8) + undefined
      + Encoded.little(bytes.count, 8) + undefined + Encoded.little(0, 8) + Encoded.little(root, 8) + Encoded.little(0, 24)
    return [UInt8](repeating: 0x20, count: userBlock) + superblock + bytes.dropFirst(96)
  }

  func context(_ limits: ReadLimits = ReadLimits()) throws -> HDF5FileContext {
    try HDF5FileContext(MemoryRandomAccess(content), limits: limits)
  }
}

/// Returns the code of the error that `body` throws, or `nil`.
func code(_ body: () throws -> some Any) -> IOLinkError.Code? {
  do {
    _ = try body()
    return nil
  } catch { return (error as? IOLinkError)?.code ?? .io }
}
