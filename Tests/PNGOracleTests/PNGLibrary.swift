import CPNG

/// The PNG library, with which results are compared.
enum PNGLibrary {
  /// The pixels of a file: rows of samples in native byte order.
  struct Image: Equatable {
    let width: Int
    let height: Int
    let depth: Int
    let color: Int
    let bytes: [UInt8]
  }

  /// Decodes a file; `nil` when the library reports an error.
  static func decode(_ file: [UInt8]) -> Image? {
    var copy = file
    return unsafe copy.withUnsafeMutableBufferPointer { buffer in
      // The buffer outlives the call, and the library allocates the pixels, which are freed here.
      var source = unsafe PNGOracleFile(bytes: buffer.baseAddress, count: buffer.count, position: 0)
      var image = unsafe PNGOracleImage()
      guard unsafe pngOracleDecode(&source, &image) == 1 else { return nil }
      defer { unsafe free(image.bytes) }
      let count = unsafe Int(image.height) * image.rowByteCount
      return unsafe Image(
        width: Int(image.width), height: Int(image.height), depth: Int(image.depth), color: Int(image.color),
        bytes: Array(UnsafeBufferPointer(start: image.bytes, count: count)))
    }
  }

  /// Encodes rows of packed, big-endian samples; `nil` when the library reports an error.
  static func encode(_ rows: [UInt8], _ kind: PNGOracleKind) -> [UInt8]? {
    var input = rows
    var file = [UInt8](repeating: 0, count: rows.count * 2 + 10_000)
    let written = unsafe file.withUnsafeMutableBufferPointer { output in
      unsafe input.withUnsafeMutableBufferPointer { input -> Int? in
        // Both buffers outlive the call, and the rows are kind.height × kind.rowByteCount bytes.
        var target = unsafe PNGOracleFile(bytes: output.baseAddress, count: output.count, position: 0)
        return unsafe pngOracleEncode(&target, kind, input.baseAddress) == 1 ? target.position : nil
      }
    }
    return written.map { Array(file.prefix($0)) }
  }
}
