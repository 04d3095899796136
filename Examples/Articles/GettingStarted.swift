package import IOLink

/// The code of the article *Getting started*.
package enum GettingStarted {
  package static func open(_ path: String) throws -> (axes: [String], type: DataType) {
    // Quoted: open
    let registry = CodecRegistry.standard
    let images = try registry.open(path)  // reads structure, no pixels
    let image = try images.image()  // the file's main image
    let axes = image.properties.axes.map { "\($0.role) × \($0.length)" }
    let type = image.dataType
    // Quoted: end
    return (axes, type)
  }

  package static func read(_ image: any ImageView) throws -> (pixels: [UInt16], floats: [Float]) {
    // Quoted: read
    let pixels: [UInt16] = try image.read()
    let floats: [Float] = try image.converted(to: .float32).read()
    // Quoted: end
    return (pixels, floats)
  }

  package static func write(_ image: any ImageView, to target: String) throws -> TransferReport {
    let registry = CodecRegistry.standard
    // Quoted: write
    let report = try registry.write(image, to: target)
    for item in report.lost { print("lost:", item.path, item.reason) }
    // Quoted: end
    return report
  }

  package static func copy(_ path: String, to target: String) async throws -> MemoryImageView {
    let registry = CodecRegistry.standard
    // Quoted: async
    let image = try await registry.read(path)
    _ = try await registry.write(image, to: target)
    // Quoted: end
    return image
  }
}
