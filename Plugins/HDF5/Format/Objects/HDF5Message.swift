import IOLinkCore

/// A message of an object header.
struct HDF5Message: Sendable {
  /// The type as stored; ``HDF5MessageType`` has names for the known ones.
  let type: Int
  let flags: Int
  /// The place in the order of creation, where the header tracks it for attributes and links.
  let creationOrder: Int?
  /// The content. When the message is shared it is that of the message to which it refers.
  var body: HDF5Block
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
}
