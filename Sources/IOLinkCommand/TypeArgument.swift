import IOLink

/// `--type`, with `--cast` or `--rescale` where values may change.
struct TypeArgument {
  private let scalar: ScalarType
  private let cast: Bool
  private let rescale: Bool

  /// - Throws: `invalidArgument` when the type is unknown or both ways are asked for.
  init(_ name: String, cast: Bool, rescale: Bool) throws(IOLinkError) {
    guard let type = DataType(named: name), type.componentCount == 1 else {
      let names = ScalarType.allCases.map(\.numpyName).joined(separator: ", ")
      throw IOLinkError(.invalidArgument, "type \"\(name)\", allowed: \(names)")
    }
    guard !(cast && rescale) else { throw IOLinkError(.invalidArgument, "--cast and --rescale exclude each other") }
    scalar = type.scalar
    self.cast = cast
    self.rescale = rescale
  }

  /// - Throws: `invalidArgument` when values could change and neither way was asked for.
  func apply(to image: any ImageView) throws(IOLinkError) -> any ImageView {
    if rescale {
      return try image.converted(to: scalar, .rescaled(image.dataType, to: DataType(scalar)))
    }
    guard cast || image.dataType.scalar.fits(in: scalar) else {
      throw IOLinkError(
        .invalidArgument, "values of \(image.dataType.numpyName) may not fit in \(scalar.numpyName); add --cast or --rescale")
    }
    return try image.converted(to: scalar)
  }
}
