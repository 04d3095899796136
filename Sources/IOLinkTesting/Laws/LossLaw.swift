internal import IOLinkCore

extension CodecConformance {
  private static let samplesPerChoice = 8
  private static let elementLimit = 50_000

  /// Writes images of which much is known under every choice of every writing option, and checks that whatever does not come back is
  /// listed as lost, and nothing else: images made for this purpose, those of the fixtures, and those of other formats.
  func checkLosses(_ findings: inout Findings) {
    guard let writing = codec.descriptor.writing else {
      findings.expect(true, name, "cannot write")
      return
    }
    for options in [[:]] + optionChoices {
      var comparisons = 0
      for number in 0..<(options.isEmpty ? 4 : 1) * Self.samplesPerChoice {
        findings.attempt("\(options)") { (findings: inout Findings) throws(IOLinkError) in
          let sample = try LossSample(writing, isPlane: number % 3 == 0, &findings.random).image(seed: seed)
          if try compareLosses(sample, options, "\(options) sample \(number)", &findings) { comparisons += 1 }
        }
      }
      // A choice may fit none of the images, but without options at least one must be writable.
      findings.expect(comparisons > 0 || !options.isEmpty, "\(options)", "refuses all images")
    }
    findings.attempt("collection") { (findings: inout Findings) throws(IOLinkError) in try checkLossesOfCollections(writing, &findings) }
    checkLeftOut(&findings)
    forEachImage(&findings) { _, subject, image, findings throws(IOLinkError) in try checkLosses(of: image, subject, &findings) }
    for (subject, image) in otherImages() {
      findings.attempt(subject) { (findings: inout Findings) throws(IOLinkError) in try checkLosses(of: image, subject, &findings) }
    }
  }

  /// Writes what is known of an image, without options and with one choice of an option.
  private func checkLosses(of image: any ImageView, _ subject: String, _ findings: inout Findings) throws(IOLinkError) {
    guard image.elementCount <= Self.elementLimit else { return }
    let pattern = PatternView(image.dataType, properties: image.properties, metadata: image.metadata, seed: seed)
    for options in [[:], optionChoices.randomElement(using: &findings.random) ?? [:]] {
      _ = try compareLosses(pattern, options, "\(subject) \(options)", &findings)
    }
  }

  /// Returns whether the image was written and compared; false if the codec refused it.
  private func compareLosses(
    _ image: PatternView, _ options: [String: String], _ subject: String, _ findings: inout Findings
  ) throws(IOLinkError) -> Bool {
    let stream = MemoryStream()
    let lost: [LostItem]
    do throws(IOLinkError) { lost = try registry.write(image, to: stream, format: name, options: options).lost } catch {
      let isRefusal = [.unsupported, .invalidArgument, .limitExceeded].contains(error.code)
      findings.expect(isRefusal, subject, "is refused with \(error), expected unsupported or invalidArgument")
      return false
    }
    let told = readOptions(ImageDescription(image), options)
    let isExact = options.isEmpty && codec.descriptor.writing?.features.contains(.calibration) == true
    try compare(image, lost, written(image.properties, in: reopened(stream, told)), isTold: !told.isEmpty, isExact: isExact, subject, &findings)
    return true
  }

  private func reopened(_ stream: MemoryStream, _ options: [String: String] = [:]) throws(IOLinkError) -> any MultiImageView {
    let source = DataSource(MemoryRandomAccess(stream.bytes), name: "written." + (codec.descriptor.extensions.first ?? ""))
    return try registry.open(source, format: name, options: options)
  }

  private func compare(
    _ image: PatternView, _ lost: [LostItem], _ read: any ImageView, isTold: Bool, isExact: Bool, _ subject: String,
    _ findings: inout Findings
  ) {
    let found = ImageDescription(dataType: read.dataType, properties: read.properties, metadata: read.metadata)
    let comparison = LossComparison(ImageDescription(image), lost, isTold: isTold, isExact: isExact, format: name.lowercased())
    let faults = comparison.faults(found)
    findings.expect(faults.isEmpty, subject, faults.first ?? "")
    for fault in faults.dropFirst().prefix(8) { findings.add(subject, fault) }
  }

  /// Writes files of several images, where the format has them. What is lost of each is listed for it.
  private func checkLossesOfCollections(_ writing: CodecDescriptor.Writing, _ findings: inout Findings) throws(IOLinkError) {
    guard writing.features.contains(.severalImages) else { return }
    for _ in 0..<Self.samplesPerChoice {
      var images: [(name: String, image: PatternView)] = []
      for name in ["/first", "/group/second", "/group/third"] {
        images.append((name, try LossSample(writing, isPlane: false, &findings.random).image(seed: seed)))
      }
      let stream = MemoryStream()
      let named = images.map { NamedImage(name: $0.name, image: $0.image) }
      let reports = try registry.write(named, to: stream, format: name).images
      let found = try reopened(stream)
      for ((name, image), report) in zip(images, reports) {
        let read = try found.image(named: name)
        compare(image, report.lost, read, isTold: false, isExact: false, "collection \(name)", &findings)
      }
    }
  }

  /// Converts the fixtures. The images and levels that the new file does not have are listed.
  private func checkLeftOut(_ findings: inout Findings) {
    for fixture in fixtures where fixture.isAccepted {
      findings.attempt(fixture.name) { (findings: inout Findings) throws(IOLinkError) in
        let images = try open(fixture)
        guard let main = try images.mainIndex, let image = try? images.image(at: main), image.elementCount <= Self.elementLimit else { return }
        let source = DataSource(MemoryRandomAccess(fixture.bytes), name: fixture.name)
        let stream = MemoryStream()
        let told = readOptions(ImageDescription(dataType: image.dataType, properties: image.properties), [:])
        let report = try? registry.convert(source, to: stream, sourceFormat: name, sourceOptions: fixture.options, format: name)
        guard let lost = report?.lost.map(\.path) else { return }
        let found = try reopened(stream, told)
        let (levels, newLevels) = (try images.levels(at: main), try found.levels(at: found.mainIndex ?? 0))
        let hasLevels = levels != nil && newLevels == nil
        let hasOthers = try images.names.count > found.names.count
        findings.expect(lost.contains("/images") == hasOthers, fixture.name, "has other images, but /images is \(hasOthers ? "not " : "")listed")
        findings.expect(lost.contains("/levels") == hasLevels, fixture.name, "has levels, but /levels is \(hasLevels ? "not " : "")listed")
      }
    }
  }
}
