public import IOLinkCore

/// A file that other software wrote, and what it holds.
public struct Fixture: Sendable {
  public enum Expectation: Sendable {
    /// These images, in file order; `isComplete` says that there are no others.
    case accept([ExpectedImage], isComplete: Bool)
    /// An error, of this code where one is given.
    case reject(IOLinkError.Code?)
  }

  /// The file's name, as a hint for detection and in messages.
  public let name: String
  public let bytes: [UInt8]
  /// Reading options of the codec.
  public let options: [String: String]
  public let expectation: Expectation

  public init(_ name: String, bytes: [UInt8], options: [String: String] = [:], expectation: Expectation) {
    self.name = name
    self.bytes = bytes
    self.options = options
    self.expectation = expectation
  }

  var isAccepted: Bool { if case .accept = expectation { true } else { false } }
}

/// What a fixture's image must be. What is `nil` is not checked, but ``pixels`` must be stated.
public struct ExpectedImage: Sendable {
  public struct Axis: Sendable {
    public var role: AxisRole
    public var length: Int
    /// Spacing, origin and unit are checked, and so is their absence, unless `hasFreeCalibration`.
    public var spacing: Double?
    public var origin: Double?
    public var unit: String?
    public var hasFreeCalibration: Bool

    public init(
      _ role: AxisRole, length: Int, spacing: Double? = nil, origin: Double? = nil, unit: String? = nil,
      hasFreeCalibration: Bool = false
    ) {
      self.role = role
      self.length = length
      self.spacing = spacing
      self.origin = origin
      self.unit = unit
      self.hasFreeCalibration = hasFreeCalibration
    }
  }

  public enum Pixels: Sendable {
    /// Of all pixels: dense, column fastest, components interleaved, little-endian; a boolean is a byte 0 or 1.
    case crc32(UInt32)
    /// Components at positions (canonical order), each within the tolerance: for lossy formats.
    case samples([(position: [Int], values: [Double])], tolerance: Double)
    /// No other program tells the pixels, for this reason.
    case unknown(reason: String)
  }

  /// One of several resolutions.
  public struct Level: Sendable {
    /// Canonical order.
    public var shape: [Int]
    public var pixels: Pixels

    public init(shape: [Int], pixels: Pixels) {
      self.shape = shape
      self.pixels = pixels
    }
  }

  public var name: String?
  public var isMain: Bool?
  public var componentType: ComponentType?
  public var componentCount: Int?
  /// Canonical order.
  public var axes: [Axis]
  /// Further axes of length 1 may be present.
  public var hasFreeLengthOneAxes = false
  public var sourceOrder: [Int]?
  public var axesAreInferred: Bool?
  public var pixels: Pixels?
  public var interpretation: String?
  public var significantBits: Int?
  public var alpha: String?
  /// All resolutions, the finest first; `nil` is one.
  public var levels: [Level]?
  /// Values by their path, as their descriptions; there may be others.
  public var metadata: [String: String] = [:]

  public init(axes: [Axis]) { self.axes = axes }
}
