import HDF5Plugin
import IOLinkCore
import IOLinkTesting
import Testing

/// The laws of writing, for the files of BigDataViewer and Imaris alone: in those of the format, most images have what these cannot hold.
struct HDF5PyramidLawTests {
  /// The codec as if one convention were all that it writes.
  private struct Narrow: Codec {
    let convention: String
    let types: Set<ComponentType>
    private let base = HDF5Codec()

    init(convention: String, types: Set<ComponentType>) { (self.convention, self.types) = (convention, types) }

    var descriptor: CodecDescriptor {
      let all = base.descriptor
      return CodecDescriptor(
        name: all.name, summary: all.summary, extensions: all.extensions,
        writeOptions: [
          OptionDeclaration("convention", .choice([convention]), default: convention, help: "what is tested"),
          OptionDeclaration("compression", .choice(["none", "deflate", "zstd"]), help: "how chunks are compressed"),
          OptionDeclaration("format", .choice(["oldest", "latest"]), help: "structures of the file"), .levels, .downsample,
        ], reads: all.reads,
        writing: CodecDescriptor.Writing(
          componentTypes: types, componentCounts: 1...1, maximumRank: 5, features: [.readsBack, .levels, .volumeLevels], lines: ["volumes"]),
        bindings: all.bindings)
    }

    func detect(_ probe: Probe) -> Detection { base.detect(probe) }

    func open(_ source: DataSource, options: CodecOptions, context: OpenContext) throws(IOLinkError) -> any MultiImageView {
      try base.open(source, options: CodecOptions([:], declared: base.descriptor.readOptions), context: context)
    }

    func create(
      _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
    ) throws(IOLinkError) -> ImageSink {
      let given = options.given.merging(["convention": convention]) { own, _ in own }
      let all = try CodecOptions(given, declared: base.descriptor.writeOptions)
      return try base.create(image, on: stream, options: all, context: context)
    }
  }

  private static let laws: [CodecConformance.Law] = [.roundTrip, .calibration, .losses, .positions]

  @Test(arguments: ["bdv", "ims"], 1...1)
  func lawsOfWriting(_ convention: String, _ seed: UInt64) async {
    let ims: Set<ComponentType> = [.uint8, .uint16, .uint32, .float32]
    let types = convention == "ims" ? ims : ims.union([.int8, .int16, .int32, .int64, .uint64, .float64])
    let conformance = CodecConformance(Narrow(convention: convention, types: types), fixtures: [], seed: seed)
    for law in Self.laws {
      let violations = await conformance.violations(of: law)
      let shown = violations.prefix(6).map(\.description).joined(separator: "\n")
      #expect(violations.isEmpty, "\(violations.count) violations\n\(shown)")
    }
  }
}
