public import IOLinkCore

/// A file that other software wrote, and what opening it must give.
public struct Fixture: Sendable {
  /// What opening a fixture must give.
  public enum Expectation: Sendable {
    /// The file opens and holds these images, in file order. If `isComplete` is true, it holds only these images.
    case accept([ExpectedImage], isComplete: Bool)
    /// The file is refused, with an error of this code if one is given.
    case reject(IOLinkError.Code?)
  }

  /// The name of the file. It is a hint for detection and appears in violations.
  public let name: String
  /// The content of the file.
  public let bytes: [UInt8]
  /// The reading options to open the file with.
  public let options: [String: String]
  /// What opening the file must give.
  public let expectation: Expectation

  /// Creates a fixture.
  ///
  /// - Parameters:
  ///   - name: The name of the file, with its extension.
  ///   - bytes: The content of the file.
  ///   - options: The reading options to open the file with.
  ///   - expectation: What opening the file must give.
  public init(_ name: String, bytes: [UInt8], options: [String: String] = [:], expectation: Expectation) {
    self.name = name
    self.bytes = bytes
    self.options = options
    self.expectation = expectation
  }

  var isAccepted: Bool { if case .accept = expectation { true } else { false } }
}

/// What an image of a fixture must be. Properties that are `nil` are not checked, except that ``pixels`` is required.
public struct ExpectedImage: Sendable {
  /// What an axis must be.
  public struct Axis: Sendable {
    /// The role of the axis.
    public var role: AxisRole
    /// The number of elements along the axis.
    public var length: Int
    /// The spacing in ``unit``, within a relative error of 1e-9; `nil` if the axis must have none.
    public var spacing: Double?
    /// The origin in ``unit``, within a relative error of 1e-9; `nil` if the axis must have none.
    public var origin: Double?
    /// The unit; `nil` if the axis must have none.
    public var unit: String?
    /// Whether spacing, origin and unit are left unchecked.
    public var hasFreeCalibration: Bool

    /// Creates an expectation for an axis, by default one without calibration.
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

  /// What the pixels must be.
  public enum Pixels: Sendable {
    /// The checksum of all pixels: dense, column fastest, components interleaved, little-endian; a Boolean is a byte 0 or 1.
    case crc32(UInt32)
    /// The components of single elements, each within the tolerance, for lossy formats. Positions are in canonical order.
    case samples([(position: [Int], values: [Double])], tolerance: Double)
    /// The pixels are not compared, because no other program can read them. The reason must not be empty.
    case unknown(reason: String)
  }

  /// What one level of a pyramid must be.
  public struct Level: Sendable {
    /// The shape in canonical order.
    public var shape: [Int]
    /// The pixels of the level.
    public var pixels: Pixels

    /// Creates an expectation for a level.
    public init(shape: [Int], pixels: Pixels) {
      self.shape = shape
      self.pixels = pixels
    }
  }

  /// The name of the image in its file. An image without a name is found by its position.
  public var name: String?
  /// Whether this is the image that opening the file gives.
  public var isMain: Bool?
  /// The type of one component.
  public var componentType: ComponentType?
  /// The number of components of an element, checked along with ``componentType``; `nil` means 1.
  public var componentCount: Int?
  /// The axes in canonical order.
  public var axes: [Axis]
  /// Whether further axes of length 1 may be present.
  public var hasFreeLengthOneAxes = false
  /// The axis order of the file: indices into ``axes``, slowest first.
  public var sourceOrder: [Int]?
  /// Whether the axes are chosen by rule because the file does not state them.
  public var axesAreInferred: Bool?
  /// The pixels. An expectation without them is a violation.
  public var pixels: Pixels?
  /// The name of the interpretation, such as `RGB`.
  public var interpretation: String?
  /// The number of bits that carry information.
  public var significantBits: Int?
  /// The raw value of the alpha mode.
  public var alpha: String?
  /// All levels of the pyramid, the finest first; `nil` if the image must have a single resolution.
  public var levels: [Level]?
  /// Descriptions of metadata values by path. The image may have other metadata.
  public var metadata: [String: String] = [:]

  /// Creates an expectation for an image with these axes, in canonical order. ``pixels`` must be set as well.
  public init(axes: [Axis]) { self.axes = axes }
}
