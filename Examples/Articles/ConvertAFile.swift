package import IOLink

/// The code of the article *Convert a file*.
package enum ConvertAFile {
  package static func whole(_ source: String, to target: String) throws -> TransferReport {
    // Quoted: whole
    let registry = CodecRegistry.standard
    let report = try registry.convert(source, to: target)
    // Quoted: end
    return report
  }

  package static func part(_ source: String, to target: String) throws -> TransferReport {
    let registry = CodecRegistry.standard
    // Quoted: part
    var conversion = Conversion()
    conversion.crop = [.slice: 0..<2, .channel: 1..<2]  // half-open; other axes stay whole
    conversion.step = [.column: 2]  // every second column
    conversion.type = .uint8
    conversion.values = .rescale  // 0...65535 onto 0...255
    let report = try registry.convert(source, to: target, conversion, options: ["level": "6"])
    // Quoted: end
    return report
  }

  /// Converts all images of the file `experiment.h5` in the present folder to `arrays.npz`, and writes two images to `cells.h5`.
  package static func several(nuclei: any ImageView, mask: any ImageView) throws -> [CollectionReport] {
    let registry = CodecRegistry.standard
    // Quoted: several
    let all = try registry.convert("experiment.h5", images: nil, to: "arrays.npz")
    let both = try registry.write(
      [NamedImage(name: "/nuclei", image: nuclei), NamedImage(name: "/mask", image: mask)], to: "cells.h5")
    // Quoted: end
    return [all, both]
  }

  package static func pyramid(_ source: String, to target: String) throws -> any ImageView {
    let registry = CodecRegistry.standard
    // Quoted: pyramid
    let report = try registry.convert(source, to: target, options: ["levels": "4", "compression": "deflate"])
    let images = try registry.open(target)
    let overview = try images.level(3, at: 0)  // an eighth of the columns and rows
    // Quoted: end
    precondition(report.pixelByteCount > 0)
    return overview
  }

  package static func losses(_ report: TransferReport) -> [String] {
    // Quoted: losses
    let losses = report.lost.map { "\($0.path) = \($0.value): \($0.reason)" }
    // Quoted: end
    return losses
  }

  package static func salvaged(_ source: String, to target: String) throws -> [LostItem] {
    let registry = CodecRegistry.standard
    // Quoted: salvage
    let report = try registry.convert(source, to: target, context: OperationContext(salvage: Salvage()))
    let filled = report.lost.filter { $0.path == "/pixels" }
    // Quoted: end
    return filled
  }

  package static func observed(
    _ source: String, to target: String, show: (Double) -> Void
  ) async throws -> TransferReport {
    let registry = CodecRegistry.standard
    // Quoted: progress
    let conversion = registry.startConverting(source, to: target)
    for await step in conversion.progress { show(step.fraction) }
    let report = try await conversion.report
    // Quoted: end
    return report
  }

  package static func frames(_ frames: [[UInt16]], to target: String) throws -> TransferReport {
    let registry = CodecRegistry.standard
    // Quoted: frames
    let properties = try ImageProperties(fileAxes: [
      Axis(.sequence, length: 0, spacing: 0.1, unit: "s"), Axis(.row, length: 5), Axis(.column, length: 7),
    ])
    let writer = try registry.create(ImageDescription(dataType: .uint16, properties: properties), at: target)
    let layout = try StridedLayout(dense: [7, 5, 1], .uint16)
    for frame in frames {
      try writer.append(unsafe frame.span.bytes, layout: layout)  // every byte of a UInt16 is initialized
    }
    let report = try writer.finish()
    // Quoted: end
    return report
  }
}
