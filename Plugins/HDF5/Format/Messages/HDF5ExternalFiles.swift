import IOLinkCore

/// The files in which a dataset's elements are, one part after the other.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.h.
struct HDF5ExternalFiles: Hashable, Sendable {
  let parts: [HDF5Storage.ExternalPart]

  init(_ block: HDF5Block, in file: HDF5FileContext) throws(IOLinkError) {
    var block = block
    _ = try block.version(1...1)
    try block.skip(3)
    let allocated = try block.integer(2)
    let used = try block.integer(2)
    guard used <= allocated else { throw block.error("\(used) of \(allocated) slots are used") }
    let names = try HDF5LocalHeap(at: try block.definedAddress("the names of external files"), in: file.bytes)
    var parts: [HDF5Storage.ExternalPart] = []
    for _ in 0..<used {
      let name = try names.text(at: try block.length())
      let offset = try block.length()
      parts.append(HDF5Storage.ExternalPart(file: name, offset: offset, byteCount: try block.optionalLength()))
    }
    self.parts = parts
  }
}
