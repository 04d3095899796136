internal import IOLinkCore

extension CodecConformance {
  /// Checks that metadata which describe positions follow the pixels, whether an image is changed before it is written or after it
  /// is read.
  func checkPositions(_ findings: inout Findings) {
    let bindings = (MetadataBinding.core + codec.descriptor.bindings).filter { !$0.isAboutNumbers }
    var checkCounts = [Int](repeating: 0, count: bindings.count)
    for change in PositionChange.all {
      findings.attempt(change.name) { (findings: inout Findings) throws(IOLinkError) in
        let dataType = try PositionSample.dataType(isVector: change.isVector)
        let origins = try ElementOrigins(dataType, PositionSample.properties(of: dataType), change.apply)
        for (index, binding) in bindings.enumerated() {
          let before = findings.checkCount
          for sample in PositionSample.samples(of: binding) where sample.dataType == dataType {
            try checkPosition(sample, change, origins, &findings)
          }
          checkCounts[index] += findings.checkCount - before
        }
      }
    }
    for (binding, count) in zip(bindings, checkCounts) {
      findings.expect(count > 0, binding.paths[0], "is declared as bound to positions, but was never checked")
    }
  }

  private func checkPosition(
    _ sample: PositionSample, _ change: PositionChange, _ origins: ElementOrigins, _ findings: inout Findings
  ) throws(IOLinkError) {
    let whole = PatternView(
      sample.dataType, properties: try PositionSample.properties(of: sample.dataType),
      metadata: sample.metadata.bound(by: codec.descriptor.bindings), seed: seed)
    let subject = "\(sample.binding.paths[0]) \(change.name)"
    let changed = try change.apply(whole)
    let dropped = Set(changed.metadata.dropped.map(\.path))
    PositionComparison(sample, origins, .view, lost: dropped).check(changed.metadata, subject + " of a view", &findings)
    let options = Bool.random(using: &findings.random) ? [:] : optionChoices.randomElement(using: &findings.random) ?? [:]
    if let (found, lost) = try written(changed, options) {
      let comparison = PositionComparison(sample, origins, .changedThenWritten, lost: lost)
      comparison.check(found.metadata, subject + ", then written \(options)", &findings)
    }
    if let (found, lost) = try written(whole, options) {
      let read = try change.apply(found)
      let comparison = PositionComparison(sample, origins, .readThenChanged, lost: lost.union(read.metadata.dropped.map(\.path)))
      comparison.check(read.metadata, subject + ", after reading \(options)", &findings)
    }
  }

  /// Returns the image as it is read back, and the paths of what was lost; `nil` when the codec refuses it.
  private func written(_ image: any ImageView, _ options: [String: String]) throws(IOLinkError) -> (any ImageView, Set<String>)? {
    let stream = MemoryStream()
    let lost: [LostItem]
    do throws(IOLinkError) { lost = try registry.write(image, to: stream, format: name, options: options).lost } catch {
      if [.unsupported, .invalidArgument].contains(error.code) { return nil }
      throw error
    }
    let source = DataSource(MemoryRandomAccess(stream.bytes), name: "written." + (codec.descriptor.extensions.first ?? ""))
    let description = ImageDescription(dataType: image.dataType, properties: image.properties)
    let found = try written(description.properties, in: registry.open(source, format: name, options: readOptions(description, options)))
    // Formats that do not state axes give others, and nothing can be said about positions along these.
    guard Self.longAxes(found) == Self.longAxes(image) else { return nil }
    return (found, Set(lost.map(\.path)))
  }

  private static func longAxes(_ image: any ImageView) -> [Axis] {
    image.properties.axes.filter { $0.length > 1 }.map { Axis($0.role, length: $0.length) }
  }
}
