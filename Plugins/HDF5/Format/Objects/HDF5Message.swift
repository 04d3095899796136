import IOLinkCore

/// A message of an object header.
struct HDF5Message: Sendable {
  /// The type as stored; ``HDF5MessageType`` has names for the known ones.
  let type: Int
  let flags: Int
  /// The place in the order of creation, where the header tracks it for attributes.
  let creationOrder: Int?
  /// The content. When the message is shared it is that of the message to which it refers.
  var body: HDF5Block

  /// Whether the header holds a reference to the content instead of the content.
  var isShared: Bool { flags & 0x02 != 0 }
  /// Whether an object with this message must not be opened by programs that do not know the type.
  var isRequired: Bool { flags & 0x80 != 0 }
}

/// The types of messages.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.
enum HDF5MessageType: Int, Sendable {
  case nilMessage = 0
  case dataspace = 1
  case linkInfo = 2
  case datatype = 3
  case oldFillValue = 4
  case fillValue = 5
  case link = 6
  case externalFiles = 7
  case layout = 8
  /// A type of the library's own tests, which it does not know itself outside of them.
  case bogus = 9
  case groupInfo = 10
  case filterPipeline = 11
  case attribute = 12
  case comment = 13
  case oldModificationTime = 14
  case sharedMessageTable = 15
  case continuation = 16
  case symbolTable = 17
  case modificationTime = 18
  case btreeKValues = 19
  case driverInfo = 20
  case attributeInfo = 21
  case referenceCount = 22
  case fileSpaceInfo = 23
  /// The image of the library's cache, which readers do not need.
  case cacheImage = 24

  /// The name of a message for errors: `dataspace message`.
  static func title(of type: Int) -> String { titles[type] ?? "message of type \(type)" }

  private static let titles = [
    1: "dataspace", 2: "link info", 3: "datatype", 4: "old fill value", 5: "fill value", 6: "link", 7: "external files", 8: "layout",
    10: "group info", 11: "filter pipeline", 12: "attribute", 13: "comment", 15: "shared message table", 16: "continuation",
    17: "symbol table", 20: "driver info", 21: "attribute info",
  ].mapValues { "\($0) message" }
}
