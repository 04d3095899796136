package import IOLink
import PGMExample

/// The code of the article *Add a codec*; the codec itself is `Examples/PGM`.
package enum AddACodec {
  package static func convert(_ source: String, to target: String) throws -> TransferReport {
    let plane = Conversion(crop: [.slice: 0..<1], type: .uint8, values: .rescale)
    // Quoted: register
    var registry = CodecRegistry.standard
    registry.register(PGMCodec())
    let report = try registry.convert(source, to: target, plane)
    // Quoted: end
    return report
  }

  package static func few(_ source: String, to target: String) throws -> TransferReport {
    // Quoted: few
    let registry = CodecRegistry([PGMCodec()], runtime: .shared)
    let report = try registry.convert(source, to: target)
    // Quoted: end
    return report
  }
}
