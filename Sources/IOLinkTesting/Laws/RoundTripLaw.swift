internal import IOLinkCore

extension CodecConformance {
  /// The shapes to write: axes and their lengths, slowest first.
  private static let shapes: [(roles: String, lengths: [Int])] = [
    ("", []), ("X", [7]), ("YX", [5, 7]), ("YX", [1, 1]), ("YX", [0, 3]), ("ZYX", [3, 5, 7]), ("ZYX", [1, 6, 5]), ("CYX", [2, 5, 6]),
    ("TZYX", [2, 3, 4, 5]), ("TZCYX", [2, 2, 3, 4, 5]), ("angle,T,C,Z,Y,X", [2, 2, 2, 2, 3, 4]), ("YX", [70, 300]), ("TYX", [3, 5, 6]),
  ]

  func checkRoundTrip(_ findings: inout Findings) {
    guard let writing = codec.descriptor.writing else {
      let description = try? description(.uint8, 1, Self.shapes[2])
      let code = description.flatMap { image in
        IOLinkErrorCode { () throws(IOLinkError) in _ = try registry.create(image, on: MemoryStream(), format: name) }
      }
      findings.expect(code == .unsupported, name, "does not write, but creating a file gives \(code?.rawValue ?? "no error")")
      return
    }
    var written = Written()
    for componentType in ComponentType.allCases {
      for components in 1...5 { roundTrip(componentType, components, Self.shapes[2], [:], &written, &findings) }
    }
    for shape in Self.shapes {
      for componentType in [ComponentType.uint8, .uint16, .float32] { roundTrip(componentType, 1, shape, [:], &written, &findings) }
      roundTrip(.uint8, 3, shape, [:], &written, &findings)
    }
    checkOptions(&findings)
    for componentType in writing.componentTypes {
      findings.expect(written.componentTypes.contains(componentType), name, "claims to write \(componentType.numpyName), but never does")
    }
    for components in 1...5 where writing.componentCounts.contains(components) {
      findings.expect(written.componentCounts.contains(components), name, "claims to write \(components) components, but never does")
    }
    for rank in 0...6 where rank <= writing.maximumRank {
      findings.expect(written.ranks.contains(rank) || rank < 2, name, "claims to write rank \(rank), but never does")
    }
  }

  /// The types, component counts and ranks of the images that were written so far.
  private struct Written {
    var componentTypes: Set<ComponentType> = []
    var componentCounts: Set<Int> = []
    var ranks: Set<Int> = []
  }

  private func description(
    _ componentType: ComponentType, _ components: Int, _ shape: (roles: String, lengths: [Int])
  ) throws(IOLinkError) -> ImageDescription {
    var axes: [Axis] = []
    for (role, length) in zip(shape.lengths.isEmpty ? [] : AxisRole.list(shape.roles), shape.lengths) {
      axes.append(Axis(role, length: length))
    }
    var properties = try ImageProperties(fileAxes: axes)
    for (index, axis) in properties.axes.enumerated() where axis.role.isSpatial {
      properties.calibrate(index, spacing: 0.25 * Double(index + 1), unit: "mm")
    }
    if components >= 3 { properties.interpretation = components == 3 ? .rgb : .unknown }
    return ImageDescription(dataType: try DataType(componentType, componentCount: components), properties: properties)
  }

  private func isClaimed(_ image: ImageDescription, _ writing: CodecDescriptor.Writing) -> Bool {
    writing.componentTypes.contains(image.dataType.componentType) && writing.componentCounts.contains(image.dataType.componentCount)
      && writing.rank(of: image.properties) <= writing.maximumRank
  }

  private func roundTrip(
    _ componentType: ComponentType, _ components: Int, _ shape: (roles: String, lengths: [Int]), _ options: [String: String],
    _ written: inout Written, _ findings: inout Findings
  ) {
    let subject = "\(componentType.numpyName) × \(components) \(shape.roles)\(shape.lengths) \(options.isEmpty ? "" : "\(options)")"
    guard let writing = codec.descriptor.writing else { return }
    findings.attempt(subject) { (findings: inout Findings) throws(IOLinkError) in
      let image = try description(componentType, components, shape)
      let stream = MemoryStream()
      let pattern = PatternView(image.dataType, properties: image.properties, seed: seed)
      let report: TransferReport
      do throws(IOLinkError) {
        report = try registry.write(pattern, to: stream, format: name, options: options)
      } catch {
        // Images that are not claimed must be refused as unsupported. Combinations of claims, and empty images, may be.
        findings.expect(error.code == .unsupported, subject, "is refused with \(error), expected unsupported")
        findings.expect(stream.bytes.isEmpty, subject, "is refused after \(stream.bytes.count) bytes were written")
        return
      }
      findings.expect(isClaimed(image, writing), subject, "is written, but not claimed")
      try compare(pattern, image, report.lost, stream.bytes, options, subject, &findings)
      written.componentTypes.insert(componentType)
      written.componentCounts.insert(components)
      written.ranks.insert(shape.lengths.filter { $0 != 1 }.count)
    }
  }

  /// Opens what was written and compares it with the pattern.
  func compare(
    _ pattern: PatternView, _ image: ImageDescription, _ lost: [LostItem], _ bytes: [UInt8], _ options: [String: String],
    _ subject: String, _ findings: inout Findings
  ) throws(IOLinkError) {
    let source = DataSource(MemoryRandomAccess(bytes), name: "written." + (codec.descriptor.extensions.first ?? ""))
    let found = try written(image.properties, in: registry.open(source, format: name, options: readOptions(image, options)))
    findings.expect(
      found.dataType.componentType == image.dataType.componentType, subject, "comes back as \(found.dataType), expected \(image.dataType)")
    let lostPaths = Set(lost.map(\.path))
    let isNamed = named(found.properties) == named(image.properties)
    if !lostPaths.contains("/axes"), image.dataType.componentCount == 1 {
      findings.expect(isNamed, subject, "axes come back as \(found.properties.axes.map(\.role)), but are not listed as lost")
    }
    if isNamed, found.dataType == image.dataType {
      let expected = pattern.expectedBytes(of: Region(of: pattern.shape))
      let isEqual = try found.bytes(of: Region(of: found.shape)) == expected
      findings.expect(isEqual || lostPaths.contains("/pixels"), subject, "pixels differ, but that is not listed as lost")
      compareCalibration(image.properties, found.properties, lostPaths, subject, &findings)
      return
    }
    // If the names are lost, only the order in the file can be compared, with the components last.
    let (shape, fileBytes) = try inFileOrder(found)
    let (wantedShape, wantedBytes) = try inFileOrder(pattern)
    findings.expect(
      shape == wantedShape && fileBytes == wantedBytes, subject, "pixels differ: \(shape) in the file's order, expected \(wantedShape)")
  }

  /// Returns what was written: the main image or, of an animation, the image that has its axes.
  func written(_ properties: ImageProperties, in images: any MultiImageView) throws(IOLinkError) -> any ImageView {
    if codec.descriptor.writing?.features.contains(.animation) == true {
      for index in 0..<(try images.count) {
        let found = try images.image(at: index)
        if named(found.properties) == named(properties) { return found }
      }
    }
    return try images.image()
  }

  /// The roles and lengths of all axes whose length is not 1.
  private func named(_ properties: ImageProperties) -> [Axis] {
    properties.axes.filter { $0.length != 1 }.map { Axis($0.role, length: $0.length) }
  }

  private func compareCalibration(
    _ wanted: ImageProperties, _ found: ImageProperties, _ lost: Set<String>, _ subject: String, _ findings: inout Findings
  ) {
    for axis in wanted.axes {
      guard let other = found.axes.first(where: { $0.role == axis.role }) else { continue }
      let path = "/axes/\(axis.role.name)"
      guard let spacing = axis.spacing, !lost.contains("\(path)/spacing") else { continue }
      let isKept = other.spacing.map { abs(metres($0, other.unit) - metres(spacing, axis.unit)) <= 1e-6 * metres(spacing, axis.unit) }
      findings.expect(
        isKept ?? false, subject,
        "\(axis.role) comes back with spacing \(other.spacing.map { "\($0)" } ?? "none") \(other.unit ?? ""), "
          + "but the spacing is not listed as lost"
      )
    }
  }

  private func metres(_ length: Double, _ unit: String?) -> Double {
    length * (unit.flatMap(AxisUnit.metres) ?? 1)
  }

  /// The lengths other than 1, in the file's order with the components last, and the pixels in that order.
  private func inFileOrder(_ image: any ImageView) throws(IOLinkError) -> ([Int], [UInt8]) {
    let layout = try StridedLayout(dense: image.shape, image.dataType, order: image.properties.sourceOrder)
    var bytes = [UInt8](repeating: 0, count: try image.shape.byteCount(of: image.dataType))
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try image.read(Region(of: image.shape), into: &span, layout: layout, context: .default)
    let lengths = image.properties.sourceOrder.map { image.shape[$0] } + [image.dataType.componentCount]
    return (lengths.filter { $0 != 1 }, bytes)
  }

  /// Checks that every choice of every writing option works with some image, alone or with a choice of another option; that
  /// for every integer option some value does; that refusals have a refusing code; and that pixels come back.
  private func checkOptions(_ findings: inout Findings) {
    let options = codec.descriptor.writeOptions
    for option in options {
      let tried = values(of: option)
      var working = 0
      for value in tried {
        var works = false
        var refusal = ""
        for companion in companions(of: option) where !works {
          let given = companion.merging([option.name: value]) { $1 }
          (works, refusal) = checkOption(given, &findings)
        }
        working += works ? 1 : 0
        guard case .integer = option.kind else {
          findings.expect(works, "\(option.name)=\(value)", "works with no image: \(refusal)")
          continue
        }
      }
      findings.expect(working > 0 || tried.isEmpty, option.name, "none of \(tried) works with any image")
    }
  }

  /// The options to combine an option with: none, then each choice of each other option.
  private func companions(of option: OptionDeclaration) -> [[String: String]] {
    [[:]]
      + codec.descriptor.writeOptions.filter { $0.name != option.name }.flatMap { other -> [[String: String]] in
        guard case .choice(let names) = other.kind else { return [] }
        return names.map { [other.name: $0] }
      }
  }

  /// Whether some image can be written with these options, and the reason of the last refusal.
  private func checkOption(_ options: [String: String], _ findings: inout Findings) -> (Bool, String) {
    var works = false
    var refusal = ""
    for (componentType, components) in [(ComponentType.uint8, 1), (.uint16, 1), (.float32, 1), (.uint8, 3), (.boolean, 1), (.int32, 1)] {
      for shape in [Self.shapes[2], Self.shapes[5], Self.shapes[11]] {
        let subject = "\(options) \(componentType.numpyName) × \(components) \(shape.lengths)"
        do throws(IOLinkError) {
          let image = try description(componentType, components, shape)
          let pattern = PatternView(image.dataType, properties: image.properties, seed: seed)
          let stream = MemoryStream()
          let report = try registry.write(pattern, to: stream, format: name, options: options)
          works = true
          try compare(pattern, image, report.lost, stream.bytes, options, subject, &findings)
        } catch {
          let isRefusal = [.unsupported, .invalidArgument, .limitExceeded].contains(error.code)
          findings.expect(isRefusal, subject, "fails with \(error), expected a refusal")
          refusal = error.reason
        }
      }
    }
    return (works, refusal)
  }

  /// The values of all writing options, each as the only option.
  var optionChoices: [[String: String]] {
    codec.descriptor.writeOptions.flatMap { option in values(of: option).map { [option.name: $0] } }
  }

  /// The values of an option that can be tried without knowing its meaning. Of names that are numbers, such as the sizes of tiles, the first
  /// two are enough.
  func values(of option: OptionDeclaration) -> [String] {
    switch option.kind {
    case .choice(let names):
      names.filter { name in Int(name) == nil || names.filter { Int($0) != nil }.prefix(2).contains(name) }
    case .boolean: ["true", "false"]
    case .integer(let range):
      Set([range.lowerBound, min(range.upperBound, max(range.lowerBound, 6)), range.upperBound].filter { abs($0) < 1 << 20 }).sorted().map(
        String.init)
    case .real, .integers, .text: option.defaultValue.map { [$0] } ?? []
    }
  }
}
