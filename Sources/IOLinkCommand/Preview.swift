import ArgumentParser
import IOLink

struct Preview: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes one plane of an image as a small 8-bit picture.",
    discussion: """
      The plane is the middle one of every axis but COLUMN and ROW, unless --at says otherwise; numbers other than 8-bit
      ones are scaled from the plane's range to 0 … 255.

      Example: iolink preview stack.tif PICTURE --at z=12
      """)

  @Argument(help: "The file to read.")
  var input: String

  @Argument(help: "The picture to write; its extension names the format.")
  var output: String

  @OptionGroup var source: InputOptions

  @Option(help: "Which plane: z=12,c=0.")
  var at: String?

  @Option(help: "Longest side in pixels.")
  var size: Int = 1024

  func run() throws {
    guard size > 0 else { throw IOLinkError(.invalidArgument, "size is \(size)") }
    let chosen = try source.image(of: source.open(input)).image
    var image = try plane(of: chosen)
    let longest = image.shape.max() ?? 1
    if longest > size {
      let step = Checked.ceilingDivide(longest, size)
      image = try image.subsampled(by: AxisVector(repeating: step, count: image.rank))
    }
    image = try displayed(image.copyInMemory())
    let target = try CannotCreate.orReplace(output)
    let registry = CodecRegistry.standard
    _ = try registry.write(image, to: target.stream, format: registry.codec(forWriting: output).descriptor.name)
    try target.commit()
  }

  /// ROW and COLUMN of the image, at one index of every other axis.
  private func plane(of image: any ImageView) throws -> any ImageView {
    var chosen: [AxisRole: Int] = [:]
    for (name, text) in try KeyValue.parse((at ?? "").split(separator: ",").map(String.init)) {
      guard let index = Int(text) else { throw IOLinkError(.invalidArgument, "index \"\(text)\" is not a number") }
      _ = try image.selecting(AxisRole(name), index)
      chosen[AxisRole(name)] = index
    }
    var view = image
    var kept = 0
    for axis in image.properties.axes.indices.reversed() {
      let role = image.properties.axes[axis].role
      let isPlane = role == .column || role == .row || (image.properties.hasUnknownAxes && axis < 2)
      if isPlane { kept += 1 } else { view = try view.selecting(axis: axis, chosen[role] ?? image.shape[axis] / 2) }
    }
    if view.properties.index(of: .column) == nil { view = try view.inserting(.column) }
    if view.properties.index(of: .row) == nil { view = try view.inserting(.row) }
    return view
  }

  /// The plane as 8-bit numbers of 1 to 4 components.
  private func displayed(_ image: any ImageView) throws -> any ImageView {
    var view = image
    if view.dataType.componentCount > 4 { view = try view.component(0) }
    if view.dataType.componentType == .uint8 || view.dataType.componentType == .boolean { return view }
    guard let memory = view.memory else { return view }
    let range = try memory.block.withBytes { bytes throws(IOLinkError) in
      try PixelStatistics.range(of: bytes, memory.shape, memory.dataType, memory.layout)
    }
    let finite = range.flatMap { $0.lowerBound.isFinite && $0.upperBound.isFinite && $0.lowerBound < $0.upperBound ? $0 : nil }
    return try view.converted(to: .uint8, .rescaled(from: finite ?? 0...1, to: 0...255))
  }
}
