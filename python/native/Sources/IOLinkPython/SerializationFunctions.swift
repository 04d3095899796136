import CPython
import IOLink
import IOLinkSerialization

/// Objects in streams: a kind by name, and what the package makes the object of.
enum SerializationFunctions {
  /// `encode(stream, kind, value)`.
  static func encode(_ arguments: Arguments) throws -> Object {
    let box: StreamBox = try HandleType.plain(arguments[0])
    let object = try parse(arguments.text(1), arguments[2])
    _ = try Interpreter.interruptibly { context, _ throws(IOLinkError) in
      try box.lend { stream throws(IOLinkError) in
        try Serialization.encode(object, to: stream, context: context)
        return true
      }
    }
    return Make.none()
  }

  /// `decode(stream)`: (kind, value).
  static func decode(_ arguments: Arguments) throws -> Object {
    let box: StreamBox = try HandleType.plain(arguments[0])
    let object = try Interpreter.interruptibly { context, _ throws(IOLinkError) in
      try box.lend { stream throws(IOLinkError) in try Serialization.decode(from: stream, context: context) }
    }
    let (kind, value) = try packed(object)
    return try Make.tuple([Make.text(kind), value])
  }

  private static func parse(_ kind: String, _ value: Object) throws -> SerializedObject {
    switch kind {
    case "unsigned": return try .unsignedVector(value.items().map { try $0.unsigned() })
    case "signed": return try .signedVector(value.items().map { Int64(try $0.int()) })
    case "real": return try .realVector(value.items().map { try $0.double() })
    case "region":
      let parts = try value.items()
      guard parts.count == 2 else { throw IOLinkError(.invalidArgument, "a region of \(parts.count) parts, expected 2") }
      return try .region(Region(origin: parts[0].vector(), size: parts[1].vector()))
    case "data_type":
      let parts = try value.items()
      guard parts.count == 2 else { throw IOLinkError(.invalidArgument, "a type of \(parts.count) parts, expected 2") }
      return try .dataType(ViewFunctions.dataType(parts[0], parts[1]))
    case "directions": return try .directions(PropertyFunctions.directions(value))
    case "properties": return try .properties(PropertyFunctions.parse(value, shape: nil))
    case "metadata": return try .metadata(MetadataFunctions.parse(value))
    case "image":
      let box = try HandleType.view(value)
      try box.checkOpen()
      return .image(box.image)
    case "frame": return try .dataFrame(FrameFunctions.frame(value))
    default: throw IOLinkError(.invalidArgument, "no kind of object \"\(kind)\"")
    }
  }

  private static func packed(_ object: SerializedObject) throws -> (String, Object) {
    switch object {
    case .unsignedVector(let values): ("unsigned", try Make.tuple(values.map { try Make.checked(PyLong_FromUnsignedLongLong($0)) }))
    case .signedVector(let values): ("signed", try Make.tuple(values.map { try Make.int(Int($0)) }))
    case .realVector(let values): ("real", try Make.tuple(values.map { try Make.double($0) }))
    case .region(let region): ("region", try Make.tuple([Make.vector(region.origin), Make.vector(region.size)]))
    case .dataType(let dataType): ("data_type", try ViewFunctions.packed(dataType))
    case .directions(let directions): ("directions", try PropertyFunctions.packed(directions))
    case .properties(let properties): ("properties", try PropertyFunctions.packed(properties))
    case .metadata(let node): ("metadata", try MetadataFunctions.node(node))
    case .image(let image): ("image", try HandleType.wrap(ViewBox(image, isReshapable: true), as: HandleType.imageView))
    case .dataFrame(let frame): ("frame", try FrameFunctions.wrap(frame))
    }
  }
}
