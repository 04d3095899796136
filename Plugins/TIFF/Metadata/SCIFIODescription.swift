internal import IOLinkCore

/// The description that SCIFIO (ImageJ2) writes: a line that begins with `SCIFIO=`, and lists of axes, lengths, units and scales, all of them
/// fastest first.
///
/// Source: SCIFIO's TIFFFormat. Scales are called `scales` there, and `calibrations` elsewhere.
struct SCIFIODescription: Hashable, Sendable {
  /// The axes, fastest first.
  let axes: [Axis]

  /// Makes the axes of a description; `nil` when it is not SCIFIO's, or lists no axes.
  init?(_ description: ImageJDescription) {
    func list(_ key: String) -> [String] {
      (description.values[key] ?? "").split(separator: ",", omittingEmptySubsequences: false).map {
        $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
    }
    let (names, lengths) = (list("axes"), list("lengths").map { Int($0) })
    let units = list("units")
    let scales = list(description.values["calibrations"] == nil ? "scales" : "calibrations")
    guard description.values["SCIFIO"] != nil, names.count == lengths.count, names.count <= AxisVector.maximumRank,
      Set(names.map { AxisRole($0) }).count == names.count
    else { return nil }
    var axes: [Axis] = []
    for index in names.indices {
      guard !names[index].isEmpty, let length = lengths[index], length > 0 else { return nil }
      let stated = units.indices.contains(index) && units[index] != "null" ? AxisUnit.normalized(units[index]) : nil
      let scale = scales.indices.contains(index) ? Double(scales[index]).flatMap { $0.isFinite && $0 > 0 ? $0 : nil } : nil
      // SCIFIO writes 1 without a unit for an axis whose scale is unknown.
      let spacing = stated == nil && scale == 1 ? nil : scale
      axes.append(Axis(AxisRole(names[index]), length: length, spacing: spacing, unit: spacing == nil ? nil : stated))
    }
    self.axes = axes
  }

  /// Returns the axes of the planes, slowest first; `nil` when the pages are not the planes of these axes.
  func pageAxes(_ format: TIFFPageFormat) -> [Axis]? {
    guard let column = axes.first(where: { $0.role == .column }), let row = axes.first(where: { $0.role == .row }),
      column.length == format.width, row.length == format.height
    else { return nil }
    var others = axes.filter { $0.role != .column && $0.role != .row }
    if format.samplesPerPixel > 1 {
      // A page holds the channels as samples.
      guard let place = others.firstIndex(where: { $0.role == .channel }), others[place].length % format.samplesPerPixel == 0 else { return nil }
      others[place].length /= format.samplesPerPixel
      if others[place].length == 1 { others.remove(at: place) }
    }
    return others.reversed()
  }

  /// The calibration of columns and rows.
  var calibration: [AxisRole: TIFFCalibration] {
    var result: [AxisRole: TIFFCalibration] = [:]
    for axis in axes where axis.role == .column || axis.role == .row {
      result[axis.role] = TIFFCalibration(spacing: axis.spacing, unit: axis.unit)
    }
    return result
  }
}
