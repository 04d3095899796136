public import IOLinkCore
public import IOLinkTables

/// An object that ``Serialization`` writes and reads.
public enum SerializedObject: Sendable {
  /// A list of unsigned integers.
  case unsignedVector([UInt64])
  /// A list of signed integers.
  case signedVector([Int64])
  /// A list of floating-point numbers.
  case realVector([Double])
  /// A region of an image, of any rank.
  case region(Region)
  /// The type of an image's elements.
  case dataType(DataType)
  /// The directions of the spatial axes.
  case directions(SpatialDirections)
  /// The axes of an image and what its values mean, without the pixels.
  case properties(ImageProperties)
  /// A tree of metadata.
  case metadata(MetadataNode)
  /// An image with its type, properties, metadata and pixels.
  case image(any ImageView)
  /// A table with its metadata and values.
  case dataFrame(any DataFrameView)

  /// The kind of the object as the header states it. Numbers below 0x10000 are those of IOLink.
  enum Kind: UInt32 {
    case unsignedVector = 0x10000
    case signedVector, realVector, region, dataType, directions, properties, metadata, image, dataFrame

    /// The limit that bounds the section of such an object.
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

  /// Appends the fields of the object; for an image, without its pixels.
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

  /// Reads the fields of any object but an image, whose pixels are not in its section.
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
    case .image: throw IOLinkError(.unsupported, "an image cannot be read without its pixels")
    }
  }
}
