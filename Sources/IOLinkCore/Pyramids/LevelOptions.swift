/// Which coarser levels are written with an image.
public enum LevelChoice: Hashable, Sendable {
  /// None: only the image itself.
  case none
  /// Those that the image has where it comes from.
  case kept
  /// New ones, made of the image. `count` is the greatest number of levels, the image included: a level with a single column and row is the
  /// last. With `nil`, there are as many as it takes until no halved axis is longer than ``automaticLength``.
  case made(count: Int?)

  /// The greatest length of a halved axis in the coarsest level, where the number of levels is not given.
  public static let automaticLength = 256
}

/// How several elements of a level become one element of the next coarser one.
public enum Downsampling: String, Hashable, Sendable, CaseIterable {
  /// Their mean, component by component. Means of integers are rounded to the nearest integer, and halves up. A mean that involves NaN is
  /// NaN.
  case mean
  /// The value that most of them have, component by component; of several such values, the smallest.
  case mode
  /// The first of them: that with the lowest position along every axis.
  case nearest

  /// What fits the values of an image: ``mode`` for labels, indices into a palette and Booleans, and ``mean`` for everything else.
  public init(fitting image: ImageDescription) {
    let named: [ImageInterpretation] = [.label, .binary, .palette]
    self = image.dataType.componentType == .boolean || named.contains(image.properties.interpretation) ? .mode : .mean
  }

  /// Checks that components of a type can be reduced in this way.
  ///
  /// - Throws: `unsupported` for the mean of Booleans, which is not a Boolean, and for the mode of complex numbers, of which none is the
  ///   smallest.
  public func check(_ componentType: ComponentType) throws(IOLinkError) {
    switch self {
    case .mean where componentType == .boolean:
      throw IOLinkError(.unsupported, "the mean of Booleans is not a Boolean; downsample=mode or nearest makes levels of them")
    case .mode where componentType.isComplex:
      throw IOLinkError(.unsupported, "complex numbers have no order, which the mode needs; downsample=mean or nearest makes levels of them")
    default: return
    }
  }
}

extension OptionDeclaration {
  /// The option `levels` of codecs that write pyramids; ``CodecOptions/levels`` reads it. The core makes or keeps the levels.
  public static let levels = OptionDeclaration(
    "levels", .choice(["none", "keep", "auto"] + (1...12).map(String.init)), default: "none",
    help: "coarser levels: keep those of the input, or make that many in all (auto: until 256 elements are left)")

  /// The option `downsample` of codecs that write pyramids; ``CodecOptions/downsampling`` reads it.
  public static let downsample = OptionDeclaration(
    "downsample", .choice(["auto"] + Downsampling.allCases.map(\.rawValue)), default: "auto",
    help: "how levels are made; auto takes the mode of labels and Booleans and the mean of everything else")
}

extension CodecOptions {
  /// The coarser levels that ``OptionDeclaration/levels`` asks for.
  public var levels: LevelChoice { LevelChoice(text(OptionDeclaration.levels.name)) }

  /// How levels are made; `nil` where that follows from the values of the image (``Downsampling/init(fitting:)``).
  public var downsampling: Downsampling? { text(OptionDeclaration.downsample.name).flatMap { Downsampling(rawValue: $0) } }
}

extension LevelChoice {
  /// Takes the value of the option `levels`, in lower case.
  init(_ text: String?) {
    self =
      switch text {
      case nil, "none": .none
      case "keep": .kept
      case "auto": .made(count: nil)
      case let number?: .made(count: Int(number))
      }
  }
}
