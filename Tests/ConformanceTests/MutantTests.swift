import ConformanceSupport
import IOLink
import IOLinkTesting
import Testing

/// The laws over codecs that break them: a law that lets these pass is no law.
struct MutantTests {
  enum Fault: String, CaseIterable, Sendable {
    case shiftedPixels, wrongRegion, claimsEverything, claimsType, hidesGrowth, acceptsRejects, namelessError, losesSpacing, losesOrigin
    case refusesCalibration

    var law: CodecConformance.Law {
      switch self {
      case .shiftedPixels, .claimsEverything, .acceptsRejects: .fixtures
      case .wrongRegion: .regions
      case .claimsType, .losesSpacing: .roundTrip
      case .losesOrigin, .refusesCalibration: .calibration
      case .hidesGrowth: .descriptor
      case .namelessError: .damage
      }
    }
  }

  @Test("Each fault is found by its law", arguments: Fault.allCases)
  func found(_ fault: Fault) throws {
    let sound = try CodecConformance.standard("NPY")
    let rejected = sound.fixtures.filter { if case .reject = $0.expectation { true } else { false } }
    let few = sound.fixtures.filter { $0.bytes.count < 400 }.prefix(6) + rejected.prefix(3)
    let mutant = CodecConformance(Mutant(base: sound.codec, fault: fault), fixtures: Array(few), executor: sound.executor)
    #expect(!mutant.violations(of: fault.law).isEmpty, "\(fault.law) does not see \(fault)")
    let healthy = CodecConformance(sound.codec, fixtures: Array(few), executor: sound.executor)
    #expect(healthy.violations(of: fault.law) == [])
  }

  @Test(
    "A codec without fixtures breaks the laws that need them",
    arguments: [CodecConformance.Law.fixtures, .regions, .sources, .damage, .threads])
  func withoutFixtures(_ law: CodecConformance.Law) throws {
    let bare = CodecConformance(try CodecConformance.standard("NPY").codec, fixtures: [])
    #expect(bare.violations(of: law).count == 1)
  }
}

private struct Mutant: Codec {
  let base: any Codec
  let fault: MutantTests.Fault

  var descriptor: CodecDescriptor {
    let sound = base.descriptor
    guard let writing = sound.writing else { return sound }
    let scalars = fault == .claimsType ? writing.scalars : writing.scalars.subtracting(fault == .losesSpacing ? [] : [.complex128])
    let features = fault == .hidesGrowth ? writing.features.subtracting(.growable) : writing.features
    return CodecDescriptor(
      name: sound.name, summary: sound.summary, extensions: sound.extensions, readOptions: sound.readOptions,
      writeOptions: sound.writeOptions, reads: sound.reads,
      writing: CodecDescriptor.Writing(
        scalars: scalars, componentCounts: writing.componentCounts, maximumRank: writing.maximumRank, features: features,
        lines: writing.lines))
  }

  func detect(_ probe: Probe) -> Detection { fault == .claimsEverything ? .yes : base.detect(probe) }

  func open(_ source: DataSource, options: CodecOptions, context: OpenContext) throws(IOLinkError) -> any MultiImageView {
    do throws(IOLinkError) {
      let images = try base.open(source, options: options, context: context)
      guard fault == .shiftedPixels || fault == .wrongRegion else { return images }
      return ImageCollection([("array", FaultyView(base: try images.image(), fault: fault))])
    } catch {
      if fault == .acceptsRejects { return ImageCollection([("array", try PatternView(.uint8, fileShape: [1]))]) }
      if fault == .namelessError { throw IOLinkError(error.code, "two\nlines") }
      throw error
    }
  }

  func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    if fault == .claimsType, image.dataType.scalar == .complex128 { throw IOLinkError(.unsupported, "no complex numbers") }
    if fault == .refusesCalibration, image.properties.axes.contains(where: { ($0.spacing ?? $0.origin) != nil || $0.unit != nil }) {
      throw IOLinkError(.unsupported, "no calibration")
    }
    let sink = try base.create(image, on: stream, options: options, context: context)
    switch fault {
    case .losesSpacing: return ImageSink(sink.chunks, lost: [])
    case .losesOrigin: return ImageSink(sink.chunks, lost: sink.lost.filter { !$0.path.hasSuffix("/origin") })
    default: return sink
    }
  }
}

/// Wrong everywhere, or only in part.
private struct FaultyView: ImageView {
  let base: any ImageView
  let fault: MutantTests.Fault
  var shape: Shape { base.shape }
  var dataType: DataType { base.dataType }
  var properties: ImageProperties { base.properties }
  var metadata: MetadataNode { base.metadata }
  var capabilities: Capabilities { .read }

  func read(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: ReadContext
  ) throws(IOLinkError) {
    try base.read(region, into: &destination, layout: layout, context: context)
    let isPart = region.size != shape
    guard isPart || fault == .shiftedPixels, !region.isEmpty else { return }
    let byte = layout.byteOffset
    unsafe destination.withUnsafeMutableBytes { unsafe $0[byte] ^= 0x55 }  // the first element of the region
  }
}
