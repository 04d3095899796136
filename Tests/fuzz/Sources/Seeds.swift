import Foundation
import IOLinkCore

/// Makes seeds, one folder for each target, of the files in some folders.
struct Seeds {
  let folder: URL
  /// Larger files are not used: most of what they hold, smaller ones hold too.
  static let largestFile = 16384

  init(into folder: String) { self.folder = URL(filePath: folder) }

  func make(of folders: [String]) {
    for target in FuzzTarget.all {
      try? FileManager.default.createDirectory(at: folder.appending(path: target.name), withIntermediateDirectories: true)
    }
    for path in folders {
      let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
      for name in names.sorted() {
        let file = URL(filePath: path).appending(path: name)
        guard let data = try? Data(contentsOf: file), data.count <= Self.largestFile, !data.isEmpty else { continue }
        add([UInt8](data), file.pathExtension.lowercased(), name.replacing("/", with: "_"))
      }
    }
    let options = ["shape=4,5 type=uint16", "shape=2,3,4 type=f4x3 axes=ZYX byte-order=big offset=3", "shape= type=bool"]
    for (index, options) in options.enumerated() {
      write(Array((options + "\n").utf8) + [UInt8](0..<200), "raw", "\(index)")
    }
  }

  private func add(_ bytes: [UInt8], _ suffix: String, _ name: String) {
    switch suffix {
    case "npy", "npz": write(bytes, "npy", name)
    case "tif", "tiff", "btf", "tf8", "stk", "lsm", "ome":
      write(bytes, "tiff", name)
      for (index, chunk) in Self.chunks(ofTIFF: bytes).prefix(4).enumerated() { write(chunk.input, "tiff-chunks", "\(name)-\(index)") }
    case "png", "apng": write(bytes, "png", name)
    case "h5", "hdf5", "hdf", "nxs", "nc", "mat":
      write(bytes, "hdf5", name)
      for (target, input) in Self.structures(ofHDF5: bytes) { write(input, target, "\(name)-\(Self.hash(input))") }
    default: break
    }
  }

  private func write(_ bytes: [UInt8], _ target: String, _ name: String) {
    try? Data(bytes).write(to: folder.appending(path: target).appending(path: name))
  }

  /// A name for content, so that equal seeds are one file.
  private static func hash(_ bytes: [UInt8]) -> String {
    String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
  }
}
