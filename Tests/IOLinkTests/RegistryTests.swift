import IOLinkCore
import IOLinkTesting
import Testing

/// A codec that behaves as the test specifies.
struct FakeCodec: Codec {
  var name: String
  var answer: Detection
  var failure: IOLinkError?
  var extensions = ["fake"]
  var writes = false
  var options: [OptionDeclaration] = []

  var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: name, summary: name, extensions: extensions, readOptions: options, reads: [name],
      writing: writes
        ? CodecDescriptor.Writing(componentTypes: [.uint8], componentCounts: 1...3, maximumRank: 2, features: [], lines: [name]) : nil)
  }

  func detect(_ probe: Probe) -> Detection { answer }

  func open(_ source: DataSource, options: CodecOptions, context: OpenContext) throws(IOLinkError) -> any MultiImageView {
    if let failure { throw failure }
    return ImageCollection([(name, try PatternView(.uint8, fileShape: [2, 2]))])
  }
}

struct RegistryTests {
  private let source = DataSource(MemoryRandomAccess([1, 2, 3]), name: "file.fake")

  private func error(_ codecs: [FakeCodec], format: String? = nil) throws -> IOLinkError {
    try wanted(#expect(throws: IOLinkError.self) { try CodecRegistry(codecs, runtime: Runtime(executor: SerialExecutor())).open(source, format: format) })
  }

  @Test("A sure codec comes first, then the one with the higher priority, then the one registered later")
  func order() throws {
    var registry = CodecRegistry([FakeCodec(name: "maybe", answer: .maybe), FakeCodec(name: "sure", answer: .yes)], runtime: Runtime(executor: SerialExecutor()))
    #expect(try registry.open(source).format == "sure")
    registry.register(FakeCodec(name: "later", answer: .yes))
    #expect(try registry.open(source).format == "later")
    registry.register(FakeCodec(name: "preferred", answer: .yes), priority: 1)
    registry.register(FakeCodec(name: "last", answer: .yes))
    registry.register(FakeCodec(name: "keen", answer: .maybe), priority: 9)
    #expect(try registry.open(source).format == "preferred")
    #expect(try registry.open(source, format: "MAYBE").format == "maybe")
    var unsure = CodecRegistry(runtime: Runtime(executor: SerialExecutor()))
    unsure.register(FakeCodec(name: "keen", answer: .maybe), priority: 1)
    unsure.register(FakeCodec(name: "later", answer: .maybe))
    #expect(try unsure.open(source).format == "keen")
    registry.register(FakeCodec(name: "PREFERRED", answer: .no("not today")))
    #expect(registry.codecs.count == 6)
    #expect(try registry.open(source).format == "last")
  }

  @Test("If a codec that was unsure fails, the next one is tried")
  func fallback() throws {
    let unsure = FakeCodec(name: "unsure", answer: .maybe, failure: IOLinkError(.malformed, "bad"))
    #expect(try CodecRegistry([FakeCodec(name: "other", answer: .maybe), unsure], runtime: Runtime(executor: SerialExecutor())).open(source).format == "other")
    let broken = FakeCodec(name: "broken", answer: .maybe, failure: IOLinkError(.io, "disk"))
    #expect(try error([FakeCodec(name: "other", answer: .maybe), broken]).code == .io)
  }

  @Test("If all codecs fail, the error lists each of them and why it declined")
  func everyReason() throws {
    let all = try error([
      FakeCodec(name: "A", answer: .no("wrong magic")), FakeCodec(name: "B", answer: .maybe, failure: IOLinkError(.malformed, "bad table")),
      FakeCodec(name: "C", answer: .no("too short")),
    ])
    #expect(all.code == .unrecognized)
    for text in ["A", "wrong magic", "B", "bad table", "C", "too short"] { #expect(all.reason.contains(text)) }
    // If a codec was sure, its own error is thrown, with the format's name.
    let sure = try error([
      FakeCodec(name: "A", answer: .no("wrong magic")),
      FakeCodec(name: "B", answer: .yes, failure: IOLinkError(.truncated, "short", offset: 7)),
    ])
    #expect(sure.code == .truncated && sure.format == "B" && sure.offset == 7)
    // So does a limit that only one codec met, because the caller can raise it.
    let exceeded = FakeCodec(name: "B", answer: .maybe, failure: IOLinkError(.limitExceeded, "too many"))
    let limit = try error([FakeCodec(name: "A", answer: .maybe, failure: IOLinkError(.malformed, "bad")), exceeded])
    #expect(limit.code == .limitExceeded && limit.format == "B")
    #expect(try error([exceeded, FakeCodec(name: "C", answer: .yes, failure: IOLinkError(.truncated, "short"))]).code == .truncated)
    let unknown = try error([FakeCodec(name: "A", answer: .yes)], format: "Z")
    #expect(unknown.code == .invalidArgument && unknown.reason.contains("A"))
  }

  @Test("Options are checked against the declaration")
  func options() throws {
    let declared = [
      OptionDeclaration("level", .integer(1...9), default: "6", help: "x"), OptionDeclaration("fast", .boolean, default: "no", help: "x"),
      OptionDeclaration("kind", .choice(["none", "lzw"]), help: "x"), OptionDeclaration("shape", .integers(0...99), help: "x"),
      OptionDeclaration("scale", .real, help: "x"), OptionDeclaration("note", .text, help: "x"),
    ]
    let defaults = CodecOptions(declared: declared)
    #expect(defaults.integer("level") == 6 && defaults.boolean("fast") == false && defaults.text("kind") == nil)
    let given = try CodecOptions(
      ["level": "9", "fast": "TRUE", "kind": "LZW", "shape": "3, 4,5", "scale": "2.5", "note": "any"], declared: declared)
    #expect(given.integer("level") == 9 && given.boolean("fast") == true && given.text("kind") == "lzw")
    #expect(given.integers("shape") == [3, 4, 5] && given.real("scale") == 2.5 && given.text("note") == "any")
    #expect(try CodecOptions(["shape": ""], declared: declared).integers("shape") == [])
    for (name, value, allowed) in [
      ("level", "0", "1 to 9"), ("level", "x", "1 to 9"), ("fast", "maybe", "true or false"), ("kind", "zip", "none, lzw"),
      ("shape", "3,x", "0 to 99"), ("shape", "3,,4", "0 to 99"), ("shape", "100", "0 to 99"), ("scale", "nan", "a number"),
      ("colour", "1", "level, fast, kind, shape, scale, note"),
    ] {
      let error = #expect(throws: IOLinkError.self) { try CodecOptions([name: value], declared: declared) }
      #expect(error?.code == .invalidArgument && error?.reason.contains(allowed) == true, "\(name)=\(value): \(error?.reason ?? "")")
    }
  }

  @Test("The extension names the codec that writes; one that only reads does not hide it")
  func writing() throws {
    var registry = CodecRegistry([FakeCodec(name: "writer", answer: .maybe, writes: true), FakeCodec(name: "reader", answer: .maybe)], runtime: Runtime(executor: SerialExecutor()))
    #expect(try registry.codec(forWriting: "a/b.FAKE").descriptor.name == "writer")
    registry.register(FakeCodec(name: "better", answer: .maybe, writes: true), priority: 1)
    registry.register(FakeCodec(name: "newer", answer: .maybe, writes: true))
    #expect(try registry.codec(forWriting: "b.fake").descriptor.name == "better")
    let unknown = #expect(throws: IOLinkError.self) { try registry.codec(forWriting: "b.other") }
    #expect(unknown?.code == .invalidArgument && unknown?.reason.contains("fake") == true)
    func code(_ type: DataType, _ axes: [Axis]) throws -> IOLinkError.Code? {
      let image = ImageDescription(dataType: type, properties: try ImageProperties(axes: axes))
      do { _ = try registry.create(image, on: MemoryStream(), format: "writer") } catch { return error.code }
      return nil
    }
    let plane = [Axis(.column, length: 2), Axis(.row, length: 2)]
    #expect(try code(.uint16, plane) == .unsupported && code(DataType(.uint8, componentCount: 4), plane) == .unsupported)
    #expect(try code(.uint8, plane + [Axis(.slice, length: 2)]) == .unsupported)
    #expect(try code(.uint8, [Axis(.unknown, length: 2)]) == .unsupported)
  }

  @Test("Options are accepted at both ends of their range, in any spelling")
  func optionLimits() throws {
    let declared = [
      OptionDeclaration("level", .integer(-1...9), help: ""), OptionDeclaration("fast", .boolean, help: ""),
      OptionDeclaration("shape", .integers(0...99), default: "1,2", help: ""), OptionDeclaration("scale", .real, default: "0.5", help: ""),
      OptionDeclaration("bad", .integer(1...2), default: "7", help: ""),
    ]
    func given(_ name: String, _ value: String) throws -> CodecOptions { try CodecOptions([name: value], declared: declared) }
    #expect(try given("level", "-1").integer("level") == -1 && given("level", "9").integer("level") == 9)
    for value in ["-2", "10", "", "1.0", " 1"] { #expect(thrownCode { _ = try given("level", value) } == .invalidArgument, "\(value)") }
    for (value, expected) in [("true", true), ("YES", true), ("1", true), ("On", true), ("false", false), ("No", false), ("0", false), ("OFF", false)] {
      #expect(try given("fast", value).boolean("fast") == expected)
    }
    #expect(try given("shape", "0,99").integers("shape") == [0, 99] && given("shape", "5").integers("shape") == [5])
    for value in [",", "1,", "-1", "99,100"] { #expect(thrownCode { _ = try given("shape", value) } == .invalidArgument, "\(value)") }
    for value in ["inf", "-inf", "nan", "x"] { #expect(thrownCode { _ = try given("scale", value) } == .invalidArgument, "\(value)") }
    let options = try given("scale", "-2e3")
    #expect(options.real("scale") == -2000 && options.integers("shape") == [1, 2] && options.boolean("fast") == nil)
    #expect(options.given == ["scale": "-2e3"] && options.integer("scale") == nil && options.integer("bad") == nil)
  }

  @Test("If several codecs are sure, none is preferred; a codec whose options do not fit is skipped; an empty file is named as such")
  func choices() throws {
    let broken = [FakeCodec(name: "A", answer: .yes, failure: IOLinkError(.malformed, "bad")), FakeCodec(name: "B", answer: .yes, failure: IOLinkError(.truncated, "short"))]
    let both = try error(broken)
    #expect(both.code == .unrecognized && both.reason.contains("bad") && both.reason.contains("short"))
    #expect(try CodecRegistry(broken + [FakeCodec(name: "C", answer: .maybe)], runtime: Runtime(executor: SerialExecutor())).open(source).format == "C")
    let registry = CodecRegistry([
      FakeCodec(name: "tuned", answer: .maybe, options: [OptionDeclaration("level", .integer(1...9), help: "")]), FakeCodec(name: "plain", answer: .yes),
    ], runtime: Runtime(executor: SerialExecutor()))
    #expect(try registry.open(source).format == "plain" && registry.open(source, options: ["level": "1"]).format == "tuned")
    #expect(thrownCode { _ = try registry.open(source, format: "plain", options: ["level": "1"]) } == .invalidArgument)
    let stopped = FakeCodec(name: "stopped", answer: .yes, failure: IOLinkError(.cancelled, "stopped"))
    #expect(try error([FakeCodec(name: "other", answer: .maybe), stopped]).code == .cancelled)
    let empty = #expect(throws: IOLinkError.self) { try CodecRegistry([FakeCodec(name: "A", answer: .no("no"))], runtime: Runtime(executor: SerialExecutor())).open(DataSource(MemoryRandomAccess([]))) }
    #expect(empty?.code == .unrecognized && empty?.reason == "the file is empty")
    // A name decides before an extension does.
    let named = CodecRegistry([FakeCodec(name: "one", answer: .maybe, writes: true), FakeCodec(name: "fake", answer: .maybe)], runtime: Runtime(executor: SerialExecutor()))
    #expect(try named.codec(named: "FAKE").descriptor.name == "fake" && CodecRegistry([FakeCodec(name: "one", answer: .maybe)], runtime: Runtime(executor: SerialExecutor())).codec(named: "Fake").descriptor.name == "one")
  }

  @Test("Errors of images in a file include the format's name")
  func located() throws {
    let images = try CodecRegistry([FakeCodec(name: "A", answer: .yes)], runtime: Runtime(executor: SerialExecutor())).open(source)
    #expect(try images.names == ["A"] && images.mainIndex == 0)
    let missing = [#expect(throws: IOLinkError.self) { try images.image(at: 1) }, #expect(throws: IOLinkError.self) { try images.index(named: "x") }]
    #expect(missing.allSatisfy { $0?.format == "A" && $0?.code == .notFound })
  }

  @Test("Collections: the main image, names and indices")
  func collections() throws {
    let image = try PatternView(.uint8, fileShape: [2, 2])
    let two = ImageCollection([("a", image), ("b", image)])
    #expect(two.mainIndex == nil && ImageCollection([("a", image)]).mainIndex == 0)
    let several = #expect(throws: IOLinkError.self) { try two.image() }
    #expect(several?.code == .invalidArgument && several?.reason.contains("a, b") == true)
    #expect(try two.index(named: "b") == 1 && two.index(named: "0") == 0)
    let missing = #expect(throws: IOLinkError.self) { try two.image(named: "c") }
    #expect(missing?.code == .notFound)
    #expect(throws: IOLinkError.self) { try two.image(at: 2) }
    #expect(throws: IOLinkError.self) { try ImageCollection([]).image() }
  }
}
