import IOLink

/// Reads the main image of a file into memory several times and prints the shortest time in milliseconds: what Python is
/// held against in `benchmarks/measure.py`.
let arguments = CommandLine.arguments
guard arguments.count == 2 else {
  print("usage: ReadTimer FILE")
  throw IOLinkError(.invalidArgument, "one file is expected")
}
let image = try CodecRegistry.standard.open(arguments[1]).image()
let memory = try MemoryImageView.allocate(image.shape, image.dataType, order: image.properties.sourceOrder)
var best = Duration.seconds(1_000)
for _ in 0..<7 {
  let time = try ContinuousClock().measure {
    guard let target = memory.memory else { return }
    try target.block.withMutableBytes { span in
      try image.read(Region(of: image.shape), into: &span, layout: target.layout, context: .default)
    }
  }
  best = min(best, time)
}
print(Double(best.components.seconds) * 1e3 + Double(best.components.attoseconds) / 1e15)
