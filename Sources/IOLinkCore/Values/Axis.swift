/// What a dimension means: COLUMN, ROW, SLICE, CHANNEL, SEQUENCE, or a name of its own (`angle`, `dim0`).
///
/// An open set. Names are compared without regard to case. ``unknown`` is an axis without a role: such axes keep the
/// order of the array they came from and are never reordered.
public struct AxisRole: Hashable, Sendable {
  /// Lower case: `column`, `row`, `slice`, `channel`, `sequence`, `angle` …; empty for ``unknown``.
  public let name: String

  public init(_ name: String) {
    if let role = Self.canonical.first(where: { $0.name == name }) {
      self = role
      return
    }
    let lower = name.lowercased()
    self.name = Self.aliases[lower] ?? lower
  }

  private init(exactly name: String) { self.name = name }

  public static let column = AxisRole(exactly: "column")
  public static let row = AxisRole(exactly: "row")
  public static let slice = AxisRole(exactly: "slice")
  public static let channel = AxisRole(exactly: "channel")
  public static let sequence = AxisRole(exactly: "sequence")
  public static let unknown = AxisRole(exactly: "")

  /// The five, in canonical order.
  public static let canonical: [AxisRole] = [.column, .row, .slice, .channel, .sequence]

  private static let aliases = ["x": "column", "y": "row", "z": "slice", "c": "channel", "t": "sequence", "time": "sequence"]

  /// 0 to 4 for the five, in canonical order; 5 for every other.
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

  /// X, Y, Z, C or T; `nil` for other roles.
  public var letter: Character? {
    let rank = canonicalRank
    return rank < 5 ? Array("XYZCT")[rank] : nil
  }

  /// Whether the axis lies in space: COLUMN, ROW or SLICE.
  public var isSpatial: Bool { canonicalRank < 3 }
}

extension AxisRole: CustomStringConvertible {
  /// `COLUMN`, `ROW`, … for the five, the name for others, `unknown` for none.
  public var description: String {
    canonicalRank < 5 ? name.uppercased() : (name.isEmpty ? "unknown" : name)
  }
}

/// Where the samples along an axis lie in the world: sample i has its centre at `origin + i × spacing`, in `unit`.
///
/// What the file does not state is `nil`, never 1 or 0.
public struct Calibration: Hashable, Sendable {
  /// The distance between neighbouring samples, in `unit`; `nil` when the file states none.
  public var spacing: Double?
  /// The position of sample 0, in `unit`; `nil` when the file states none.
  public var origin: Double?
  /// `µm`, `mm`, `s`, …, in the spelling that ``AxisUnit`` gives (`micron` and `um` are `µm`); `nil` when unknown.
  public var unit: String?

  public init(spacing: Double? = nil, origin: Double? = nil, unit: String? = nil) {
    self.spacing = spacing
    self.origin = origin
    self.unit = unit
  }

  /// Nothing is known.
  public static let none = Calibration()

  /// The calibration of the samples that start at `start` and take every `step`-th.
  func selecting(start: Int, step: Int) -> Calibration {
    guard let spacing else { return self }
    var selected = self
    if start != 0 || step < 0 { selected.origin = (origin ?? 0) + Double(start) * spacing }
    selected.spacing = spacing * Double(step)
    return selected
  }
}

/// A dimension of an image: its role, its number of samples, and where they lie in the world.
public struct Axis: Hashable, Sendable {
  public var role: AxisRole
  /// The number of samples, 0 or more.
  public var length: Int
  public var calibration: Calibration

  public init(_ role: AxisRole, length: Int, calibration: Calibration = .none) {
    self.role = role
    self.length = length
    self.calibration = calibration
  }

  public init(_ role: AxisRole, length: Int, spacing: Double? = nil, origin: Double? = nil, unit: String? = nil) {
    self.init(role, length: length, calibration: Calibration(spacing: spacing, origin: origin, unit: unit))
  }

  /// The part of this axis that starts at sample `start` and takes every `step`-th: calibration follows.
  func selecting(start: Int, step: Int, count: Int) -> Axis {
    Axis(role, length: count, calibration: calibration.selecting(start: start, step: step))
  }
}

extension Axis {
  /// The distance between neighbouring samples, in ``unit``; `nil` when the file states none.
  public var spacing: Double? {
    get { calibration.spacing }
    set { calibration.spacing = newValue }
  }
  /// The position of sample 0, in ``unit``; `nil` when the file states none.
  public var origin: Double? {
    get { calibration.origin }
    set { calibration.origin = newValue }
  }
  /// `µm`, `mm`, `s`, …; `nil` when unknown.
  public var unit: String? {
    get { calibration.unit }
    set { calibration.unit = newValue }
  }
}

/// IOLink's ImageTypeId: a named combination of axes, canonical order.
public struct ImageType: Hashable, Sendable, CaseIterable {
  /// `IMAGE`, `VOLUME`, …
  public let name: String
  /// Canonical order; empty for ``unknown``.
  public let axes: [AxisRole]

  private init(_ name: String, _ axes: [AxisRole]) {
    self.name = name
    self.axes = axes
  }

  public static let unknown = ImageType("UNKNOWN", [])
  public static let image = ImageType("IMAGE", [.column, .row])
  public static let volume = ImageType("VOLUME", [.column, .row, .slice])
  public static let imageSequence = ImageType("IMAGE_SEQUENCE", [.column, .row, .sequence])
  public static let volumeSequence = ImageType("VOLUME_SEQUENCE", [.column, .row, .slice, .sequence])
  public static let multispectralImage = ImageType("MULTISPECTRAL_IMAGE", [.column, .row, .channel])
  public static let multispectralVolume = ImageType("MULTISPECTRAL_VOLUME", [.column, .row, .slice, .channel])
  public static let multispectralImageSequence = ImageType(
    "MULTISPECTRAL_IMAGE_SEQUENCE", [.column, .row, .channel, .sequence])
  public static let multispectralVolumeSequence = ImageType(
    "MULTISPECTRAL_VOLUME_SEQUENCE", [.column, .row, .slice, .channel, .sequence])

  public static let allCases: [ImageType] = [
    .unknown, .image, .volume, .imageSequence, .volumeSequence, .multispectralImage, .multispectralVolume,
    .multispectralImageSequence, .multispectralVolumeSequence,
  ]

  /// The named combination of these axes; ``unknown`` when there is none of that name.
  public init(axes: [AxisRole]) {
    self = Self.allCases.first { !$0.axes.isEmpty && $0.axes == axes } ?? .unknown
  }
}
