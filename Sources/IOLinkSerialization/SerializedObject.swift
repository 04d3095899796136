public import IOLinkCore
public import IOLinkTables

/// An object that ``Serialization`` writes and reads.
public enum SerializedObject: Sendable {
  case unsignedVector([UInt64])
  case signedVector([Int64])
  case realVector([Double])
  case region(Region)
  case dataType(DataType)
  case directions(SpatialDirections)
  case properties(ImageProperties)
  case metadata(MetadataNode)
  case image(any ImageView)
  case dataFrame(any DataFrameView)

  /// What stands in the header: from 0x10000 on, below which the numbers are IOLink's.
  enum Kind: UInt32 {
    case unsignedVector = 0x10000
    case signedVector, realVector, region, dataType, directions, properties, metadata, image, dataFrame

    /// What bounds its section.
    var limit: KeyPath<ReadLimits, Int> { self == .image ? \.metadataByteCount : \.chunkByteCount }
  }

  var kind: Kind {
    switch self {
    case .unsignedVector: .unsignedVector
    case .signedVector: .signedVector
    case .realVector: .realVector
    case .region: .region
    case .dataType: .dataType
    case .directions: .directions
    case .properties: .properties
    case .metadata: .metadata
    case .image: .image
    case .dataFrame: .dataFrame
    }
  }

  /// Appends the fields; of an image what describes it.
  func encode(into writer: inout SectionWriter) throws(IOLinkError) {
    switch self {
    case .unsignedVector(let values): writer.append(counted: values)
    case .signedVector(let values): writer.append(counted: values)
    case .realVector(let values): writer.append(counted: values)
    case .region(let region):
      writer.append(counted: region.origin)
      writer.append(counted: region.size)
    case .dataType(let dataType): writer.append(dataType)
    case .directions(let directions): writer.append(directions)
    case .properties(let properties): try writer.append(properties)
    case .metadata(let node): try writer.append(node)
    case .image(let image):
      writer.append(image.dataType)
      try writer.section { writer throws(IOLinkError) in try writer.append(image.properties) }
      try writer.section { writer throws(IOLinkError) in try writer.append(image.metadata) }
    case .dataFrame(let frame): try writer.append(frame)
    }
  }

  /// Reads the fields of everything but an image.
  init(
    _ kind: Kind, from reader: inout SectionReader, limits: ReadLimits, allocator: (any MemoryAllocator)?
  ) throws(IOLinkError) {
    switch kind {
    case .unsignedVector:
      self = .unsignedVector(try reader.items(ofBytes: 8) { reader throws(IOLinkError) in try reader.next() })
    case .signedVector:
      self = .signedVector(try reader.items(ofBytes: 8) { reader throws(IOLinkError) in try reader.next() })
    case .realVector:
      self = .realVector(try reader.items(ofBytes: 8) { reader throws(IOLinkError) in try reader.real() })
    case .region: self = .region(try Region(origin: reader.vector(), size: reader.vector()))
    case .dataType: self = .dataType(try reader.dataType())
    case .directions: self = .directions(try reader.directions())
    case .properties: self = .properties(try reader.properties())
    case .metadata: self = .metadata(try reader.metadata(limits: limits))
    case .dataFrame: self = .dataFrame(try reader.dataFrame(limits: limits, allocator: allocator))
    case .image: throw IOLinkError(.unsupported, "an image is read with its pixels")
    }
  }
}
