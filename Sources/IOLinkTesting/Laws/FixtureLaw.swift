internal import IOLinkCore

extension CodecConformance {
  func checkFixtures(_ findings: inout Findings) {
    findings.expect(fixtures.contains(where: \.isAccepted), name, "the codec has no fixture that must open")
    for fixture in fixtures {
      switch fixture.expectation {
      case .accept(let images, let isComplete):
        findings.attempt(fixture.name) { (findings: inout Findings) throws(IOLinkError) in
          try checkDetection(fixture, &findings)
          try check(images, isComplete, of: fixture, &findings)
        }
      case .reject(let code): checkRefusal(fixture, code, &findings)
      }
    }
  }

  private func checkDetection(_ fixture: Fixture, _ findings: inout Findings) throws(IOLinkError) {
    let probe = try Probe(DataSource(MemoryRandomAccess(fixture.bytes), name: fixture.name))
    if case .no(let reason) = codec.detect(probe) { findings.add(fixture.name, "is not recognised: \(reason)") }
    let random = Probe(prefix: (0..<64).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }, byteCount: 64, name: "random.unknown")
    findings.expect(codec.detect(random) != .yes, name, "claims random bytes")
    findings.expect(codec.detect(Probe(prefix: [], byteCount: 0, name: nil)) != .yes, name, "claims an empty file")
  }

  private func check(
    _ expected: [ExpectedImage], _ isComplete: Bool, of fixture: Fixture, _ findings: inout Findings
  ) throws(IOLinkError) {
    let images = try open(fixture)
    let (names, main) = (try images.names, try images.mainIndex)
    let unreadable = Set(try images.problems().map(\.name))
    let readable = names.indices.filter { !unreadable.contains(names[$0]) }
    findings.expect(
      isComplete ? readable.count == expected.count : readable.count >= expected.count, fixture.name,
      "\(readable.count) of the images \(names) can be read, expected \(expected.count)")
    findings.expect(Set(names).count == names.count, fixture.name, "names are not unique: \(names)")
    let roles = try images.roles
    findings.expect(
      roles.count == names.count && main.map { roles[$0] == .image } ?? true, fixture.name,
      "the roles are \(roles), and the main image is \(main.map(String.init) ?? "none")")
    for (position, wanted) in expected.enumerated() {
      // In an incomplete list the position says nothing about an image, but the main image can be found without it.
      let unnamed = readable.indices.contains(position) ? readable[position] : names.count
      let unnamedMain = !isComplete && wanted.isMain == true ? main ?? unnamed : unnamed
      let index = wanted.name.flatMap(names.firstIndex(of:)) ?? unnamedMain
      guard names.indices.contains(index) else { continue }
      let subject = "\(fixture.name) \(names[index])"
      if let name = wanted.name { findings.expect(names[index] == name, subject, "the name is not the expected \(name)") }
      if let isMain = wanted.isMain {
        findings.expect((main == index) == isMain, subject, "the main image is \(main.map(String.init) ?? "none")")
      }
      findings.attempt(subject) { (findings: inout Findings) throws(IOLinkError) in
        let image = try images.image(at: index)
        checkAxes(image, wanted, subject, &findings)
        checkMeaning(image, wanted, subject, &findings)
        checkMetadata(image, wanted, subject, &findings)
        if let pixels = wanted.pixels {
          try checkPixels(image, pixels, subject, &findings)
        } else {
          findings.add(subject, "the expectation states no pixels")
        }
        try checkLevels(try images.levels(at: index), wanted, subject, &findings)
      }
    }
  }

  private func checkAxes(_ image: any ImageView, _ wanted: ExpectedImage, _ subject: String, _ findings: inout Findings) {
    let roles = wanted.axes.map(\.role)
    let kept = image.properties.axes.indices.filter { index in
      let axis = image.properties.axes[index]
      return !(wanted.hasFreeLengthOneAxes && axis.length == 1 && !roles.contains(axis.role))
    }
    let axes = kept.map { image.properties.axes[$0] }
    findings.expect(
      axes.map(\.role) == roles && axes.map(\.length) == wanted.axes.map(\.length), subject,
      "axes \(axes.map { "\($0.role) \($0.length)" }), expected \(wanted.axes.map { "\($0.role) \($0.length)" })")
    findings.expect(image.shape == image.properties.shape, subject, "shape \(image.shape) differs from that of the axes")
    guard axes.count == wanted.axes.count else { return }
    for (axis, expected) in zip(axes, wanted.axes) where !expected.hasFreeCalibration {
      findings.expect(
        isNear(axis.spacing, expected.spacing) && axis.unit == expected.unit, subject,
        "\(axis.role) has spacing \(text(axis.spacing)) \(axis.unit ?? ""), expected \(text(expected.spacing)) \(expected.unit ?? "")")
      findings.expect(
        isNear(axis.origin, expected.origin), subject,
        "\(axis.role) has origin \(text(axis.origin)), expected \(text(expected.origin))")
    }
    if let order = wanted.sourceOrder {
      let found = image.properties.sourceOrder.compactMap { kept.firstIndex(of: $0) }
      findings.expect(found == order, subject, "source order \(found), expected \(order)")
    }
    if let isInferred = wanted.axesAreInferred {
      findings.expect(image.properties.axesAreInferred == isInferred, subject, "axesAreInferred is \(!isInferred), expected \(isInferred)")
    }
  }

  private func checkMeaning(_ image: any ImageView, _ wanted: ExpectedImage, _ subject: String, _ findings: inout Findings) {
    if let componentType = wanted.componentType {
      findings.expect(
        image.dataType.componentType == componentType && image.dataType.componentCount == (wanted.componentCount ?? 1), subject,
        "type \(image.dataType), expected \(componentType.numpyName) × \(wanted.componentCount ?? 1)")
    }
    let properties = image.properties
    if let interpretation = wanted.interpretation {
      findings.expect(
        properties.interpretation.name == interpretation, subject,
        "interpretation \(properties.interpretation.name), expected \(interpretation)")
    }
    if let bits = wanted.significantBits {
      findings.expect(
        properties.significantBits == bits, subject,
        "\(properties.significantBits.map(String.init) ?? "no") significant bits, expected \(bits)")
    }
    if let alpha = wanted.alpha {
      findings.expect(properties.alpha.rawValue == alpha, subject, "alpha \(properties.alpha.rawValue), expected \(alpha)")
    }
  }

  private func checkMetadata(_ image: any ImageView, _ wanted: ExpectedImage, _ subject: String, _ findings: inout Findings) {
    for (path, value) in wanted.metadata.sorted(by: { $0.key < $1.key }) {
      let found = image.metadata[path]?.description
      findings.expect(found == value, subject, "\(path) is \(found ?? "absent"), expected \(value)")
    }
  }

  private func checkLevels(
    _ found: (any LodImageView)?, _ wanted: ExpectedImage, _ subject: String, _ findings: inout Findings
  ) throws(IOLinkError) {
    let count = wanted.levels?.count ?? 1
    let foundCount = found?.levelCount ?? 1
    findings.expect(foundCount == count, subject, "\(foundCount) levels, expected \(count)")
    guard let found, let levels = wanted.levels, foundCount == count else { return }
    for (index, expected) in levels.enumerated() {
      let level = try found.level(index)
      func counted(_ lengths: [Int]) -> [Int] { wanted.hasFreeLengthOneAxes ? lengths.filter { $0 != 1 } : lengths }
      findings.expect(
        counted(Array(level.shape)) == counted(expected.shape), subject,
        "level \(index) has shape \(level.shape), expected \(expected.shape)")
      try checkPixels(level, expected.pixels, "\(subject) level \(index)", &findings)
    }
  }

  private func checkPixels(
    _ image: any ImageView, _ wanted: ExpectedImage.Pixels, _ subject: String, _ findings: inout Findings
  ) throws(IOLinkError) {
    switch wanted {
    case .crc32(let checksum):
      let bytes = littleEndian(try image.bytes(of: Region(of: image.shape)), image.dataType.componentType)
      let found = CRC32.checksum(bytes)
      findings.expect(
        found == checksum, subject, "CRC-32 of the pixels is \(String(found, radix: 16)), expected \(String(checksum, radix: 16))")
    case .samples(let samples, let tolerance):
      findings.expect(!samples.isEmpty, subject, "the expectation states no samples")
      for (position, values) in samples {
        var origin = AxisVector(position)
        while origin.count < image.rank { origin.append(0) }
        let region = try Region(origin: origin, size: AxisVector(repeating: 1, count: image.rank))
        let bytes = try image.converted(to: .float64).bytes(of: region)
        let found = try NumericArray(.float64, shape: [values.count], bytes: bytes).doubles
        let isNear = zip(found, values).allSatisfy { abs($0 - $1) <= tolerance }
        findings.expect(isNear, subject, "\(found) at \(position), expected \(values) ± \(tolerance)")
      }
    case .unknown(let reason): findings.expect(!reason.isEmpty, subject, "the expectation does not say why its pixels are unknown")
    }
  }

  private func checkRefusal(_ fixture: Fixture, _ code: IOLinkError.Code?, _ findings: inout Findings) {
    do throws(IOLinkError) {
      let images = try open(fixture)
      let count = try images.count
      if count == 0 { _ = try images.image() }
      for index in 0..<count {
        let image = try images.image(at: index)
        _ = try image.bytes(of: Region(of: image.shape))
      }
      findings.expect(false, fixture.name, "is accepted, expected an error")
    } catch {
      findings.expect(code == nil || error.code == code, fixture.name, "is refused with \(error), expected \(code?.rawValue ?? "")")
      findings.expect(error.format != nil, fixture.name, "the error does not name the format: \(error)")
      findings.expect(!error.reason.isEmpty && !error.reason.contains("\n"), fixture.name, "the reason is not one line of text: \(error)")
    }
  }

  private func isNear(_ left: Double?, _ right: Double?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return abs(left - right) <= 1e-9 * max(abs(left), abs(right))
  }

  private func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "none" }

  private func littleEndian(_ bytes: [UInt8], _ componentType: ComponentType) -> [UInt8] {
    guard ByteOrder.native == .big, componentType.swapWidth > 1 else { return bytes }
    var swapped = bytes
    for start in stride(from: 0, to: bytes.count, by: componentType.swapWidth) {
      swapped[start..<(start + componentType.swapWidth)].reverse()
    }
    return swapped
  }
}
