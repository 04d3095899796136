public import IOLinkCore

/// Checks the laws that every codec must keep. Run them over your own codec and its fixtures:
///
///     let conformance = CodecConformance(PGMCodec(), fixtures: fixtures, executor: ThreadPool.shared)
///     for law in CodecConformance.Law.allCases { #expect(await conformance.violations(of: law) == []) }
///
/// A law that finds nothing to check counts as violated. All laws run in the calling process. If the codec uses code that may
/// crash or hang, run ``Law/damage`` in a separate process with limits on time and memory.
public struct CodecConformance: Sendable {
  /// A property that every codec must have.
  public enum Law: String, CaseIterable, Sendable {
    /// The codec recognizes every fixture and decodes it to the expected images, and it refuses every file that must be
    /// refused, with the expected error code.
    case fixtures
    /// Reading any region into any strides gives the same elements as reading the whole image, in whatever order regions are
    /// decoded.
    case regions
    /// A file decodes to the same images from memory, from a source without MEMORY_ACCESS, and from a part of another source
    /// at an odd offset; and a source that fails gives an error.
    case sources
    /// A damaged file gives either an error that names its format and a reason, or an image that can be read.
    case damage
    /// What the codec writes reads back with the same pixels, axes and calibration, except for what it lists as lost; and it
    /// writes exactly what its descriptor claims.
    case roundTrip
    /// Every spacing, origin and unit either comes back or is listed as lost, and never both.
    case calibration
    /// Every axis, property and value of the metadata either comes back or is listed as lost, and never both: of images made for this
    /// purpose, of the fixtures, and of images of other formats, under every choice of every writing option, and in files of several
    /// images. The images and levels of a fixture that a conversion leaves out are listed too.
    case losses
    /// Metadata that describe positions, according to ``MetadataBinding/core`` and the bindings of the codec, follow the pixels through
    /// crops, flips, steps, permutations and selections, whether the image is changed before it is written or after it is read;
    /// what cannot follow is listed as lost.
    case positions
    /// Eight threads that read one image at the same time get the same elements as one thread.
    case threads
    /// Typed reads give the same values as untyped ones, in every layout of memory, and refuse every other type.
    case typed
    /// A read that is cancelled while it runs stops, and throws `cancelled`.
    case cancellation
    /// Asynchronous reads give the same elements as synchronous ones, and stop when their task is cancelled.
    case asynchronous
    /// What the descriptor declares, options and features included, agrees with what the codec does.
    case descriptor
  }

  /// The codec to check.
  public let codec: any Codec
  /// The files that the laws read.
  public let fixtures: [Fixture]
  /// Runs the work of the codec, and the readers of ``Law/threads``.
  public let executor: any Executor
  /// The seed of all random choices. The same seed makes the same choices.
  public let seed: UInt64
  let readOptions: @Sendable (ImageDescription, [String: String]) -> [String: String]
  let otherImages: @Sendable () -> [(subject: String, image: any ImageView)]

  /// Prepares the laws for a codec.
  ///
  /// - Parameters:
  ///   - codec: The codec to check.
  ///   - fixtures: Files of the codec's format that other software wrote. Without any, every law is violated except
  ///     ``Law/roundTrip``, ``Law/calibration``, ``Law/losses``, ``Law/positions`` and ``Law/descriptor``.
  ///   - executor: Runs work on several threads. The default runs everything on the calling thread.
  ///   - seed: The seed of all random choices.
  ///   - readOptions: Returns the reading options for an image that was written with the given writing options. Needed only
  ///     for formats whose files do not describe themselves completely.
  ///   - otherImages: Returns images of other formats, with a name for each, which ``Law/losses`` writes as well. Their pixels are not
  ///     read.
  public init(
    _ codec: any Codec, fixtures: [Fixture], executor: any Executor = SerialExecutor(), seed: UInt64 = 0x10_1148,
    readOptions: @escaping @Sendable (ImageDescription, [String: String]) -> [String: String] = { _, _ in [:] },
    otherImages: @escaping @Sendable () -> [(subject: String, image: any ImageView)] = { [] }
  ) {
    self.codec = codec
    self.fixtures = fixtures
    self.executor = executor
    self.seed = seed
    self.readOptions = readOptions
    self.otherImages = otherImages
  }

  /// The name of the codec's format.
  public var name: String { codec.descriptor.name }
  var registry: CodecRegistry { registry() }

  /// Checks a law.
  ///
  /// - Returns: The violations that were found; empty if the codec keeps the law.
  public func violations(of law: Law) async -> [Violation] {
    var findings = Findings(law, seed: seed)
    switch law {
    case .fixtures: checkFixtures(&findings)
    case .regions: checkRegions(&findings)
    case .sources: checkSources(&findings)
    case .damage: checkDamage(&findings)
    case .roundTrip: checkRoundTrip(&findings)
    case .calibration: checkCalibration(&findings)
    case .losses: checkLosses(&findings)
    case .positions: checkPositions(&findings)
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

  /// Calls `body` with every image of every fixture that must open, up to eight images per file.
  ///
  /// - Parameter cacheByteCount: The size of the chunk cache. With 0 no decoded chunk is kept, so that every read decodes.
  func forEachImage(
    cacheByteCount: Int = 1 << 20, _ findings: inout Findings,
    _ body: (Fixture, String, any ImageView, inout Findings) throws(IOLinkError) -> Void
  ) {
    for fixture in fixtures where fixture.isAccepted {
      findings.attempt(fixture.name) { (findings: inout Findings) throws(IOLinkError) in
        let images = try open(fixture, with: registry(cacheByteCount: cacheByteCount))
        var count = 0
        for (index, name) in try images.names.enumerated() where count < 8 {
          // The law of fixtures reports an image that cannot be opened.
          guard let image = try? images.image(at: index) else { continue }
          count += 1
          try body(fixture, "\(fixture.name) \(name)", image, &findings)
        }
      }
    }
  }
}

/// One way in which a codec breaks a law.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
  /// The law that is broken.
  public let law: CodecConformance.Law
  /// The file, option or type that the violation concerns.
  public let subject: String
  /// What was found, and what the law expects.
  public let text: String

  /// Creates a violation.
  public init(_ law: CodecConformance.Law, _ subject: String, _ text: String) {
    self.law = law
    self.subject = subject
    self.text = text
  }

  /// The violation on one line: `[law] subject: text`.
  public var description: String { "[\(law.rawValue)] \(subject): \(text)" }
}

/// Collects the violations of a law while it is checked.
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

  /// Makes one check. `text` is the violation if the condition is false.
  mutating func expect(_ condition: Bool, _ subject: String, _ text: @autoclosure () -> String) {
    checkCount += 1
    if !condition { add(subject, text()) }
  }

  /// Runs `body`; an error that it throws is a violation.
  mutating func attempt(_ subject: String, _ body: (inout Findings) throws(IOLinkError) -> Void) {
    do throws(IOLinkError) { try body(&self) } catch { add(subject, "\(error)") }
  }
}

extension ImageView {
  /// The number of elements; `Int.max` if it exceeds the range of `Int`.
  var elementCount: Int { (try? shape.elementCount()) ?? .max }
}
