package import IOLink

/// The code of the article *Axes and calibration*.
package enum AxesAndCalibration {
  package static func rows(_ image: any ImageView) -> (positions: [Double], unit: String?) {
    // Quoted: axes
    let row = image.properties.axes[1]  // COLUMN, ROW, SLICE
    let positions = (0..<row.length).map { (row.origin ?? 0) + Double($0) * (row.spacing ?? 1) }
    let unit = row.unit  // 10, 10.5, 11, 11.5 and 12 µm
    // Quoted: end
    return (positions, unit)
  }

  package static func cropped(_ image: any ImageView) throws -> (origin: Double?, spacing: Double?) {
    // Quoted: crop
    let part = try image.cropped(to: Region(origin: [2, 3, 0], size: [4, 2, 3]))
    let origin = part.properties.axes[1].origin  // 10 + 3 × 0.5 µm
    let spacing = try image.flipped(.row).properties.axes[1].spacing  // −0.5 µm
    // Quoted: end
    return (origin, spacing)
  }

  package static func named(_ path: String) throws -> (wasInferred: Bool, image: any ImageView) {
    let registry = CodecRegistry.standard
    // Quoted: names
    let array = try registry.open(path).image()
    let wasInferred = array.properties.axesAreInferred  // read as SLICE, ROW, COLUMN
    let movie = try AxisNames(parsing: "TYX").apply(to: array)
    // Quoted: end
    return (wasInferred, movie)
  }

  package static func calibrated(_ movie: any ImageView) throws -> any ImageView {
    // Quoted: calibrate
    var properties = movie.properties
    for (role, spacing, unit) in [(AxisRole.column, 0.25, "micron"), (.row, 0.25, "micron"), (.sequence, 1.5, "s")] {
      guard let axis = properties.index(of: role) else { continue }
      properties.calibrate(axis, spacing: spacing, unit: AxisUnit.normalized(unit))
    }
    let calibrated = try movie.with(properties: properties)
    // Quoted: end
    return calibrated
  }

  package static func described(_ image: any ImageView) -> any ImageView {
    // Quoted: metadata
    var metadata = image.metadata
    metadata["/title"] = .text("Growth of crystals")
    metadata["/channels/0/name"] = .text("DAPI")
    let described = image.with(metadata: metadata)
    // Quoted: end
    return described
  }
}
