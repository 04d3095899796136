/// What a view can do. Check for a capability before using it; using one that is missing throws `unsupported`.
public struct Capabilities: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Regions can be read.
  public static let read = Capabilities(rawValue: 1)
  /// Regions can be written.
  public static let write = Capabilities(rawValue: 2)
  /// Shape and type can be changed.
  public static let reshape = Capabilities(rawValue: 4)
  /// The elements lie in memory: ``ImageView/memory``.
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
