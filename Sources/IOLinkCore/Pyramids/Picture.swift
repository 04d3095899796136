extension ImageView {
  /// Takes the plane of COLUMN and ROW in the middle of every other axis. The view is lazy.
  ///
  /// An axis that the image lacks is added with length 1. Where the axes have no names, the two fastest are the plane.
  ///
  /// - Parameter chosen: The index along other axes than the plane's, where it is not the middle.
  /// - Throws: `invalidArgument` for an axis that the image lacks, and for an index outside it.
  public func plane(at chosen: [AxisRole: Int] = [:]) throws(IOLinkError) -> any ImageView {
    for (role, index) in chosen.ordered(by: { $0.key.name < $1.key.name }) {
      guard let axis = properties.index(of: role) else {
        let roles = properties.axes.map(\.role.description).joined(separator: ", ")
        throw IOLinkError(.invalidArgument, "the plane is chosen along \(role), expected one of the axes \(roles)")
      }
      guard (0..<shape[axis]).contains(index) else {
        throw IOLinkError(.invalidArgument, "the plane is at \(index) along \(role), an axis of length \(shape[axis])")
      }
    }
    var view: any ImageView = self
    for axis in properties.axes.indices.reversed() {
      let role = properties.axes[axis].role
      if role == .column || role == .row || properties.hasUnknownAxes && axis < 2 { continue }
      view = try view.selecting(axis: axis, chosen[role] ?? shape[axis] / 2)
    }
    if view.properties.index(of: .column) == nil { view = try view.inserting(.column) }
    if view.properties.index(of: .row) == nil { view = try view.inserting(.row) }
    return view
  }
}

/// Small pictures that show planes.
public enum Picture {
  /// Makes a picture of a plane: elements at equal distances, with 1 to 4 components of uint8 or Booleans.
  ///
  /// Other values are scaled from the range of the plane to 0 … 255. Of an element with more than four components, only the first is shown.
  ///
  /// - Parameters:
  ///   - levels: The plane at several resolutions, finest first; one at least. The coarsest is read that fills the picture.
  ///   - size: The greatest length of the longer side, 1 or more.
  ///   - context: The threads that read the plane, and how the call is stopped.
  /// - Throws: `unsupported` for complex images; any error that reading the plane throws.
  public static func make(
    of levels: [any ImageView], size: Int, context: OperationContext = .default
  ) throws(IOLinkError) -> any ImageView {
    // A level that is as long as the picture, or longer, shows as much as the finest one.
    guard var image = levels.last(where: { $0.shape.max() ?? 1 >= size }) ?? levels.first else {
      throw IOLinkError(.invalidArgument, "a picture shows a plane, but none was given")
    }
    let longest = image.shape.max() ?? 1
    if longest > size {
      image = try image.subsampled(by: AxisVector(repeating: Checked.ceilingDivide(longest, size), count: image.rank))
    }
    return try displayed(image.copyInMemory(context: context), context)
  }

  private static func displayed(_ image: any ImageView, _ context: OperationContext) throws(IOLinkError) -> any ImageView {
    let view = image.dataType.componentCount > 4 ? try image.component(0) : image
    let type = view.dataType.componentType
    if type == .uint8 || type == .boolean { return view }
    guard !type.isComplex else {
      throw IOLinkError(.unsupported, "complex images cannot be shown; convert the image to real components first")
    }
    guard let memory = view.memory else { return view }
    let range = try memory.block.withBytes { bytes throws(IOLinkError) in
      try PixelStatistics.range(of: bytes, memory.shape, memory.dataType, memory.layout, context: context)
    }
    let finite = range.flatMap { $0.lowerBound.isFinite && $0.upperBound.isFinite && $0.lowerBound < $0.upperBound ? $0 : nil }
    return try view.converted(to: .uint8, .rescaled(from: finite ?? 0...1, to: 0...255))
  }
}

/// The type and the axes of a picture: COLUMN and ROW.
public struct PictureDescription: Sendable {
  /// The type of an element.
  public let dataType: DataType
  /// The axes, and what the values mean.
  public let properties: ImageProperties
}

extension OptionDeclaration {
  /// The option `thumbnail` of codecs that store a small picture beside an image; ``CodecOptions/thumbnailSize`` reads it. The core makes it.
  public static let thumbnail = OptionDeclaration(
    "thumbnail", .integer(16...4096), help: "greatest length of a small 8-bit picture that is stored beside an image of one plane")
}

extension CodecOptions {
  /// The greatest length of the picture that ``OptionDeclaration/thumbnail`` asks for; `nil` without one.
  public var thumbnailSize: Int? { integer(OptionDeclaration.thumbnail.name) }
}
