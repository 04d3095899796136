/// What a codec is and can do. The support table of the documentation and the command line's help are made of it.
public struct CodecDescriptor: Sendable {
  /// The format's usual name, as in `iolink formats`.
  public let name: String
  /// One line: what the name stands for.
  public let summary: String
  /// Lower case, without dot; the first is the usual one.
  public let extensions: [String]
  public let readOptions: [OptionDeclaration]
  public let writeOptions: [OptionDeclaration]
  /// What is read, as human-readable lines.
  public let reads: [String]
  /// `nil` when the format is only read.
  public let writing: Writing?

  /// What a codec can write.
  public struct Writing: Sendable {
    public let componentTypes: Set<ComponentType>
    /// How many components an element may have.
    public let componentCounts: ClosedRange<Int>
    /// The largest rank; components not counted.
    public let maximumRank: Int
    public let features: Features
    /// The writing options under which a file can be updated in place later (``FileAccess/update``); `nil` when none can.
    public let updateOptions: [String: String]?
    /// Human-readable lines.
    public let lines: [String]

    public struct Features: OptionSet, Hashable, Sendable {
      public let rawValue: Int
      public init(rawValue: Int) { self.rawValue = rawValue }

      /// The slowest axis can grow while frames arrive.
      public static let growable = Features(rawValue: 1)
      /// Can be written to a pipe; others need SEEK.
      public static let streamable = Features(rawValue: 2)
      /// Unknown axes can be written.
      public static let unknownAxes = Features(rawValue: 4)
      /// Spacing, origin and unit of every axis come back.
      public static let calibration = Features(rawValue: 8)
      /// Reads what it has written, and needs a target with READ.
      public static let readsBack = Features(rawValue: 16)
    }

    /// What the format needs of its target.
    public var neededCapabilities: StreamCapabilities {
      var needed: StreamCapabilities = .write
      if !features.contains(.streamable) { needed.insert(.seek) }
      if features.contains(.readsBack) { needed.insert(.read) }
      return needed
    }

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

  public init(
    name: String, summary: String, extensions: [String], readOptions: [OptionDeclaration] = [],
    writeOptions: [OptionDeclaration] = [], reads: [String], writing: Writing? = nil
  ) {
    self.name = name
    self.summary = summary
    self.extensions = extensions
    self.readOptions = readOptions
    self.writeOptions = writeOptions
    self.reads = reads
    self.writing = writing
  }
}

/// One option of a codec: the same declaration drives Swift, the command line and Python.
public struct OptionDeclaration: Hashable, Sendable {
  public let name: String
  public let kind: Kind
  /// As it would be written; `nil` when the option must be given or has no value unless given.
  public let defaultValue: String?
  /// One line.
  public let help: String

  public enum Kind: Hashable, Sendable {
    case integer(ClosedRange<Int>)
    case real
    case boolean
    case choice([String])
    /// Comma-separated, each in the range.
    case integers(ClosedRange<Int>)
    case text
  }

  public init(_ name: String, _ kind: Kind, default defaultValue: String? = nil, help: String) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.help = help
  }

  /// `1 to 9`, `none, lzw, deflate`.
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

/// The options of one call, checked against what the codec declares.
public struct CodecOptions: Sendable {
  private enum Value: Sendable {
    case integer(Int), real(Double), boolean(Bool), text(String), integers([Int])
  }

  private let values: [String: Value]
  /// What the caller gave, as given.
  public let given: [String: String]

  /// Defaults only.
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

  /// - Throws: `invalidArgument` for an unknown name or a value that is not allowed; the error names the allowed ones.
  public init(_ given: [String: String], declared: [OptionDeclaration]) throws(IOLinkError) {
    var values = CodecOptions(declared: declared).values
    for (name, text) in given.sorted(by: { $0.key < $1.key }) {
      guard let option = declared.first(where: { $0.name == name }) else {
        let names = declared.isEmpty ? "there are none" : "there are " + declared.map(\.name).joined(separator: ", ")
        throw IOLinkError(.invalidArgument, "no option \"\(name)\"; \(names)")
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

  /// `nil` when it was not given and has no default.
  public func integer(_ name: String) -> Int? {
    if case .integer(let value)? = values[name] { value } else { nil }
  }
  public func real(_ name: String) -> Double? {
    if case .real(let value)? = values[name] { value } else { nil }
  }
  public func boolean(_ name: String) -> Bool? {
    if case .boolean(let value)? = values[name] { value } else { nil }
  }
  /// Of a choice or a text.
  public func text(_ name: String) -> String? {
    if case .text(let value)? = values[name] { value } else { nil }
  }
  public func integers(_ name: String) -> [Int]? {
    if case .integers(let value)? = values[name] { value } else { nil }
  }
}
