internal import IOLinkCore

extension CodecConformance {
  private static let samplesPerChoice = 12
  private static let elementLimit = 50_000

  /// Writes images of which much is known under every choice of every writing option, and checks that whatever does not come back is
  /// listed as lost, and nothing else: images made for this purpose, those of the fixtures, and those of other formats.
  func checkLosses(_ findings: inout Findings) {
    guard let writing = codec.descriptor.writing else {
      findings.expect(true, name, "cannot write")
      return
    }
    for options in optionChoices {
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
    forEachImage(&findings) { _, subject, image, findings throws(IOLinkError) in try checkLosses(of: image, subject, &findings) }
    for (subject, image) in otherImages() {
      findings.attempt(subject) { (findings: inout Findings) throws(IOLinkError) in try checkLosses(of: image, subject, &findings) }
    }
  }

  /// No options, and each value of each writing option that can be tried.
  private var optionChoices: [[String: String]] {
    [[:]] + codec.descriptor.writeOptions.flatMap { option in values(of: option).map { [option.name: $0] } }
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
    let written = ImageDescription(image)
    let source = DataSource(MemoryRandomAccess(stream.bytes), name: "written." + (codec.descriptor.extensions.first ?? ""))
    let told = readOptions(written, options)
    let read = try registry.open(source, format: name, options: told).image()
    let found = ImageDescription(dataType: read.dataType, properties: read.properties, metadata: read.metadata)
    let isExact = options.isEmpty && codec.descriptor.writing?.features.contains(.calibration) == true
    let comparison = LossComparison(written, lost, isTold: !told.isEmpty, isExact: isExact, format: name.lowercased())
    let faults = comparison.faults(found)
    findings.expect(faults.isEmpty, subject, faults.first ?? "")
    for fault in faults.dropFirst().prefix(8) { findings.add(subject, fault) }
    return true
  }
}
