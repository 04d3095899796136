import ArgumentParser
import IOLink

struct Preview: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes one plane of an image as a small 8-bit picture.",
    discussion: """
      The plane lies in the middle of every axis except COLUMN and ROW, unless --at says otherwise. Of an image with \
      several levels, the coarsest that fills the picture is read, unless --level says otherwise. Values that are not \
      uint8 or Boolean are scaled from the range of the plane to 0 … 255.

      Example: iolink preview stack.tif plane.tif --at z=12
      """)

  @Argument(help: "The file to read, or - for standard input.")
  var input: String

  @Argument(help: "The picture to write; its extension selects the format.")
  var output: String

  @OptionGroup var source: InputOptions

  @Option(help: "The plane to show, such as z=12,c=0.")
  var at: String?

  @Option(help: "The maximum length of the longer side, in pixels.")
  var size: Int = 1024

  func run() throws {
    guard size > 0 else { throw IOLinkError(.invalidArgument, "the size is \(size), expected 1 or more") }
    let levels = try source.levels(of: source.open(input)).map { try plane(of: $0) }
    // A level that is as long as the picture, or longer, shows as much as the finest one.
    guard var image = levels.last(where: { $0.shape.max() ?? 1 >= size }) ?? levels.first else { return }
    let longest = image.shape.max() ?? 1
    if longest > size {
      let step = Checked.ceilingDivide(longest, size)
      image = try image.subsampled(by: AxisVector(repeating: step, count: image.rank))
    }
    image = try displayed(image.copyInMemory())
    let registry = CodecRegistry.standard
    let format = try OutputFormat.codec(for: output, in: registry).descriptor.name
    let target = try CannotCreate.orReplace(output)
    _ = try registry.write(image, to: target.stream, format: format)
    try target.commit()
  }

  /// The plane of COLUMN and ROW at one index of every other axis.
  private func plane(of image: any ImageView) throws -> any ImageView {
    var chosen: [AxisRole: Int] = [:]
    for (name, text) in try KeyValue.parse((at ?? "").split(separator: ",").map(String.init)) {
      guard let index = Int(text) else { throw IOLinkError(.invalidArgument, "index \"\(text)\" along \(name) is not a number") }
      let role = AxisRole(name)
      guard let axis = image.properties.index(of: role) else {
        let roles = image.properties.axes.map(\.role.description).joined(separator: ", ")
        throw IOLinkError(.invalidArgument, "--at names the axis \(name), expected one of \(roles)")
      }
      guard (0..<image.shape[axis]).contains(index) else {
        throw IOLinkError(.invalidArgument, "--at \(name)=\(index) is outside the axis, whose length is \(image.shape[axis])")
      }
      chosen[role] = index
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

  /// The plane as elements of 1 to 4 8-bit components. Of an element with more components, only the first is kept.
  private func displayed(_ image: any ImageView) throws -> any ImageView {
    var view = image
    if view.dataType.componentCount > 4 { view = try view.component(0) }
    if view.dataType.componentType == .uint8 || view.dataType.componentType == .boolean { return view }
    guard !view.dataType.componentType.isComplex else {
      throw IOLinkError(.unsupported, "complex images cannot be shown; convert the image to real components first")
    }
    guard let memory = view.memory else { return view }
    let range = try memory.block.withBytes { bytes throws(IOLinkError) in
      try PixelStatistics.range(of: bytes, memory.shape, memory.dataType, memory.layout, context: .shared)
    }
    let finite = range.flatMap { $0.lowerBound.isFinite && $0.upperBound.isFinite && $0.lowerBound < $0.upperBound ? $0 : nil }
    return try view.converted(to: .uint8, .rescaled(from: finite ?? 0...1, to: 0...255))
  }
}
