internal import IOLinkCore

extension CodecConformance {
  func checkDescriptor(_ findings: inout Findings) {
    let descriptor = codec.descriptor
    findings.expect(
      !descriptor.name.isEmpty && !descriptor.summary.isEmpty && !descriptor.reads.isEmpty, name,
      "name, summary and reads must not be empty")
    findings.expect(!descriptor.extensions.isEmpty, name, "the descriptor has no file name extension")
    for ending in descriptor.extensions {
      findings.expect(
        ending == ending.lowercased() && !ending.hasPrefix("."), name, "extension \(ending) must be lower case and have no dot")
    }
    checkDeclarations(descriptor.readOptions, "reading", &findings)
    checkDeclarations(descriptor.writeOptions, "writing", &findings)
    checkUnknownOption(&findings)
    guard let writing = descriptor.writing else { return }
    findings.expect(
      !writing.componentTypes.isEmpty && !writing.lines.isEmpty && writing.maximumRank >= 1, name,
      "writing must declare types, lines and a rank")
    checkStreaming(writing, &findings)
    checkGrowing(writing, &findings)
    checkUnknownAxes(writing, &findings)
    checkUpdating(writing, &findings)
    checkFullDisk(&findings)
  }

  private func checkDeclarations(_ options: [OptionDeclaration], _ kind: String, _ findings: inout Findings) {
    findings.expect(Set(options.map(\.name)).count == options.count, name, "a \(kind) option is declared twice")
    for option in options {
      findings.expect(!option.help.isEmpty && !option.help.contains("\n"), option.name, "the help is not one line of text")
      if case .choice(let names) = option.kind {
        findings.expect(
          !names.isEmpty && names.allSatisfy { $0 == $0.lowercased() }, option.name, "the choices must be lower case: \(names)")
      }
      if let value = option.defaultValue {
        let code = IOLinkErrorCode { () throws(IOLinkError) in _ = try CodecOptions([option.name: value], declared: options) }
        findings.expect(code == nil, option.name, "the default \(value) is not an allowed value")
      }
      guard case .text = option.kind else {
        let code = IOLinkErrorCode { () throws(IOLinkError) in _ = try CodecOptions([option.name: "not a value"], declared: options) }
        findings.expect(code == .invalidArgument, option.name, "accepts the value \"not a value\"")
        continue
      }
    }
  }

  /// Checks that an unknown option, for reading or for writing, gives an error that names the declared options.
  private func checkUnknownOption(_ findings: inout Findings) {
    func check(_ declared: [OptionDeclaration], _ kind: String, _ body: () throws(IOLinkError) -> Void) {
      do throws(IOLinkError) {
        try body()
        findings.expect(false, name, "accepts an unknown \(kind) option")
      } catch {
        let isNamed = declared.allSatisfy { error.reason.contains($0.name) }
        findings.expect(
          error.code == .invalidArgument && isNamed, name, "an unknown \(kind) option gives \(error), expected the declared names")
      }
    }
    let bytes = fixtures.first(where: \.isAccepted)?.bytes ?? []
    check(codec.descriptor.readOptions, "reading") { () throws(IOLinkError) in
      _ = try registry.open(DataSource(MemoryRandomAccess(bytes)), format: name, options: ["no-such-option": "1"])
    }
    guard codec.descriptor.writing != nil, let image = try? someImage().0 else { return }
    check(codec.descriptor.writeOptions, "writing") { () throws(IOLinkError) in
      _ = try registry.create(image, on: MemoryStream(), format: name, options: ["no-such-option": "1"])
    }
  }

  /// A small image that the codec claims to write, with a slowest SLICE axis of `frames` if that is given.
  private func someImage(frames: Int? = nil) throws(IOLinkError) -> (ImageDescription, PatternView) {
    let writing = codec.descriptor.writing
    let componentType = ComponentType.allCases.first { $0 != .boolean && writing?.componentTypes.contains($0) ?? true } ?? .uint8
    let type = try DataType(componentType, componentCount: writing?.componentCounts.lowerBound ?? 1)
    var axes = [Axis(.row, length: 5), Axis(.column, length: 7)]
    if let frames { axes.insert(Axis(.slice, length: frames), at: 0) }
    let properties = try ImageProperties(fileAxes: axes)
    return (ImageDescription(dataType: type, properties: properties), PatternView(type, properties: properties, seed: seed))
  }

  private func checkStreaming(_ writing: CodecDescriptor.Writing, _ findings: inout Findings) {
    findings.attempt("stream without SEEK") { (findings: inout Findings) throws(IOLinkError) in
      let (image, pattern) = try someImage()
      let pipe = AwkwardStream(capabilities: .write)
      do throws(IOLinkError) {
        let report = try registry.write(pattern, to: pipe, format: name)
        findings.expect(writing.features.contains(.streamable), "stream without SEEK", "is written, but not declared")
        try compare(pattern, image, report.lost, pipe.bytes, [:], "stream without SEEK", &findings)
      } catch {
        findings.expect(
          !writing.features.contains(.streamable) && error.code == .unsupported, "stream without SEEK", "gives \(error)")
        findings.expect(pipe.bytes.isEmpty, "stream without SEEK", "is refused after \(pipe.bytes.count) bytes were written")
      }
    }
  }

  private func checkGrowing(_ writing: CodecDescriptor.Writing, _ findings: inout Findings) {
    guard writing.maximumRank >= 3 else { return }
    findings.attempt("growing") { (findings: inout Findings) throws(IOLinkError) in
      let (image, _) = try someImage(frames: 0)
      let (whole, pattern) = try someImage(frames: 9)
      let stream = MemoryStream()
      do throws(IOLinkError) {
        let writer = try registry.create(image, on: stream, format: name)
        let layout = try StridedLayout(dense: [7, 5, 1], image.dataType)
        for frame in 0..<9 {
          let pixels = pattern.expectedBytes(of: try Region(origin: [0, 0, frame], size: [7, 5, 1]))
          try writer.append(unsafe pixels.span.bytes, layout: layout)  // bytes have no padding
        }
        let report = try writer.finish()
        findings.expect(writing.features.contains(.growable), "growing", "works, but is not declared")
        try compare(pattern, whole, report.lost, stream.bytes, [:], "growing", &findings)
      } catch {
        findings.expect(!writing.features.contains(.growable) && error.code == .unsupported, "growing", "gives \(error)")
      }
    }
  }

  private func checkUnknownAxes(_ writing: CodecDescriptor.Writing, _ findings: inout Findings) {
    findings.attempt("unknown axes") { (findings: inout Findings) throws(IOLinkError) in
      let type = try someImage().0.dataType
      let properties = try ImageProperties(unknownAxes: [5, 7])
      let pattern = PatternView(type, properties: properties, seed: seed)
      let stream = MemoryStream()
      do throws(IOLinkError) {
        let report = try registry.write(pattern, to: stream, format: name)
        findings.expect(writing.features.contains(.unknownAxes), "unknown axes", "are written, but not declared")
        let image = ImageDescription(dataType: type, properties: properties)
        let lost = report.lost + [LostItem(path: "/axes", value: "", reason: "unknown")]
        try compare(pattern, image, lost, stream.bytes, [:], "unknown axes", &findings)
      } catch {
        findings.expect(!writing.features.contains(.unknownAxes) && error.code == .unsupported, "unknown axes", "give \(error)")
      }
    }
  }

  /// Checks that what is written with `updateOptions` can be updated in place, and that a codec without such options does not
  /// give views with WRITE.
  private func checkUpdating(_ writing: CodecDescriptor.Writing, _ findings: inout Findings) {
    findings.attempt("updating") { (findings: inout Findings) throws(IOLinkError) in
      let (image, pattern) = try someImage()
      let stream = MemoryStream()
      _ = try registry.write(pattern, to: stream, format: name, options: writing.updateOptions ?? [:])
      let source = MemoryRandomAccess(stream.bytes)
      func opened(_ access: FileAccess) throws(IOLinkError) -> any ImageView {
        try registry.open(DataSource(source), format: name, options: readOptions(image, [:]), access: access).image()
      }
      let view = try opened(.update)
      let canUpdate = view.capabilities.contains(.write)
      findings.expect(
        canUpdate == (writing.updateOptions != nil), "updating", "the view has \(view.capabilities), which is not what is declared")
      guard canUpdate else { return }
      let region = try Region(origin: [1, 2], size: [3, 2])
      let fresh = PatternView(image.dataType, properties: image.properties, seed: seed &+ 1)
      let pixels = fresh.expectedBytes(of: region)
      let layout = try StridedLayout(dense: region.size, image.dataType)
      try view.write(region, from: unsafe pixels.span.bytes, layout: layout, context: .default)  // bytes have no padding
      let back = try opened(.read)
      findings.expect(try back.bytes(of: region) == pixels, "updating", "the region reads back other than it was written")
      let untouched = try Region(origin: [0, 0], size: [7, 1])
      findings.expect(try back.bytes(of: untouched) == pattern.expectedBytes(of: untouched), "updating", "pixels outside the region change")
    }
  }

  /// Checks that a full stream gives an `io` error, however many bytes were written before.
  private func checkFullDisk(_ findings: inout Findings) {
    findings.attempt("full disk") { (findings: inout Findings) throws(IOLinkError) in
      let (_, pattern) = try someImage()
      let size = MemoryStream()
      _ = try registry.write(pattern, to: size, format: name)
      for capacity in Set([0, 1, size.bytes.count / 2, size.bytes.count - 1]) {
        let stream = AwkwardStream(capacity: capacity, capabilities: [.read, .write, .seek])
        let code = IOLinkErrorCode { () throws(IOLinkError) in
          _ = try registry.write(pattern, to: stream, format: name)
        }
        findings.expect(code == .io, "full disk", "a stream of \(capacity) bytes gives \(code?.rawValue ?? "no error"), expected io")
      }
    }
  }
}
