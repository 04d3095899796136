import IOLinkCore

/// What a driver of the library left in the file that divides its address space among several files.
///
/// Source: HDF5 File Format Specification 4.0, II.B and IV.A.2.u.
enum HDF5DriverInfo {
  /// - Throws: `unsupported` when the file is one of several parts, in which addresses of this file's structures may lie.
  static func check(_ superblock: HDF5Superblock, _ messages: [HDF5Message], in bytes: HDF5Bytes) throws(IOLinkError) {
    var name: [UInt8]?
    if let address = superblock.driverInfoAddress {
      var block = try bytes.block(at: address, count: 16, "driver information block")
      _ = try block.version(0...0)
      try block.skip(3 + 4)  // reserved, the size of what the driver stored
      name = try block.take(8)
    } else if var body = messages.first(where: { $0.type == HDF5MessageType.driverInfo.rawValue })?.body {
      _ = try body.version(0...0)
      name = try body.take(8)
    }
    guard let name else { return }
    for (part, driver) in [("NCSAmult", "multi"), ("NCSAfami", "family")] where name == Array(part.utf8) {
      throw .hdf5(.unsupported, "the file is one part of several, which the driver \(driver) of the library wrote", at: superblock.offset)
    }
  }
}
