internal import IOLinkCore

/// Compares the metadata of a changed image with what they must be, judging by where its elements came from.
struct PositionComparison {
  private let sample: PositionSample
  private let origins: ElementOrigins
  private let stage: Stage
  /// The paths of what is listed as lost.
  private let lost: Set<String>

  /// When the image was changed.
  enum Stage { case view, changedThenWritten, readThenChanged }

  init(_ sample: PositionSample, _ origins: ElementOrigins, _ stage: Stage, lost: Set<String>) {
    self.sample = sample
    self.origins = origins
    self.stage = stage
    self.lost = lost
  }

  func check(_ found: MetadataNode, _ subject: String, _ findings: inout Findings) {
    switch sample.binding.rule {
    case .entries(let role): checkEntries(found, role, subject, &findings)
    case .array(let roles): checkArray(found, roles, subject, &findings)
    case .axes: checkAxes(found, subject, &findings)
    case .components: checkComponents(found, subject, &findings)
    case .storage: checkStays(found, true, subject, &findings)
    case .first(let roles): checkStays(found, !roles.contains(where: startsElsewhere), subject, &findings)
    case .whole(let roles): checkStays(found, isUnchanged(along: roles), subject, &findings)
    case .numbers: break  // Operations on axes do not concern it.
    case .geometry(let geometry): checkGeometry(found, geometry, subject, &findings)
    }
  }

  /// Checks a value that must be at a path, or must be gone if it is `nil`. What is missing must be listed.
  private func expect(
    _ path: String, _ wanted: MetadataValue?, in found: MetadataNode, was original: String, _ subject: String, _ findings: inout Findings
  ) {
    let value = found[path]
    let isListed = lost.contains(path) || lost.contains(original)
    let isSame = value?.text == wanted?.text && value?.doubles == wanted?.doubles
    findings.expect(
      value == nil ? isListed : isSame && wanted != nil, subject,
      "\(path) is \(value.map { "\($0)" } ?? "missing and not listed as lost"), expected \(wanted.map { "\($0)" } ?? "nothing")")
  }

  private func checkEntries(_ found: MetadataNode, _ role: AxisRole, _ subject: String, _ findings: inout Findings) {
    let sources = origins.sources(along: [role])
    for path in PositionSample.paths(of: sample.binding) {
      for index in 0..<4 {
        let source = sources.flatMap { index < $0.count ? $0[index][0] : nil }
        let place = "\(path)/\(index)/name"
        let original = source.map { "\(path)/\($0)/name" } ?? place
        if sources != nil, source == nil {
          findings.expect(found[place] == nil, subject, "\(place) is \(found[place].map { "\($0)" } ?? ""), but the image has fewer indices")
        } else {
          expect(place, source.map { .text("entry \($0)") }, in: found, was: original, subject, &findings)
        }
      }
    }
  }

  private func checkArray(_ found: MetadataNode, _ roles: [AxisRole], _ subject: String, _ findings: inout Findings) {
    let wanted = origins.sources(along: roles).map { MetadataValue.reals($0.map(PositionSample.number)) }
    for path in PositionSample.paths(of: sample.binding) { expect(path, wanted, in: found, was: path, subject, &findings) }
  }

  private func checkAxes(_ found: MetadataNode, _ subject: String, _ findings: inout Findings) {
    for path in PositionSample.paths(of: sample.binding) {
      for role in origins.roles where role != .component {
        // The elements that ran along this axis run along another one now, or along none.
        let carried = origins.carrier(of: role)
        let wanted = carried.map { MetadataValue.reals($0.sources.map { PositionSample.number([$0]) }) }
        let original = "\(path)/\(role.name)"
        expect("\(path)/\((carried?.role ?? role).name)", wanted, in: found, was: original, subject, &findings)
      }
    }
  }

  private func checkComponents(_ found: MetadataNode, _ subject: String, _ findings: inout Findings) {
    var sources: [Int: Int] = [:]
    origins.forEach { now, before in
      let component = origins.length(.component) > 1 ? now[.component] : now[.channel]
      sources[component ?? 0] = before[.component]
    }
    let wanted = MetadataValue.reals(sources.sorted { $0.key < $1.key }.map { Double(5 + $0.value) })
    for path in PositionSample.paths(of: sample.binding) { expect(path, wanted, in: found, was: path, subject, &findings) }
  }

  private func startsElsewhere(_ role: AxisRole) -> Bool {
    var isElsewhere = false
    origins.forEach { now, before in if now.values.allSatisfy({ $0 == 0 }), before[role] ?? 0 != 0 { isElsewhere = true } }
    return isElsewhere
  }

  private func isUnchanged(along roles: [AxisRole]) -> Bool {
    let lengths = (try? PositionSample.properties(of: sample.dataType)).map { $0.axes.map { ($0.role, $0.length) } } ?? []
    let all = lengths + [(AxisRole.component, sample.dataType.componentCount)]
    return all.filter { roles.isEmpty || roles.contains($0.0) }.allSatisfy { origins.isUnchanged(along: $0.0, length: $0.1) }
  }

  /// Checks values that stay unless the image changed. Whether a format keeps those that stay is for other laws to say.
  private func checkStays(_ found: MetadataNode, _ stays: Bool, _ subject: String, _ findings: inout Findings) {
    guard stage == .view || stage == .changedThenWritten && !stays else { return }
    for path in PositionSample.paths(of: sample.binding) {
      // The new file may have its own value at this path.
      let isThere = found[path] == .text("value")
      findings.expect(isThere == stays, subject, "\(path) is \(isThere ? "still there" : "gone")")
      findings.expect(stays || lost.contains(path), subject, "\(path) is gone, but is not listed as lost")
    }
  }

  private func checkGeometry(
    _ found: MetadataNode, _ geometry: any MetadataGeometry, _ subject: String, _ findings: inout Findings
  ) {
    let paths = PositionSample.paths(of: sample.binding)
    let isListed = sample.metadata.leaves.contains { paths.contains($0.path) && lost.contains($0.path) }
    var faults: [String] = []
    origins.forEach { now, before in
      let wanted = geometry.location(of: before, in: sample.metadata)
      let location = geometry.location(of: now, in: found)
      if location == nil ? !isListed : !isNear(location, wanted) {
        faults.append("the element that was at \(before) lies at \(location.map { "\($0)" } ?? "no known place"), expected \(wanted ?? [])")
      }
    }
    findings.expect(faults.isEmpty, subject, faults.first ?? "")
  }

  private func isNear(_ one: [Double]?, _ two: [Double]?) -> Bool {
    guard let one, let two, one.count == two.count else { return false }
    return zip(one, two).allSatisfy { abs($0 - $1) <= 1e-9 * max(1, abs($1)) }
  }
}
