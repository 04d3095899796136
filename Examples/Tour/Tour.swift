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
    // Reads structure, no pixels.
    let volume = try registry.open(file: path).image()
    // Canonical order: COLUMN, ROW, SLICE, …
    for axis in volume.properties.axes {
      print(axis.role, axis.length, axis.spacing ?? 1, axis.unit ?? "")
    }

    // Lazy: one index transform, one read, decoded on all cores.
    let box = try Region(origin: [0, 0, 0], size: [4, 3, 2])
    let part = try volume.cropped(to: box).flipped(.row).converted(to: .float32)
    let bytes = try part.bytes(of: Region(of: part.shape))
    print(bytes.count, "bytes of", part.dataType)

    // MEMORY_ACCESS, and a file that is replaced as a whole.
    let copy = try part.copyInMemory()
    let report = try registry.write(copy, toFile: path + ".copy.npy")
    for item in report.lost { print("lost:", item.path, item.value, item.reason) }
    // README: end
  }
}
