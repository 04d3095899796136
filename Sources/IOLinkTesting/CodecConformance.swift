public import IOLinkCore

/// The laws that every codec must keep, written once: run them over your own codec and its fixtures.
///
///     let conformance = CodecConformance(PGMCodec(), fixtures: fixtures, executor: ThreadPool.shared)
///     for law in CodecConformance.Law.allCases { #expect(await conformance.violations(of: law) == []) }
///
/// A law that finds nothing to check is violated. ``Law/damage`` runs in the caller's process; run it in a process of its
/// own, with limits on time and memory, where a codec uses code that may crash.
public struct CodecConformance: Sendable {
  public enum Law: String, CaseIterable, Sendable {
    /// Fixtures are recognised and decode to what they are; those that must be refused are, with the right code.
    case fixtures
    /// Any region, into any strides, equals the same part of the whole, in whatever order they are decoded.
    case regions
    /// The same image from memory, from a source without memory, and from a part of another source at an odd offset.
    case sources
    /// Damaged files give an error or an image.
    case damage
    /// What is written is read again: pixels, axes and calibration, but for what is listed as lost.
    case roundTrip
    /// Every spacing, origin and unit comes back or is listed as lost, and never both.
    case calibration
    /// Eight threads get what one gets.
    case threads
    /// Typed reads equal untyped ones, in every layout of memory; another type is refused.
    case typed
    /// A read that is cancelled while it runs stops and says so.
    case cancellation
    /// Asynchronous reads equal synchronous ones, and stop when their task is cancelled.
    case asynchronous
    /// The descriptor tells the truth.
    case descriptor
  }

  public let codec: any Codec
  public let fixtures: [Fixture]
  public let executor: any Executor
  /// Random choices come from it; violations show it.
  public let seed: UInt64
  let readOptions: @Sendable (ImageDescription, [String: String]) -> [String: String]

  /// - Parameters:
  ///   - fixtures: Files of the codec's format that other software wrote. None is a violation of every law but three.
  ///   - executor: For work on several threads.
  ///   - readOptions: How an image that was written with these writing options is read again, where the format does not say.
  public init(
    _ codec: any Codec, fixtures: [Fixture], executor: any Executor = SerialExecutor(), seed: UInt64 = 0x10_1148,
    readOptions: @escaping @Sendable (ImageDescription, [String: String]) -> [String: String] = { _, _ in [:] }
  ) {
    self.codec = codec
    self.fixtures = fixtures
    self.executor = executor
    self.seed = seed
    self.readOptions = readOptions
  }

  public var name: String { codec.descriptor.name }
  var registry: CodecRegistry { registry() }

  /// What breaks the law.
  public func violations(of law: Law) async -> [Violation] {
    var findings = Findings(law, seed: seed)
    switch law {
    case .fixtures: checkFixtures(&findings)
    case .regions: checkRegions(&findings)
    case .sources: checkSources(&findings)
    case .damage: checkDamage(&findings)
    case .roundTrip: checkRoundTrip(&findings)
    case .calibration: checkCalibration(&findings)
    case .threads: checkThreads(&findings)
    case .typed: checkTyped(&findings)
    case .cancellation: checkCancellation(&findings)
    case .asynchronous: await checkAsynchronous(&findings)
    case .descriptor: checkDescriptor(&findings)
    }
    return findings.result
  }

  func registry(cacheByteCount: Int = 1 << 20, limits: ReadLimits = ReadLimits()) -> CodecRegistry {
    let runtime = Runtime(executor: executor, cacheByteCount: cacheByteCount, workingMemory: 8 << 20)
    var registry = CodecRegistry([codec], runtime: runtime)
    registry.limits = limits
    return registry
  }

  func open(
    _ fixture: Fixture, from bytes: (any RandomAccess)? = nil, with registry: CodecRegistry? = nil
  ) throws(IOLinkError) -> any MultiImageView {
    try (registry ?? self.registry).open(
      DataSource(bytes ?? MemoryRandomAccess(fixture.bytes), name: fixture.name), format: name, options: fixture.options)
  }

  /// Calls `body` with every image of every fixture that must open, up to eight of one file.
  ///
  /// - Parameter cacheByteCount: 0 keeps no decoded chunk, so that every read decodes.
  func forEachImage(
    cacheByteCount: Int = 1 << 20, _ findings: inout Findings,
    _ body: (Fixture, String, any ImageView, inout Findings) throws(IOLinkError) -> Void
  ) {
    for fixture in fixtures where fixture.isAccepted {
      findings.attempt(fixture.name) { (findings: inout Findings) throws(IOLinkError) in
        let images = try open(fixture, with: registry(cacheByteCount: cacheByteCount))
        for index in 0..<min(8, images.count) {
          // An image that cannot be read is the business of the law of fixtures.
          guard let image = try? images.image(at: index) else { continue }
          try body(fixture, "\(fixture.name) \(images.names[index])", image, &findings)
        }
      }
    }
  }
}

/// One way in which a codec breaks a law.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
  public let law: CodecConformance.Law
  /// The file, option or type it is about.
  public let subject: String
  public let text: String

  public init(_ law: CodecConformance.Law, _ subject: String, _ text: String) {
    self.law = law
    self.subject = subject
    self.text = text
  }

  public var description: String { "[\(law.rawValue)] \(subject): \(text)" }
}

/// What a law finds while it looks.
struct Findings {
  let law: CodecConformance.Law
  var random: SeededGenerator
  private(set) var violations: [Violation] = []
  private(set) var checkCount = 0

  init(_ law: CodecConformance.Law, seed: UInt64) {
    self.law = law
    random = SeededGenerator(seed: seed)
  }

  var result: [Violation] {
    checkCount > 0 || !violations.isEmpty ? violations : [Violation(law, "codec", "nothing was found to check")]
  }

  mutating func add(_ subject: String, _ text: String) { violations.append(Violation(law, subject, text)) }

  /// One check: `text` says what is wrong when it fails.
  mutating func expect(_ condition: Bool, _ subject: String, _ text: @autoclosure () -> String) {
    checkCount += 1
    if !condition { add(subject, text()) }
  }

  /// What is thrown is a violation.
  mutating func attempt(_ subject: String, _ body: (inout Findings) throws(IOLinkError) -> Void) {
    do throws(IOLinkError) { try body(&self) } catch { add(subject, "\(error)") }
  }
}

extension ImageView {
  /// The elements of the image; 0 where they cannot be counted.
  var elementCount: Int { (try? shape.elementCount()) ?? .max }
}
