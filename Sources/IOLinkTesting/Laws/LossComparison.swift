internal import IOLinkCore

/// Compares what was written with what was read and with the list of losses, in both directions.
struct LossComparison {
  private let written: ImageDescription
  private let lost: [LostItem]
  private let paths: Set<String>
  /// Whether the reader was told what the file does not state.
  private let isTold: Bool
  private let isExact: Bool
  private let format: String

  /// - Parameters:
  ///   - isExact: Whether calibration must come back bit for bit.
  ///   - format: The name of the format, in lower case, below which its own metadata are.
  init(_ written: ImageDescription, _ lost: [LostItem], isTold: Bool, isExact: Bool, format: String) {
    self.written = written
    self.lost = lost
    self.isTold = isTold
    self.isExact = isExact
    self.format = format
    paths = Set(lost.map(\.path))
  }

  func faults(_ found: ImageDescription) -> [String] {
    var known = Set(written.metadata.dropped.map(\.path))
    var faults = axisFaults(found, &known)
    faults += CalibrationComparison(lost: paths, isExact: isExact).faults(written.properties.axes, found.properties.axes)
    for axis in written.properties.axes { for what in ["spacing", "origin", "unit"] { known.insert("/axes/\(axis.role.name)/\(what)") } }
    faults += meaningFaults(found, &known) + metadataFaults(found, &known)
    if isTold { known.formUnion(["/shape", "/type"]) }
    // Compression may change pixels, which every image has.
    known.insert("/pixels")
    faults += paths.subtracting(known).sorted().map { "\($0) is listed as lost, but the image does not have it" }
    if paths.count != lost.count { faults.append("something is listed twice: \(lost.map(\.path).sorted())") }
    return faults
  }

  /// Judges one thing that the image has.
  private func fault(_ path: String, _ value: String, isBack: Bool, isListed: Bool) -> [String] {
    if isBack == !isListed { return [] }
    let shown = String(reflecting: String(value.prefix(60)))
    return ["\(path) = \(shown) " + (isBack ? "comes back, but is listed as lost" : "does not come back, but is not listed as lost")]
  }

  private func axisFaults(_ found: ImageDescription, _ known: inout Set<String>) -> [String] {
    known.insert("/axes")
    var faults: [String] = []
    var allAreBack = true
    for axis in written.properties.axes where axis.role != .unknown {
      let path = "/axes/\(axis.role.name)"
      known.insert(path)
      let isBack = found.properties.axes.contains { $0.role == axis.role && $0.length == axis.length }
      allAreBack = allAreBack && isBack
      let isListed = paths.contains(path) || paths.contains("/axes") && !isBack
      // What a reader is told comes back although it is not in the file.
      if !(isTold && isBack) { faults += fault(path, "length \(axis.length)", isBack: isBack, isListed: isListed) }
    }
    if allAreBack, paths.contains("/axes"), !isTold { faults.append("/axes is listed as lost, but all axes come back") }
    return faults
  }

  private func meaningFaults(_ found: ImageDescription, _ known: inout Set<String>) -> [String] {
    let (one, two) = (written.properties, found.properties)
    var faults: [String] = []
    func check(_ path: String, _ value: String?, isBack: Bool) {
      guard let value else { return }
      known.insert(path)
      faults += fault(path, value, isBack: isBack, isListed: paths.contains(path))
    }
    check(
      "/interpretation", one.interpretation == .unknown ? nil : one.interpretation.name, isBack: one.interpretation == two.interpretation)
    check("/significantBits", one.significantBits.map { "\($0)" }, isBack: one.significantBits == two.significantBits)
    check("/alpha", one.alpha == .none ? nil : one.alpha.rawValue, isBack: one.alpha == two.alpha)
    check("/spatialDirections", one.spatialDirections.map { "\($0)" }, isBack: one.spatialDirections == two.spatialDirections)
    return faults
  }

  private func metadataFaults(_ found: ImageDescription, _ known: inout Set<String>) -> [String] {
    let storage = written.metadata.storagePaths
    let values = found.metadata.leaves.reduce(into: [:]) { $0[$1.path] = $1.value }
    var faults: [String] = []
    var own: Set<String> = []
    for (path, value) in written.metadata.leaves {
      own.insert(path)
      // The new file is stored in its own way. What says so is never lost.
      if storage.contains(path) { continue }
      known.insert(path)
      faults += fault(path, "\(value)", isBack: values[path].map { Self.isSame(value, $0) } ?? false, isListed: paths.contains(path))
    }
    let invented = values.keys.filter { !own.contains($0) && !$0.hasPrefix("/\(format)/") }.sorted()
    return faults + invented.map { path in
      "\(path) = \(String(reflecting: values[path].map { String("\($0)".prefix(60)) } ?? "")) was not written, but is read"
    }
  }

  /// Whether two values say the same. Their numbers may have other types: a format may store all integers alike.
  private static func isSame(_ one: MetadataValue, _ two: MetadataValue) -> Bool {
    switch (one, two) {
    case (.numbers(let one), .numbers(let two)):
      let areAlike = one.shape == two.shape || one.count == 1 && two.count == 1
      return areAlike && one.count == two.count && zip(one.parts, two.parts).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    case (.bytes(let one), .bytes(let two)): return one == two
    case (.texts(let one), .texts(let two)): return one.map { Array($0.utf8) } == two.map { Array($0.utf8) }
    default: return one.text != nil && one.text.map { Array($0.utf8) } == two.text.map { Array($0.utf8) }
    }
  }
}
