/// The one error type of the library, thrown typed at every boundary.
///
/// `code` says who must act, `format` and `offset` say where, `reason` says what was found and what was expected.
public struct IOLinkError: Error, Sendable {
  /// Who must act. An open set: third-party codecs may add their own.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// No codec knows the content.
    public static let unrecognized = Code(rawValue: "unrecognized")
    /// The bytes break the rules of their format.
    public static let malformed = Code(rawValue: "malformed")
    /// The bytes end before the format says they do.
    public static let truncated = Code(rawValue: "truncated")
    /// Legal, but not offered here: a feature, a capability, an operation.
    public static let unsupported = Code(rawValue: "unsupported")
    /// A resource limit would be passed; the caller may raise it.
    public static let limitExceeded = Code(rawValue: "limitExceeded")
    /// The caller's argument is wrong.
    public static let invalidArgument = Code(rawValue: "invalidArgument")
    /// A named image, member, option or file does not exist.
    public static let notFound = Code(rawValue: "notFound")
    /// The operating system or a stream failed.
    public static let io = Code(rawValue: "io")
    /// The caller asked to stop.
    public static let cancelled = Code(rawValue: "cancelled")
  }

  public var code: Code
  /// The format in whose terms the error is meant, by its codec's name.
  public var format: String?
  /// Where in the file, in bytes from its beginning.
  public var offset: Int?
  /// What was found and what was expected, with values; one line, no trailing period.
  public var reason: String
  /// The error that led to this one.
  public var cause: (any Error)?

  public init(
    _ code: Code, _ reason: String, format: String? = nil, offset: Int? = nil, cause: (any Error)? = nil
  ) {
    self.code = code
    self.reason = reason
    self.format = format
    self.offset = offset
    self.cause = cause
  }

  /// The same error, with format and offset filled in where they are missing.
  public func located(format: String? = nil, offset: Int? = nil) -> IOLinkError {
    var error = self
    error.format = error.format ?? format
    error.offset = error.offset ?? offset
    return error
  }

  /// Whether the file, rather than the caller or the system, is to blame.
  public var isAboutContent: Bool {
    code == .unrecognized || code == .malformed || code == .truncated || code == .unsupported || code == .limitExceeded
  }
}

extension IOLinkError: CustomStringConvertible {
  /// One line: `FORMAT, byte 8: malformed: …`.
  public var description: String {
    var place = format ?? ""
    if let offset { place += place.isEmpty ? "byte \(offset)" : ", byte \(offset)" }
    let text = place.isEmpty ? "\(code.rawValue): \(reason)" : "\(place): \(code.rawValue): \(reason)"
    guard let cause else { return text }
    return "\(text) (\(cause))"
  }
}
