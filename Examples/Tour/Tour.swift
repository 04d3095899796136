import IOLink
import PGMExample

/// Runs the three uses that the README shows on real files. Usage: `Tour STACK OUTPUT-FOLDER`.
@main
struct Tour {
  static func main() throws {
    let stack = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "stack.ome.tif"
    let folder = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "."
    try convert(stack, folder)
    try readViews(folder + "/volume.h5")
    try registerCodecs(stack, folder)
  }

  private static func convert(_ stack: String, _ folder: String) throws {
    let target = folder + "/volume.h5"
    // Quoted: convert
    let registry = CodecRegistry.standard  // all codecs, all cores, one cache
    let report = try registry.convert(
      stack, to: target, Conversion(crop: [.slice: 1..<3], type: .uint8, values: .rescale), options: ["level": "6"])
    for item in report.lost { print("lost:", item.path, item.value, item.reason) }
    // Quoted: end
  }

  private static func readViews(_ path: String) throws {
    let registry = CodecRegistry.standard
    // Quoted: views
    let volume = try registry.open(path).image()  // reads structure, no pixels
    let box = try Region(origin: [0, 0, 0], size: [4, 3, 2])  // COLUMN, ROW, SLICE
    let block: [UInt8] = try volume.cropped(to: box).flipped(.row).read()  // lazy until here
    let copy = try volume.copyInMemory()
    let corner = try copy.withPixels(as: UInt8.self) { pixels in pixels[3, 2, 1] }  // in place
    // Quoted: end
    print(block.count, "elements read, the corner is", corner)
  }

  private static func registerCodecs(_ stack: String, _ folder: String) throws {
    let registry = CodecRegistry.standard
    let plane = Conversion(crop: [.slice: 0..<1], type: .uint8, values: .rescale)
    // Quoted: codecs
    var mine = registry
    mine.register(PGMCodec())
    _ = try mine.convert(stack, to: folder + "/plane.pgm", plane)
    // Quoted: end
  }
}
