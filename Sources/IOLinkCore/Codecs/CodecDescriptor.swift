/// What a codec is and what it can do.
///
/// The support table of the documentation and the command line's help are made from it.
public struct CodecDescriptor: Sendable {
  /// The format's usual name, as `iolink formats` lists it.
  public let name: String
  /// What the name stands for, in one line.
  public let summary: String
  /// The file name extensions of the format, in lower case and without the dot. The first is the usual one.
  public let extensions: [String]
  /// The options that the codec takes when it opens a file.
  public let readOptions: [OptionDeclaration]
  /// The options that the codec takes when it writes a file.
  public let writeOptions: [OptionDeclaration]
  /// What the codec reads, as human-readable lines.
  public let reads: [String]
  /// What the codec can write; `nil` when it only reads.
  public let writing: Writing?
  /// Which of the codec's metadata describe positions, numbers or only how a file is stored, besides those of ``MetadataBinding/core``.
  public let bindings: [MetadataBinding]

  /// What a codec can write.
  public struct Writing: Sendable {
    /// The component types that the format can hold.
    public let componentTypes: Set<ComponentType>
    /// How many components an element may have.
    public let componentCounts: ClosedRange<Int>
    /// The most axes of a length other than 1 that an image may have. Components do not count as an axis.
    public let maximumRank: Int
    /// What else the codec can do when it writes.
    public let features: Features
    /// The writing options that give a file which can later be opened with ``FileAccess/update``; `nil` when no options do.
    public let updateOptions: [String: String]?
    /// What the codec writes, as human-readable lines.
    public let lines: [String]

    /// Abilities and needs that differ between writing codecs.
    public struct Features: OptionSet, Hashable, Sendable {
      /// The bits of the set.
      public let rawValue: Int
      /// Makes a set from its bits.
      public init(rawValue: Int) { self.rawValue = rawValue }

      /// The slowest axis can grow while the image is written.
      public static let growable = Features(rawValue: 1)
      /// The format can be written to a pipe. Without this, the target needs SEEK.
      public static let streamable = Features(rawValue: 2)
      /// The format can hold axes without a role.
      public static let unknownAxes = Features(rawValue: 4)
      /// The format keeps the spacing, origin and unit of every axis.
      public static let calibration = Features(rawValue: 8)
      /// The codec reads what it has written, so that the target needs READ.
      public static let readsBack = Features(rawValue: 16)
      /// A file can hold several images, each with a name. Without this, it holds one.
      public static let severalImages = Features(rawValue: 32)
      /// An image can have coarser levels, with fewer columns and rows. Such a codec declares ``OptionDeclaration/levels`` and
      /// ``OptionDeclaration/downsample``; the core makes the levels and asks the codec for a sink for each.
      public static let levels = Features(rawValue: 64)
      /// The coarser levels of a volume can also have fewer slices.
      public static let volumeLevels = Features(rawValue: 128)
      /// An image may have a SEQUENCE axis besides the axes that ``maximumRank`` allows. It is written as an animation, and read as an
      /// image of its own beside its first frame, which remains the main image.
      public static let animation = Features(rawValue: 256)
    }

    /// The capabilities that a target must have: WRITE, and SEEK and READ according to ``features``.
    public var neededCapabilities: StreamCapabilities {
      var needed: StreamCapabilities = .write
      if !features.contains(.streamable) { needed.insert(.seek) }
      if features.contains(.readsBack) { needed.insert(.read) }
      return needed
    }

    /// Returns how many axes of an image count towards ``maximumRank``: those of a length other than 1, and not the frames of an animation.
    public func rank(of properties: ImageProperties) -> Int {
      properties.axes.filter { $0.length != 1 && !(features.contains(.animation) && $0.role == .sequence) }.count
    }

    /// Declares what a codec can write.
    public init(
      componentTypes: Set<ComponentType>, componentCounts: ClosedRange<Int>, maximumRank: Int, features: Features,
      updateOptions: [String: String]? = nil, lines: [String]
    ) {
      self.componentTypes = componentTypes
      self.componentCounts = componentCounts
      self.maximumRank = maximumRank
      self.features = features
      self.updateOptions = updateOptions
      self.lines = lines
    }
  }

  /// Describes a codec. Without `writing`, the codec only reads.
  public init(
    name: String, summary: String, extensions: [String], readOptions: [OptionDeclaration] = [],
    writeOptions: [OptionDeclaration] = [], reads: [String], writing: Writing? = nil,
    bindings: [MetadataBinding] = []
  ) {
    self.name = name
    self.summary = summary
    self.extensions = extensions
    self.readOptions = readOptions
    self.writeOptions = writeOptions
    self.reads = reads
    self.writing = writing
    self.bindings = bindings
  }
}

/// An option that a codec takes. The same declaration serves Swift, the command line and Python.
public struct OptionDeclaration: Hashable, Sendable {
  /// The name by which callers give the option.
  public let name: String
  /// The type of the value, and which values are allowed.
  public let kind: Kind
  /// The value that applies when the option is not given, as text; `nil` when there is none.
  public let defaultValue: String?
  /// What the option does, in one line.
  public let help: String

  /// The type of an option's value, and which values are allowed.
  public enum Kind: Hashable, Sendable {
    /// An integer in the range.
    case integer(ClosedRange<Int>)
    /// A finite number.
    case real
    /// `true`, `yes`, `1` or `on`; `false`, `no`, `0` or `off`; in upper or lower case.
    case boolean
    /// One of these names, which are in lower case; callers may use upper case.
    case choice([String])
    /// Integers in the range, separated by commas; none for an empty text.
    case integers(ClosedRange<Int>)
    /// Any text.
    case text
  }

  /// Declares an option.
  ///
  /// - Parameters:
  ///   - name: The name by which callers give the option.
  ///   - kind: The type of the value, and which values are allowed.
  ///   - defaultValue: The value that applies when the option is not given.
  ///   - help: What the option does, in one line.
  public init(_ name: String, _ kind: Kind, default defaultValue: String? = nil, help: String) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.help = help
  }

  /// The option `order` of codecs that write axes in any order; ``CodecOptions/axisOrder(of:)`` reads it.
  public static let order = OptionDeclaration(
    "order", .text, help: "axes slowest first, as letters (TZYXC) or names separated by commas")

  /// The option `byte-order` of codecs that store elements in either byte order; ``CodecOptions/byteOrder`` reads it.
  public static let byteOrder = OptionDeclaration(
    "byte-order", .choice(["native", "little", "big"]), default: "native", help: "byte order of the elements")

  /// The allowed values in words, such as `1 to 9` or `none, lzw, deflate`.
  public var allowed: String {
    switch kind {
    case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .real: "a number"
    case .boolean: "true or false"
    case .choice(let names): names.joined(separator: ", ")
    case .integers(let range): "numbers from \(range.lowerBound) to \(range.upperBound), separated by commas"
    case .text: "text"
    }
  }
}

/// The options of one call, checked against the options that the codec declares.
public struct CodecOptions: Sendable {
  private enum Value: Sendable {
    case integer(Int), real(Double), boolean(Bool), text(String), integers([Int])
  }

  private let values: [String: Value]
  /// The options that the caller gave, as text; defaults are not among them.
  public let given: [String: String]

  /// Takes the default of every declared option that has one.
  public init(declared: [OptionDeclaration]) {
    self.init(
      values: declared.reduce(into: [:]) { values, option in
        if let text = option.defaultValue { values[option.name] = try? Self.parse(text, option) }
      }, given: [:])
  }

  private init(values: [String: Value], given: [String: String]) {
    self.values = values
    self.given = given
  }

  /// Checks the options that a caller gives, and takes the defaults of the others.
  ///
  /// - Parameters:
  ///   - given: Values as text, by the names of the options.
  ///   - declared: The options that the codec declares.
  /// - Throws: `invalidArgument` when a name is not declared, with the declared names, or when a value is not allowed, with the
  ///   allowed values.
  public init(_ given: [String: String], declared: [OptionDeclaration]) throws(IOLinkError) {
    var values = CodecOptions(declared: declared).values
    for (name, text) in given.ordered(by: { $0.key < $1.key }) {
      guard let option = declared.first(where: { $0.name == name }) else {
        let names = declared.isEmpty ? "it takes no options here" : "its options are " + declared.map(\.name).joined(separator: ", ")
        throw IOLinkError(.invalidArgument, "the format has no option \"\(name)\"; \(names)")
      }
      values[name] = try Self.parse(text, option)
    }
    self.init(values: values, given: given)
  }

  private static func parse(_ text: String, _ option: OptionDeclaration) throws(IOLinkError) -> Value {
    switch option.kind {
    case .integer(let range):
      if let value = Int(text), range.contains(value) { return .integer(value) }
    case .real:
      if let value = Double(text), value.isFinite { return .real(value) }
    case .boolean:
      if ["true", "yes", "1", "on"].contains(text.lowercased()) { return .boolean(true) }
      if ["false", "no", "0", "off"].contains(text.lowercased()) { return .boolean(false) }
    case .choice(let names):
      if let name = names.first(where: { $0 == text.lowercased() }) { return .text(name) }
    case .integers(let range):
      let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0.filter { $0 != " " }) }
      let valid = numbers.compactMap { $0 }.filter(range.contains)
      if valid.count == numbers.count { return .integers(valid) }
      if text.isEmpty { return .integers([]) }
    case .text: return .text(text)
    }
    throw IOLinkError(.invalidArgument, "option \(option.name) is \"\(text)\", allowed: \(option.allowed)")
  }

  /// The value of an integer option; `nil` when it was not given and has no default.
  public func integer(_ name: String) -> Int? {
    if case .integer(let value)? = values[name] { value } else { nil }
  }
  /// The value of a real option; `nil` when it was not given and has no default.
  public func real(_ name: String) -> Double? {
    if case .real(let value)? = values[name] { value } else { nil }
  }
  /// The value of a boolean option; `nil` when it was not given and has no default.
  public func boolean(_ name: String) -> Bool? {
    if case .boolean(let value)? = values[name] { value } else { nil }
  }
  /// The value of a text option, or the chosen name of a choice, in lower case; `nil` when it was not given and has no default.
  public func text(_ name: String) -> String? {
    if case .text(let value)? = values[name] { value } else { nil }
  }
  /// The values of an option that takes several integers; `nil` when it was not given and has no default.
  public func integers(_ name: String) -> [Int]? {
    if case .integers(let value)? = values[name] { value } else { nil }
  }

  /// The order of the axes that ``OptionDeclaration/order`` names, as axis indices, slowest first; without the option, the source
  /// order of the image.
  ///
  /// - Throws: `invalidArgument` when the names are not those of all axes, each once.
  public func axisOrder(of properties: ImageProperties) throws(IOLinkError) -> AxisVector {
    try properties.axisOrder(text(OptionDeclaration.order.name))
  }

  /// The byte order that ``OptionDeclaration/byteOrder`` names; without the option, that of the machine.
  public var byteOrder: ByteOrder {
    switch text(OptionDeclaration.byteOrder.name) {
    case "little": .little
    case "big": .big
    default: .native
    }
  }
}
