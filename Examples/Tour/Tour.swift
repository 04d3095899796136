import IOLink
import IOLinkFormats
import IOLinkSystem

/// The first lines that a reader of the README sees.
@main
struct Tour {
  static func main() throws {
    let path = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "volume.npy"

    // README: tour
    let registry = CodecRegistry.standard
    let volume = try registry.open(file: path).image()            // reads structure, no pixels
    for axis in volume.properties.axes {                          // canonical order: COLUMN, ROW, SLICE, …
      print(axis.role, axis.length, axis.spacing ?? 1, axis.unit ?? "")
    }

    let part = try volume                                         // lazy: one index transform, one read
      .cropped(to: Region(origin: [0, 0, 0], size: [4, 3, 2]))
      .flipped(.row)
      .converted(to: .float32)
    let bytes = try part.bytes(of: Region(of: part.shape))        // decoded on all cores
    print(bytes.count, "bytes of", part.dataType)

    let copy = try part.copyInMemory()                            // MEMORY_ACCESS
    let report = try registry.write(copy, toFile: path + ".copy.npy")
    for item in report.lost { print("lost:", item.path, item.value, item.reason) }
    // README: end
  }
}
