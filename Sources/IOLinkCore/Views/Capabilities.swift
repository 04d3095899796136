/// What a view can do. Check for a capability before using it; using one that is missing throws `unsupported`.
public struct Capabilities: OptionSet, Hashable, Sendable {
  /// One bit per capability.
  public let rawValue: UInt8

  /// Creates a set of capabilities from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// READ: regions can be read.
  public static let read = Capabilities(rawValue: 1)
  /// WRITE: regions can be written.
  public static let write = Capabilities(rawValue: 2)
  /// RESHAPE: the shape and the type can be changed.
  public static let reshape = Capabilities(rawValue: 4)
  /// MEMORY_ACCESS: the elements are in memory, where ``ImageView/memory`` gives access to them.
  public static let memoryAccess = Capabilities(rawValue: 8)
}

extension Capabilities: CustomStringConvertible {
  public var description: String {
    let names: [(Capabilities, String)] = [
      (.read, "READ"), (.write, "WRITE"), (.reshape, "RESHAPE"), (.memoryAccess, "MEMORY_ACCESS"),
    ]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
