import Foundation
import IOLinkCore
import IOLinkTesting

/// A codec with a single fault.
struct Mutant: Codec {
  enum Fault: String, CaseIterable, Sendable {
    case shiftedPixels, claimsEverything, acceptsRejects
    case wrongRegion
    case needsMemory, ignoresOffset, hidesFailure
    case namelessError
    case claimsType, losesSpacing
    case losesOrigin, refusesCalibration
    case hidesValues, forgetsTitle, forgetsBits, dropsAxes, listsWhatIsKept, listsNothingReal
    case staleNames, hidesNames, declaresNothing
    case sharesCursor, failsTogether
    case hidesGrowth
    case wrongPart, ignoresCancellation, needsTask

    var law: CodecConformance.Law {
      switch self {
      case .shiftedPixels, .claimsEverything, .acceptsRejects: .fixtures
      case .wrongRegion: .regions
      case .needsMemory, .ignoresOffset, .hidesFailure: .sources
      case .namelessError: .damage
      case .claimsType, .losesSpacing: .roundTrip
      case .losesOrigin, .refusesCalibration: .calibration
      case .hidesValues, .forgetsTitle, .forgetsBits, .dropsAxes, .listsWhatIsKept, .listsNothingReal: .losses
      case .staleNames, .hidesNames, .declaresNothing: .positions
      case .sharesCursor, .failsTogether: .threads
      case .hidesGrowth: .descriptor
      case .wrongPart: .typed
      case .ignoresCancellation: .cancellation
      case .needsTask: .asynchronous
      }
    }

    /// The format whose codec gets the fault.
    var format: String {
      switch self {
      case .staleNames, .dropsAxes: "TIFF"
      case .forgetsTitle, .forgetsBits, .listsWhatIsKept: "HDF5"
      default: "NPY"
      }
    }

    /// A part of the violation that its law must report.
    var finding: String {
      switch self {
      case .shiftedPixels: "CRC-32 of the pixels"
      case .claimsEverything: "claims random bytes"
      case .acceptsRejects: "is accepted, expected an error"
      case .wrongRegion: "differs from the whole"
      case .needsMemory: "a source without memory gives different pixels"
      case .ignoresOffset: "a part of another source gives different pixels"
      case .hidesFailure: "fails, but the codec throws no error"
      case .namelessError: "the error lacks a format or a one-line reason"
      case .claimsType: "claims to write complex128, but never does"
      case .losesSpacing: "the spacing is not listed as lost"
      case .losesOrigin: "origin"
      case .refusesCalibration: "refuses all"
      case .hidesValues: #"/artist = "plain" does not come back, but is not listed as lost"#
      case .forgetsTitle: #"/title = "plain" does not come back, but is not listed as lost"#
      case .forgetsBits: "does not come back, but is not listed as lost"
      case .dropsAxes: #"/axes/slice = "length 1" does not come back, but is not listed as lost"#
      case .listsWhatIsKept: #"/title = "plain" comes back, but is listed as lost"#
      case .listsNothingReal: "/nothing is listed as lost, but the image does not have it"
      case .staleNames: "/channels/0/name is entry 0, expected entry 3"
      case .hidesNames: "/channels/0/name is missing and not listed as lost"
      case .declaresNothing: "was never checked"
      case .sharesCursor: "differs when several threads read"
      case .failsTogether: "two readers at once"
      case .hidesGrowth: "works, but is not declared"
      case .wrongPart: "a typed read of"
      case .ignoresCancellation: "never looks whether it was cancelled"
      case .needsTask: "differs when it is read asynchronously"
      }
    }
  }

  let base: any Codec
  let fault: Fault?

  var descriptor: CodecDescriptor {
    let sound = base.descriptor
    guard let writing = sound.writing else { return sound }
    let features = fault == .hidesGrowth ? writing.features.subtracting(.growable) : writing.features
    return CodecDescriptor(
      name: sound.name, summary: sound.summary, extensions: sound.extensions, readOptions: sound.readOptions,
      writeOptions: sound.writeOptions, reads: sound.reads,
      writing: CodecDescriptor.Writing(
        componentTypes: writing.componentTypes, componentCounts: writing.componentCounts, maximumRank: writing.maximumRank,
        features: features,
        updateOptions: writing.updateOptions, lines: writing.lines),
      bindings: sound.bindings + (fault == .declaresNothing ? [MetadataBinding("/map", rule: .geometry(NoGeometry()))] : []))
  }

  func detect(_ probe: Probe) -> Detection { fault == .claimsEverything ? .yes : base.detect(probe) }

  func open(_ source: DataSource, options: CodecOptions, context: OpenContext) throws(IOLinkError) -> any MultiImageView {
    do throws(IOLinkError) {
      let images = try base.open(source, options: options, context: context)
      guard let fault, isFaulty(source, fault) else { return images }
      let image = try images.image()
      return ImageCollection([("array", fault == .staleNames ? StaleView(base: image) : FaultyView(base: image, fault: fault))])
    } catch {
      switch (fault, error.code) {
      case (.acceptsRejects, _), (.hidesFailure, .io): return ImageCollection([("array", try PatternView(.uint8, fileShape: [1]))])
      case (.namelessError, _): throw IOLinkError(error.code, "")
      default: throw error
      }
    }
  }

  /// Whether views of this source have the fault.
  private func isFaulty(_ source: DataSource, _ fault: Fault) -> Bool {
    switch fault {
    case .shiftedPixels, .wrongRegion, .sharesCursor, .failsTogether, .wrongPart, .ignoresCancellation, .needsTask, .staleNames: true
    case .needsMemory: !source.bytes.capabilities.contains(.memoryAccess)
    case .ignoresOffset: source.bytes is SubRange
    default: false
    }
  }

  func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    if fault == .claimsType, image.dataType.componentType == .complex128 { throw IOLinkError(.unsupported, "no complex numbers") }
    if fault == .refusesCalibration, image.properties.axes.contains(where: { ($0.spacing ?? $0.origin) != nil || $0.unit != nil }) {
      throw IOLinkError(.unsupported, "no calibration")
    }
    let sink = try base.create(forgetting(image), on: stream, options: options, context: context)
    switch fault {
    case .hidesValues: return ImageSink(sink.chunks, lost: sink.lost.filter { $0.path != "/artist" })
    case .dropsAxes: return ImageSink(sink.chunks, lost: sink.lost.filter { !$0.value.hasPrefix("length ") })
    case .listsWhatIsKept where image.metadata["/title"] != nil:
      return ImageSink(sink.chunks, lost: sink.lost + [LostItem(path: "/title", value: "", reason: "not so")])
    case .listsNothingReal: return ImageSink(sink.chunks, lost: sink.lost + [LostItem(path: "/nothing", value: "", reason: "not so")])
    case .losesSpacing: return ImageSink(sink.chunks, lost: [])
    case .hidesNames: return ImageSink(sink.chunks, lost: sink.lost.filter { !$0.path.hasPrefix("/channels") })
    case .losesOrigin: return ImageSink(sink.chunks, lost: sink.lost.filter { !$0.path.hasSuffix("/origin") })
    default: return sink
    }
  }

  /// The image without what the codec forgets.
  private func forgetting(_ image: ImageDescription) -> ImageDescription {
    var (properties, metadata) = (image.properties, image.metadata)
    if fault == .forgetsTitle { metadata["/title"] = nil }
    if fault == .forgetsBits { properties.significantBits = nil }
    return ImageDescription(dataType: image.dataType, properties: properties, metadata: metadata)
  }
}

/// A view that is wrong everywhere, only for parts of the image, or only while another reader is active.
private final class FaultyView: ImageView {
  let base: any ImageView
  let fault: Mutant.Fault
  private let meeting = Meeting()

  init(base: any ImageView, fault: Mutant.Fault) {
    self.base = base
    self.fault = fault
  }

  var shape: Shape { base.shape }
  var dataType: DataType { base.dataType }
  var properties: ImageProperties { base.properties }
  var metadata: MetadataNode { base.metadata }
  var capabilities: Capabilities { .read }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try base.fetch(region, into: &destination, layout: layout, context: fault == .ignoresCancellation ? .default : context)
    guard !region.isEmpty, isWrong(region) else { return }
    if fault == .failsTogether { throw IOLinkError(.io, "two readers at once") }
    let byte = layout.byteOffset
    unsafe destination.withUnsafeMutableBytes { unsafe $0[byte] ^= 0x55 }  // the first element of the region
  }

  private func isWrong(_ region: Region) -> Bool {
    switch fault {
    case .wrongRegion, .wrongPart: region.size != shape
    case .ignoresCancellation: false
    case .needsTask: unsafe withUnsafeCurrentTask { unsafe $0 == nil }
    case .sharesCursor, .failsTogether: meeting.isMet()
    default: true
    }
  }
}

/// A view whose metadata stay behind when it is transformed.
private struct StaleView: ImageView {
  let base: any ImageView

  var shape: Shape { base.shape }
  var dataType: DataType { base.dataType }
  var properties: ImageProperties { base.properties }
  var metadata: MetadataNode { base.metadata }
  var capabilities: Capabilities { .read }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try base.fetch(region, into: &destination, layout: layout, context: context)
  }

  func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    StaleView(base: try base.transformed(by: transform).with(metadata: metadata))
  }

  func with(metadata: MetadataNode) -> any ImageView { StaleView(base: base.with(metadata: metadata)) }
}

/// A way to place images in the world that has no example.
private struct NoGeometry: MetadataGeometry {
  var examples: [MetadataNode] { [] }
  func moved(_ tree: MetadataNode, by movement: AxisMovement) -> MetadataNode? { tree }
  func location(of element: [AxisRole: Int], in tree: MetadataNode) -> [Double]? { nil }
}

/// Makes the second and the third reader wait for each other. The first one, which reads the whole image, does not wait.
private final class Meeting: @unchecked Sendable {  // the condition guards `arrivals`
  private let condition = NSCondition()
  private var arrivals = 0

  /// Returns whether the caller is one of the readers that met.
  func isMet() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    arrivals += 1
    let number = arrivals
    condition.broadcast()
    let end = Date(timeIntervalSinceNow: 60)
    while number == 2, arrivals < 3, condition.wait(until: end) {}
    return arrivals >= 3 && number <= 3
  }
}
