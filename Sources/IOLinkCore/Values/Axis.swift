/// What an axis means: COLUMN, ROW, SLICE, CHANNEL, SEQUENCE, or something else with a name (`angle`, `dim0`).
///
/// The set is open. Names are compared without regard to case. An axis without a role is ``unknown``: such axes keep the
/// order of the array they came from and are never reordered.
public struct AxisRole: Hashable, Sendable {
  /// The name in lower case: `column`, `row`, `slice`, `channel`, `sequence`, `angle` …; empty for ``unknown``.
  public let name: String

  /// Creates the role of the given name, in any case. `x`, `y`, `z`, `c` and `t` are the letters of the canonical roles, and
  /// `time` is SEQUENCE; an empty name is ``unknown``.
  public init(_ name: String) {
    if let role = Self.canonical.first(where: { $0.name == name }) {
      self = role
      return
    }
    let lower = name.lowercased()
    self.name = Self.aliases[lower] ?? lower
  }

  private init(exactly name: String) { self.name = name }

  /// COLUMN, the X axis: the position within a row of pixels.
  public static let column = AxisRole(exactly: "column")
  /// ROW, the Y axis: the position of a row within a plane.
  public static let row = AxisRole(exactly: "row")
  /// SLICE, the Z axis: the position of a plane within a volume.
  public static let slice = AxisRole(exactly: "slice")
  /// CHANNEL, letter C: a wavelength, a detector, a stain.
  public static let channel = AxisRole(exactly: "channel")
  /// SEQUENCE, letter T: the frames, each one a moment in time.
  public static let sequence = AxisRole(exactly: "sequence")
  /// An axis without a role.
  public static let unknown = AxisRole(exactly: "")

  /// The five canonical roles: COLUMN, ROW, SLICE, CHANNEL, SEQUENCE.
  public static let canonical: [AxisRole] = [.column, .row, .slice, .channel, .sequence]

  private static let aliases = ["x": "column", "y": "row", "z": "slice", "c": "channel", "t": "sequence", "time": "sequence"]

  /// The position in canonical order: 0 for COLUMN to 4 for SEQUENCE, and 5 for every other role.
  public var canonicalRank: Int {
    switch self {
    case .column: 0
    case .row: 1
    case .slice: 2
    case .channel: 3
    case .sequence: 4
    default: 5
    }
  }

  /// X, Y, Z, C or T for a canonical role; `nil` for every other role.
  public var letter: Character? {
    let rank = canonicalRank
    return rank < 5 ? Array("XYZCT")[rank] : nil
  }

  /// Whether the axis lies in space: COLUMN, ROW or SLICE.
  public var isSpatial: Bool { canonicalRank < 3 }
}

extension AxisRole: CustomStringConvertible {
  /// `COLUMN`, `ROW`, … for a canonical role, the name for any other, and `unknown` for ``unknown``.
  public var description: String {
    canonicalRank < 5 ? name.uppercased() : (name.isEmpty ? "unknown" : name)
  }
}

/// Where the elements along an axis lie in the world: the centre of element i is at `origin + i × spacing`, in `unit`.
///
/// A value that the file does not state is `nil`, never 1 or 0.
public struct Calibration: Hashable, Sendable {
  /// The distance between the centres of neighbouring elements, in `unit`; `nil` when the file states none.
  public var spacing: Double?
  /// The position of the centre of element 0, in `unit`; `nil` when the file states none.
  public var origin: Double?
  /// The unit of `spacing` and `origin`, such as `µm`, `mm` or `s`; `nil` when it is not known. Codecs use the spelling of
  /// ``AxisUnit``, which turns `micron` and `um` into `µm`.
  public var unit: String?

  /// Creates a calibration from what is known.
  public init(spacing: Double? = nil, origin: Double? = nil, unit: String? = nil) {
    self.spacing = spacing
    self.origin = origin
    self.unit = unit
  }

  /// The calibration of an axis about which nothing is known.
  public static let none = Calibration()

  /// Returns the calibration of an axis that has every `step`-th element of this one, beginning with element `start`.
  func selecting(start: Int, step: Int) -> Calibration {
    guard let spacing else { return self }
    var selected = self
    if start != 0 || step < 0 { selected.origin = (origin ?? 0) + Double(start) * spacing }
    selected.spacing = spacing * Double(step)
    return selected
  }
}

/// A dimension of an image: its role, its length, and where its elements lie in the world.
public struct Axis: Hashable, Sendable {
  /// What the axis means.
  public var role: AxisRole
  /// The number of elements along the axis, 0 or more.
  public var length: Int
  /// Where the elements along the axis lie in the world.
  public var calibration: Calibration

  /// Creates an axis with a calibration. ``ImageProperties`` checks the length.
  public init(_ role: AxisRole, length: Int, calibration: Calibration = .none) {
    self.role = role
    self.length = length
    self.calibration = calibration
  }

  /// Creates an axis with the parts of a calibration. ``ImageProperties`` checks the length.
  public init(_ role: AxisRole, length: Int, spacing: Double? = nil, origin: Double? = nil, unit: String? = nil) {
    self.init(role, length: length, calibration: Calibration(spacing: spacing, origin: origin, unit: unit))
  }

  /// Returns an axis that has `count` elements of this one: every `step`-th, beginning with element `start`. Its calibration
  /// says where they lie.
  func selecting(start: Int, step: Int, count: Int) -> Axis {
    Axis(role, length: count, calibration: calibration.selecting(start: start, step: step))
  }
}

extension Axis {
  /// The distance between the centres of neighbouring elements, in ``unit``; `nil` when the file states none.
  public var spacing: Double? {
    get { calibration.spacing }
    set { calibration.spacing = newValue }
  }
  /// The position of the centre of element 0, in ``unit``; `nil` when the file states none.
  public var origin: Double? {
    get { calibration.origin }
    set { calibration.origin = newValue }
  }
  /// The unit of ``spacing`` and ``origin``, such as `µm`, `mm` or `s`; `nil` when it is not known.
  public var unit: String? {
    get { calibration.unit }
    set { calibration.unit = newValue }
  }
}

/// IOLink's ImageTypeId: a named combination of axes.
public struct ImageType: Hashable, Sendable, CaseIterable {
  /// IOLink's name in upper case, such as `IMAGE` or `VOLUME`.
  public let name: String
  /// The roles of the axes, in canonical order; empty for ``unknown``.
  public let axes: [AxisRole]

  private init(_ name: String, _ axes: [AxisRole]) {
    self.name = name
    self.axes = axes
  }

  /// Any combination of axes that has no name.
  public static let unknown = ImageType("UNKNOWN", [])
  /// COLUMN and ROW.
  public static let image = ImageType("IMAGE", [.column, .row])
  /// COLUMN, ROW and SLICE.
  public static let volume = ImageType("VOLUME", [.column, .row, .slice])
  /// COLUMN, ROW and SEQUENCE.
  public static let imageSequence = ImageType("IMAGE_SEQUENCE", [.column, .row, .sequence])
  /// COLUMN, ROW, SLICE and SEQUENCE.
  public static let volumeSequence = ImageType("VOLUME_SEQUENCE", [.column, .row, .slice, .sequence])
  /// COLUMN, ROW and CHANNEL.
  public static let multispectralImage = ImageType("MULTISPECTRAL_IMAGE", [.column, .row, .channel])
  /// COLUMN, ROW, SLICE and CHANNEL.
  public static let multispectralVolume = ImageType("MULTISPECTRAL_VOLUME", [.column, .row, .slice, .channel])
  /// COLUMN, ROW, CHANNEL and SEQUENCE.
  public static let multispectralImageSequence = ImageType(
    "MULTISPECTRAL_IMAGE_SEQUENCE", [.column, .row, .channel, .sequence])
  /// COLUMN, ROW, SLICE, CHANNEL and SEQUENCE.
  public static let multispectralVolumeSequence = ImageType(
    "MULTISPECTRAL_VOLUME_SEQUENCE", [.column, .row, .slice, .channel, .sequence])

  /// All named combinations, with ``unknown`` first.
  public static let allCases: [ImageType] = [
    .unknown, .image, .volume, .imageSequence, .volumeSequence, .multispectralImage, .multispectralVolume,
    .multispectralImageSequence, .multispectralVolumeSequence,
  ]

  /// Creates the combination that has exactly these axes in this order, or ``unknown`` when none has.
  public init(axes: [AxisRole]) {
    self = Self.allCases.first { !$0.axes.isEmpty && $0.axes == axes } ?? .unknown
  }
}
