import CHDF5

@testable import HDF5Plugin

/// What the HDF5 library says about a file. It must be used by one thread at a time.
final class HDF5Library {
  private(set) var facts = HDF5FileFacts()
  /// The paths of what was opened, with the handles of groups and datasets.
  private(set) var objects: [(path: String, isGroup: Bool, object: HDF5LibraryHandle)] = []
  /// The paths of the objects that it does not open.
  private(set) var refused: [String] = []
  /// The paths of the links other than hard ones that it does not follow to an object.
  private(set) var dangling: [String] = []
  private var seen: Set<haddr_t> = []
  let file: HDF5LibraryHandle

  /// Opens a file and walks over its objects.
  init(_ path: String) throws {
    hdf5SilenceErrors()
    file = try HDF5LibraryHandle(unsafe hdf5Open(path), H5Fclose, "H5Fopen")
    try enter(try open("/", in: file.id), path: "")
  }

  private func open(_ name: String, in group: hid_t) throws(HDF5LibraryError) -> HDF5LibraryHandle {
    try HDF5LibraryHandle(unsafe hdf5OpenObject(group, name), H5Oclose, "H5Oopen \(name)")
  }

  private func enter(_ group: HDF5LibraryHandle, path: String) throws {
    seen.insert(hdf5Address(group.id))
    facts.groupCount += 1
    objects.append((path.isEmpty ? "/" : path, true, group))
    for name in try Self.linkNames(group.id) {
      let target = path + "/" + name
      guard unsafe hdf5IsHardLink(group.id, name) != 0 else {
        if (try? open(name, in: group.id)) == nil { dangling.append(target) }
        continue
      }
      guard let object = try? open(name, in: group.id) else {
        refused.append(target)
        continue
      }
      guard !seen.contains(hdf5Address(object.id)) else { continue }
      switch H5Iget_type(object.id) {
      case H5I_GROUP: try enter(object, path: target)
      case H5I_DATASET:
        seen.insert(hdf5Address(object.id))
        facts.datasets.append(target)
        objects.append((target, false, object))
      default: break
      }
    }
  }

  /// The names of a group's links in the order of their creation if the group tracks it, and otherwise in the order of the alphabet.
  private static func linkNames(_ group: hid_t) throws -> [String] {
    let properties = try HDF5LibraryHandle(H5Gget_create_plist(group), H5Pclose, "H5Gget_create_plist")
    var order: UInt32 = 0
    _ = try checked(unsafe H5Pget_link_creation_order(properties.id, &order), "H5Pget_link_creation_order")
    var info = H5G_info_t()
    _ = try checked(unsafe H5Gget_info(group, &info), "H5Gget_info")
    let isTracked: Int32 = order & UInt32(H5P_CRT_ORDER_TRACKED) != 0 ? 1 : 0
    return try (0..<info.nlinks).map { number throws(HDF5LibraryError) in
      try unsafe text("H5Lget_name_by_idx") { unsafe hdf5LinkName(group, isTracked, number, $0, $1) }
    }
  }

  /// Returns a text that a function of the library stores in a buffer.
  ///
  /// - Parameter read: Stores the text in the buffer, if there is one, and returns the length of the text.
  static func text(
    _ call: String, _ read: (UnsafeMutablePointer<CChar>?, Int) -> Int
  ) throws(HDF5LibraryError) -> String {
    let length = try checked(read(nil, 0), call)
    var bytes = [CChar](repeating: 0, count: length + 1)
    _ = try checked(unsafe read(&bytes, length + 1), call)
    return String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
