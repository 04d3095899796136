/// The only error type of the library, thrown typed at every boundary.
///
/// `code` says who must act, `format` and `offset` say where the problem is, and `reason` says what was found and what was
/// expected.
public struct IOLinkError: Error, Sendable {
  /// The kind of an error, which tells who must act. The set is open: third-party codecs may add codes of their own.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code as it appears in messages, such as `malformed`.
    public let rawValue: String

    /// Creates a code, for codecs that need one beyond those below.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// No codec recognises the content.
    public static let unrecognized = Code(rawValue: "unrecognized")
    /// The bytes violate the specification of their format.
    public static let malformed = Code(rawValue: "malformed")
    /// The bytes end earlier than their format says.
    public static let truncated = Code(rawValue: "truncated")
    /// The content or the request is legal, but a feature, a capability or an operation that it needs is not available.
    public static let unsupported = Code(rawValue: "unsupported")
    /// The operation would exceed a limit: one that the caller may raise, the memory available, or the range of an `Int`.
    public static let limitExceeded = Code(rawValue: "limitExceeded")
    /// An argument that the caller passed is invalid.
    public static let invalidArgument = Code(rawValue: "invalidArgument")
    /// A named image, member, option or file does not exist.
    public static let notFound = Code(rawValue: "notFound")
    /// The operating system or a stream failed.
    public static let io = Code(rawValue: "io")
    /// The caller asked the operation to stop.
    public static let cancelled = Code(rawValue: "cancelled")
  }

  /// The kind of the error.
  public var code: Code
  /// The name of the codec whose format the error is about; `nil` when it is not about one.
  public var format: String?
  /// The position in the file that the error is about, in bytes from its beginning; `nil` when it is not about one.
  public var offset: Int?
  /// What was found and what was expected, with values; one line, no trailing period.
  ///
  /// A reason may quote a name from a file. Control characters, such as line feeds, are replaced by escapes.
  public var reason: String { didSet { reason = Self.escaped(reason) } }
  /// The error that led to this one.
  public var cause: (any Error)?

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - code: The kind of the error.
  ///   - reason: What was found and what was expected, with values; one line, no trailing period. Control characters are replaced by
  ///     escapes.
  ///   - format: The name of the codec whose format the error is about.
  ///   - offset: The position in the file, in bytes from its beginning.
  ///   - cause: The error that led to this one.
  public init(
    _ code: Code, _ reason: String, format: String? = nil, offset: Int? = nil, cause: (any Error)? = nil
  ) {
    self.code = code
    self.reason = Self.escaped(reason)
    self.format = format
    self.offset = offset
    self.cause = cause
  }

  private static func escaped(_ text: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar == "\u{2028}" }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.reduce(into: "") { $0 += isControl($1) ? $1.escaped(asASCII: true) : String($1) }
  }

  /// Returns the same error with its format and offset filled in where they are missing.
  public func located(format: String? = nil, offset: Int? = nil) -> IOLinkError {
    var error = self
    error.format = error.format ?? format
    error.offset = error.offset ?? offset
    return error
  }

  /// Returns the same error with the name of the image that it is about in its reason.
  public func located(image name: String) -> IOLinkError {
    var error = self
    error.reason = "image \"\(name)\": \(reason)"
    return error
  }

  /// Whether the content of the file, rather than the caller or the system, is to blame.
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
