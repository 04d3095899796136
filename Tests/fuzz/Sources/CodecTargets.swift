import HDF5Plugin
import IOLinkCore
import NPYPlugin
import PNGPlugin
import RawPlugin
import TIFFPlugin

extension FuzzTarget {
  /// One target for each codec: the input is a file. Raw files have no header, so the first line of the input is their options.
  static let codecs: [FuzzTarget] = [
    codec("npy", [NPYCodec(), NPZCodec()]), codec("tiff", [TIFFCodec()]), codec("hdf5", [HDF5Codec()]), codec("png", [PNGCodec()]),
    FuzzTarget(name: "raw") { input in
      let bytes = input.rest()
      let end = bytes.firstIndex(of: 10) ?? bytes.count
      let options = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ").map { $0.split(separator: "=", maxSplits: 1) }
      // Wrong options are wrong arguments.
      attempt(allowing: [.invalidArgument]) { () throws(IOLinkError) in
        let pairs = options.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }
        let images = try registry([RawCodec()]).open(
          source(Array(bytes[min(end + 1, bytes.count)...])), format: "raw", options: Dictionary(pairs) { $1 })
        explore(images)
      }
    },
  ]

  private static func codec(_ name: String, _ codecs: [any Codec]) -> FuzzTarget {
    FuzzTarget(name: name) { input in openAndRead(input.rest(), codecs) }
  }

  /// Opens a file from memory and reads what it claims to have.
  static func openAndRead(_ bytes: [UInt8], _ codecs: [any Codec]) {
    attempt { () throws(IOLinkError) in
      explore(try registry(codecs).open(source(bytes)))
    }
  }

  private static func registry(_ codecs: [any Codec]) -> CodecRegistry {
    // One thread: a finding can be repeated, and a try does not wait for others.
    var registry = CodecRegistry(codecs, runtime: Runtime(executor: SerialExecutor(), cacheByteCount: 1 << 16, workingMemory: 1 << 20))
    registry.limits = limits
    registry.permissions = .siblings
    return registry
  }

  private static func source(_ bytes: [UInt8]) -> DataSource {
    let bytes = MemoryRandomAccess(bytes)
    return DataSource(bytes, name: "a", siblings: Itself(bytes: bytes))
  }

  /// A folder in which every name is that of the file itself, so that files that refer to others can refer to themselves.
  private struct Itself: SiblingProvider {
    let bytes: MemoryRandomAccess
    func sibling(named name: String) throws(IOLinkError) -> DataSource {
      if name.utf8.count > 3 { throw IOLinkError(.notFound, "the name is too long") }
      return DataSource(bytes, name: name, siblings: self)
    }
  }
}
