internal import CHDF5
internal import CHDF5Driver
import IOLinkCore

/// The structure of a file, read by libhdf5: the one file that a reader of our own will replace.
///
/// Pointers: arrays and locals lent to C for one call, of the sizes that the call before asked for; strings and
/// sequences that the library allocated are given back to it in the same function.
final class LibHDF5Reader: HDF5StructureReader {
  private let driver: DriverSource
  private let limits: ReadLimits
  private let allowsPlugins: Bool
  /// Under the library's lock; 0 when closed.
  private let file = Guarded<hid_t>(0)

  /// Opens the structure; reads the superblock and the root group.
  ///
  /// - Parameter siblings: Gives the files that virtual datasets and external links name; `nil` refuses them.
  /// - Throws: `malformed`, `truncated`, `unsupported`, with the library's reason.
  init(_ source: DataSource, _ superblock: HDF5Superblock, context: OpenContext) throws(IOLinkError) {
    driver = DriverSource(
      source, allowsSiblings: context.permissions.contains(.siblings), lengthSize: superblock.lengthSize)
    limits = context.limits
    allowsPlugins = context.permissions.contains(.filterPlugins)
    try locked { () throws(IOLinkError) in
      let access = try HDF5Handle(H5Pcreate(iolink_h5p_file_access()), "no access list")
      var calls = unsafe driver.calls()
      try LibHDF5.check(unsafe iolink_h5fd_set(access.id, &calls), "the driver cannot be set")
      try LibHDF5.check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG), "the close degree cannot be set")
      let id = unsafe H5Fopen(DriverSource.mainName, iolink_h5f_rdonly(), access.id)
      try LibHDF5.check(id, "the file cannot be opened")
      file.withLock { $0 = id }
    }
  }

  deinit { close() }

  func close() {
    try? LibHDF5.locked {
      let id = file.withLock { id -> hid_t in
        defer { id = 0 }
        return id
      }
      if id > 0 { H5Fclose(id) }
    }
  }

  /// Runs `body` under the lock; an error of the source wins over what the library makes of it.
  private func locked<Result: Sendable>(_ body: () throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    try LibHDF5.locked { () throws(IOLinkError) in
      driver.clearFailure()
      if allowsPlugins { H5PLset_loading_state(1) }
      defer { if allowsPlugins { H5PLset_loading_state(0) } }
      do throws(IOLinkError) {
        return try body()
      } catch {
        throw driver.failure?.located(format: "HDF5") ?? error
      }
    }
  }

  private func open() throws(IOLinkError) -> hid_t {
    let id = file.withLock { $0 }
    guard id > 0 else { throw .hdf5(.invalidArgument, "the file is closed") }
    return id
  }

  // MARK: Objects

  func objects() throws(IOLinkError) -> HDF5Listing {
    try locked { () throws(IOLinkError) in
      var walk = Walk(limits: limits)
      let root = try HDF5Handle(unsafe H5Gopen2(try open(), "/", 0), "the root group cannot be opened")
      try walk.enter(root.id, path: "", depth: 0)
      return walk.listing
    }
  }

  /// One walk over the groups of a file.
  private struct Walk {
    let limits: ReadLimits
    var listing = HDF5Listing()
    /// Groups seen, by address.
    var groups: Set<haddr_t> = []
    /// Datasets seen, by address.
    var datasets: Set<haddr_t> = []
    var linkCount = 0

    init(limits: ReadLimits) { self.limits = limits }

    mutating func enter(_ group: hid_t, path: String, depth: Int) throws(IOLinkError) {
      try limits.check(depth, atMost: \.nesting, "nested groups")
      var info = H5O_info_t()
      try LibHDF5.check(unsafe H5Oget_info2(group, &info, UInt32(H5O_INFO_BASIC)), "group \(path)/ cannot be read")
      guard groups.insert(info.addr).inserted else { return }
      listing.groupCount += 1
      for link in try links(of: group, path) {
        linkCount += 1
        try limits.check(linkCount, atMost: \.imageCount, "links")
        let target = path + "/" + link.name
        if link.kind == H5L_TYPE_EXTERNAL {
          if let external = LibHDF5Reader.externalLink(group, link.name, target) { listing.externalLinks.append(external) }
        } else if link.kind == H5L_TYPE_HARD {
          try follow(group, link.name, target, depth)
        }
      }
    }

    /// In creation order where the group tracks it, else by name.
    ///
    /// The library is asked in whatever order it has them: to sort, 1.10 builds a table that it cannot give back when a
    /// link is damaged.
    private func links(of group: hid_t, _ path: String) throws(IOLinkError) -> [Link] {
      final class Found { var links: [Link] = [] }
      let found = Found()
      // `found` is held here for the whole call; names and infos live during each callback.
      let status = withExtendedLifetime(found) {
        unsafe H5Literate(
          group, H5_INDEX_NAME, H5_ITER_NATIVE, nil,
          { _, name, info, context in
            guard let name = unsafe name, let info = unsafe info?.pointee, let context = unsafe context else { return -1 }
            let found = unsafe Unmanaged<Found>.fromOpaque(context).takeUnretainedValue()
            let place = info.corder_valid ? info.corder : nil
            unsafe found.links.append(Link(name: String(cString: name), kind: info.type, creation: place))
            return 0
          }, Unmanaged.passUnretained(found).toOpaque())
      }
      try LibHDF5.check(status, "the links of group \(path)/ cannot be listed")
      return found.links.sorted { left, right in
        if let first = left.creation, let second = right.creation, first != second { return first < second }
        return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
      }
    }

    struct Link {
      let name: String
      let kind: H5L_type_t
      let creation: Int64?
    }

    private mutating func follow(_ group: hid_t, _ name: String, _ path: String, _ depth: Int) throws(IOLinkError) {
      let error: IOLinkError
      do throws(IOLinkError) {
        let object = try HDF5Handle(unsafe H5Oopen(group, name, 0), "\(path) cannot be opened")
        switch H5Iget_type(object.id) {
        case H5I_GROUP:
          try enter(object.id, path: path, depth: depth + 1)
        case H5I_DATASET: try note(object.id, path)
        default: break
        }
        return
      } catch let failure { error = failure }
      if error.code == .limitExceeded { throw error }
      listing.unreadable.append((path, error))
    }

    private mutating func note(_ dataset: hid_t, _ path: String) throws(IOLinkError) {
      var info = H5O_info_t()
      try LibHDF5.check(unsafe H5Oget_info2(dataset, &info, UInt32(H5O_INFO_BASIC)), "\(path) cannot be read")
      guard datasets.insert(info.addr).inserted else { return }
      let datatype = try LibHDF5Reader.datatype(of: H5Dget_type(dataset), path)
      let space = try HDF5Handle(H5Dget_space(dataset), "the dataspace of \(path) cannot be read")
      listing.datasets.append(
        HDF5Listing.Entry(
          path: path, address: UInt64(info.addr), datatype: datatype,
          isNull: H5Sget_simple_extent_type(space.id) == H5S_NULL))
    }
  }

  func address(of path: String) throws(IOLinkError) -> UInt64 {
    try locked { () throws(IOLinkError) in
      let id = unsafe H5Oopen(try open(), path, 0)
      guard id >= 0 else { throw LibHDF5.failure("no object \(path)", .notFound) }
      let object = try HDF5Handle(id, "")
      var info = H5O_info_t()
      try LibHDF5.check(unsafe H5Oget_info2(object.id, &info, UInt32(H5O_INFO_BASIC)), "\(path) cannot be read")
      var root = H5O_info_t()
      try LibHDF5.check(unsafe H5Oget_info2(try open(), &root, UInt32(H5O_INFO_BASIC)), "the root group cannot be read")
      guard info.fileno == root.fileno else { throw .hdf5(.notFound, "\(path) leads to another file") }
      return UInt64(info.addr)
    }
  }

  private static func externalLink(_ group: hid_t, _ name: String, _ path: String) -> HDF5Listing.ExternalLink? {
    var info = H5L_info_t()
    guard unsafe H5Lget_info(group, name, &info, 0) >= 0 else { return nil }
    let size = unsafe info.u.val_size
    guard size > 0, size <= 1 << 16 else { return nil }
    var value = [UInt8](repeating: 0, count: size)
    guard unsafe H5Lget_val(group, name, &value, size, 0) >= 0 else { return nil }
    // One byte of version and flags, then two strings that end with a zero.
    let parts = value.dropFirst().split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2 else { return nil }
    return HDF5Listing.ExternalLink(
      path: path, file: String(decoding: parts[0], as: UTF8.self), object: String(decoding: parts[1], as: UTF8.self))
  }

  // MARK: Datatypes

  /// Takes over `id`.
  private static func datatype(of id: hid_t, _ what: String, depth: Int = 0) throws(IOLinkError) -> HDF5Datatype {
    let type = try HDF5Handle(id, "the datatype of \(what) cannot be read")
    guard depth <= 16 else { throw .hdf5(.limitExceeded, "the datatype of \(what) is nested too deeply") }
    let byteCount = H5Tget_size(type.id)
    switch H5Tget_class(type.id) {
    case H5T_INTEGER: return .integer(integer(type.id, byteCount))
    case H5T_BITFIELD: return .bitfield(integer(type.id, byteCount))
    case H5T_FLOAT: return .float(float(type.id, byteCount))
    case H5T_STRING: return .string(HDF5String(byteCount: byteCount, isVariable: H5Tis_variable_str(type.id) > 0))
    case H5T_REFERENCE: return .reference(HDF5Reference(kind: .object, byteCount: byteCount))
    case H5T_OPAQUE: return .opaque(byteCount: byteCount)
    case H5T_TIME: return .time(byteCount: byteCount)
    case H5T_VLEN: 
      return .sequence(of: try datatype(of: H5Tget_super(type.id), what, depth: depth + 1), byteCount: byteCount)
    case H5T_ARRAY:
      let rank = try LibHDF5.check(H5Tget_array_ndims(type.id), "the array type of \(what) cannot be read")
      var lengths = [hsize_t](repeating: 0, count: Int(rank))
      try LibHDF5.check(unsafe H5Tget_array_dims2(type.id, &lengths), "the array type of \(what) cannot be read")
      let base = try datatype(of: H5Tget_super(type.id), what, depth: depth + 1)
      var shape: [Int] = []
      for length in lengths { shape.append(try Checked.int(length)) }
      return .array(shape, of: base)
    case H5T_COMPOUND:
      var members: [HDF5Member] = []
      let count = try LibHDF5.check(H5Tget_nmembers(type.id), "the members of \(what) cannot be read")
      for index in 0..<UInt32(count) {
        members.append(
          HDF5Member(
            name: memberName(type.id, index), byteOffset: H5Tget_member_offset(type.id, index),
            type: try datatype(of: H5Tget_member_type(type.id, index), what, depth: depth + 1)))
      }
      return .compound(byteCount: byteCount, members: members)
    case H5T_ENUM: return try enumeration(type.id, what)
    default: throw .hdf5(.malformed, "\(what) has a datatype of unknown class")
    }
  }

  private static func memberName(_ type: hid_t, _ index: UInt32) -> String {
    guard let name = unsafe H5Tget_member_name(type, index) else { return "" }
    defer { unsafe H5free_memory(name) }
    return unsafe String(cString: name)
  }

  private static func enumeration(_ type: hid_t, _ what: String) throws(IOLinkError) -> HDF5Datatype {
    let base = try HDF5Handle(H5Tget_super(type), "the base of \(what) cannot be read")
    let count = try LibHDF5.check(H5Tget_nmembers(type), "the members of \(what) cannot be read")
    let size = H5Tget_size(base.id)
    let integer = integer(base.id, size)
    var names: [String] = []
    var values: [Int64] = []
    guard size <= 8 else { return .enumeration(integer, names: [], values: []) }
    for index in 0..<UInt32(count) {
      names.append(memberName(type, index))
      var bytes = [UInt8](repeating: 0, count: 8)
      try LibHDF5.check(unsafe H5Tget_member_value(type, index, &bytes), "a value of \(what) cannot be read")
      let significant = integer.order == .big ? Array(bytes.prefix(size)) : bytes.prefix(size).reversed()
      var value = significant.reduce(UInt64(0)) { $0 &<< 8 | UInt64($1) }
      if integer.isSigned, size < 8, value >> UInt64(size * 8 - 1) != 0 { value |= ~0 &<< UInt64(size * 8) }
      values.append(Int64(bitPattern: value))
    }
    return .enumeration(integer, names: names, values: values)
  }

  private static func order(_ type: hid_t) -> HDF5ByteOrder {
    switch H5Tget_order(type) {
    case H5T_ORDER_BE: .big
    case H5T_ORDER_VAX: .vax
    default: .little
    }
  }

  private static func integer(_ type: hid_t, _ byteCount: Int) -> HDF5Integer {
    HDF5Integer(
      byteCount: byteCount, order: order(type), isSigned: H5Tget_sign(type) == H5T_SGN_2, precision: H5Tget_precision(type),
      bitOffset: Int(H5Tget_offset(type)))
  }

  private static func float(_ type: hid_t, _ byteCount: Int) -> HDF5Float {
    var parts = [Int](repeating: 0, count: 5)
    unsafe parts.withUnsafeMutableBufferPointer { parts in
      // Five numbers, five pointers into the array.
      guard let base = parts.baseAddress else { return }
      _ = unsafe H5Tget_fields(type, base, base + 1, base + 2, base + 3, base + 4)
    }
    return HDF5Float(
      byteCount: byteCount, order: order(type), precision: H5Tget_precision(type), bitOffset: Int(H5Tget_offset(type)),
      signPosition: parts[0], exponentPosition: parts[1], exponentSize: parts[2],
      exponentBias: Int(truncatingIfNeeded: H5Tget_ebias(type)), mantissaPosition: parts[3], mantissaSize: parts[4],
      isNormalized: H5Tget_norm(type) == H5T_NORM_IMPLIED)
  }

  // MARK: Datasets

  func dataset(at path: String) throws(IOLinkError) -> HDF5Dataset {
    try locked { () throws(IOLinkError) in
      let dataset = try openDataset(path)
      let space = try HDF5Handle(H5Dget_space(dataset.id), "the dataspace of \(path) cannot be read")
      let shape = try Self.lengths(space.id, path)
      let list = try HDF5Handle(H5Dget_create_plist(dataset.id), "the properties of \(path) cannot be read")
      let type = try HDF5Handle(H5Dget_type(dataset.id), "the datatype of \(path) cannot be read")
      let datatype = try Self.datatype(of: H5Tcopy(type.id), path)
      return HDF5Dataset(
        path: path, shape: shape, datatype: datatype,
        layout: try Self.layout(dataset.id, list.id, rank: shape.count, path), filters: try Self.filters(list.id, path),
        fillValue: try Self.fillValue(list.id, type.id, datatype, path))
    }
  }

  private func openDataset(_ path: String) throws(IOLinkError) -> HDF5Handle {
    let id = unsafe H5Dopen2(try open(), path, 0)
    guard id < 0 else { return try HDF5Handle(id, "") }
    throw LibHDF5.failure("dataset \(path) cannot be opened")
  }

  private static func lengths(_ space: hid_t, _ path: String) throws(IOLinkError) -> [Int] {
    guard H5Sget_simple_extent_type(space) != H5S_NULL else { throw .hdf5(.unsupported, "\(path) has no elements and no shape") }
    let rank = try LibHDF5.check(H5Sget_simple_extent_ndims(space), "the shape of \(path) cannot be read")
    var lengths = [hsize_t](repeating: 0, count: Int(rank))
    if rank > 0 {
      try LibHDF5.check(unsafe H5Sget_simple_extent_dims(space, &lengths, nil), "the shape of \(path) cannot be read")
    }
    var shape: [Int] = []
    for length in lengths { shape.append(try Checked.int(length)) }
    return shape
  }

  private static func layout(_ dataset: hid_t, _ list: hid_t, rank: Int, _ path: String) throws(IOLinkError) -> HDF5Storage {
    switch H5Pget_layout(list) {
    case H5D_COMPACT: return .compact
    case H5D_CONTIGUOUS:
      let parts = try LibHDF5.check(H5Pget_external_count(list), "the storage of \(path) cannot be read")
      if parts > 0 { return .external(try externalParts(list, UInt32(parts), path)) }
      let address = H5Dget_offset(dataset)
      H5Eclear2(0)
      return .contiguous(address: address == iolink_haddr_undef() ? nil : try Checked.int(address))
    case H5D_CHUNKED:
      var lengths = [hsize_t](repeating: 0, count: rank)
      let count = try LibHDF5.check(unsafe H5Pget_chunk(list, Int32(rank), &lengths), "the chunk shape of \(path) cannot be read")
      guard Int(count) == rank else { throw .hdf5(.malformed, "\(path) has chunks of rank \(count), its shape has \(rank)") }
      var shape: [Int] = []
      for length in lengths { shape.append(try Checked.int(length)) }
      var options: UInt32 = 0
      _ = unsafe H5Pget_chunk_opts(list, &options)
      return .chunked(shape, rawEdges: options & UInt32(H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0)
    case H5D_VIRTUAL: return .virtual(try virtualSources(list, path))
    default: throw .hdf5(.malformed, "the layout of \(path) is unknown")
    }
  }

  private static func externalParts(_ list: hid_t, _ count: UInt32, _ path: String) throws(IOLinkError) -> [HDF5Storage.ExternalPart] {
    var parts: [HDF5Storage.ExternalPart] = []
    for index in 0..<count {
      var name = [CChar](repeating: 0, count: 4096)
      var offset = off_t(0)
      var size = hsize_t(0)
      try LibHDF5.check(
        unsafe H5Pget_external(list, index, name.count - 1, &name, &offset, &size), "the external storage of \(path) cannot be read")
      let file = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      parts.append(
        HDF5Storage.ExternalPart(
          file: file, offset: try Checked.int(offset), byteCount: size == iolink_h5s_unlimited() ? nil : try Checked.int(size)))
    }
    return parts
  }

  private static func virtualSources(_ list: hid_t, _ path: String) throws(IOLinkError) -> [HDF5Storage.VirtualSource] {
    var count = 0
    try LibHDF5.check(unsafe H5Pget_virtual_count(list, &count), "the sources of \(path) cannot be read")
    var sources: [HDF5Storage.VirtualSource] = []
    for index in 0..<count {
      let file = try unsafe text("a source of \(path)") { unsafe H5Pget_virtual_filename(list, index, $0, $1) }
      let dataset = try unsafe text("a source of \(path)") { unsafe H5Pget_virtual_dsetname(list, index, $0, $1) }
      sources.append(HDF5Storage.VirtualSource(file: file, dataset: dataset))
    }
    return sources
  }

  /// A text that the library writes: asked for its length first, then for its bytes.
  private static func text(
    _ what: @autoclosure () -> String, _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int
  ) throws(IOLinkError) -> String {
    let length = try LibHDF5.check(call(nil, 0), "\(what()) cannot be read")
    var name = [CChar](repeating: 0, count: length + 1)
    _ = unsafe call(&name, name.count)  // room for the text and its final zero
    return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func filters(_ list: hid_t, _ path: String) throws(IOLinkError) -> [HDF5Filter] {
    let count = try LibHDF5.check(H5Pget_nfilters(list), "the filters of \(path) cannot be read")
    var filters: [HDF5Filter] = []
    for index in 0..<UInt32(count) {
      var flags: UInt32 = 0
      var valueCount = 256  // the most that the library takes
      var values = [UInt32](repeating: 0, count: valueCount)
      var name = [CChar](repeating: 0, count: 256)
      let id = try LibHDF5.check(
        unsafe H5Pget_filter2(list, index, &flags, &valueCount, &values, name.count - 1, &name, nil),
        "filter \(index) of \(path) cannot be read")
      let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      filters.append(HDF5Filter(id: Int(id), name: text, clientData: Array(values.prefix(min(valueCount, values.count)))))
    }
    return filters
  }

  private static func fillValue(
    _ list: hid_t, _ type: hid_t, _ datatype: HDF5Datatype, _ path: String
  ) throws(IOLinkError) -> [UInt8]? {
    guard (try? HDF5PixelType(datatype)) != nil else { return nil }
    var state = H5D_FILL_VALUE_ERROR
    try LibHDF5.check(unsafe H5Pfill_value_defined(list, &state), "the fill value of \(path) cannot be read")
    guard state == H5D_FILL_VALUE_USER_DEFINED else { return nil }
    var bytes = [UInt8](repeating: 0, count: H5Tget_size(type))
    try LibHDF5.check(unsafe H5Pget_fill_value(list, type, &bytes), "the fill value of \(path) cannot be read")
    return bytes
  }

  // MARK: Chunks

  /// By capture: the library looks a chunk up and asks the driver for its bytes; the driver notes where and reads nothing.
  ///
  /// The library's own question for a chunk's address walks the whole index each time.
  func chunks(of dataset: HDF5Dataset, _ numbers: Range<Int>) throws(IOLinkError) -> [HDF5ChunkLocation?] {
    guard case .chunked(let chunk, _) = dataset.layout else { return [] }
    return try locked { () throws(IOLinkError) in
      let open = try openDataset(dataset.path)
      let counts = zip(dataset.shape, chunk).map { Checked.ceilingDivide($0, $1) }
      var locations: [HDF5ChunkLocation?] = []
      locations.reserveCapacity(numbers.count)
      iolink_h5fd_capture(1)
      defer { iolink_h5fd_capture(0) }
      for number in numbers {
        var offset = [hsize_t](repeating: 0, count: chunk.count)
        var rest = number
        for axis in chunk.indices.reversed() {
          offset[axis] = hsize_t(rest % counts[axis] * chunk[axis])
          rest /= counts[axis]
        }
        locations.append(try location(open.id, &offset, dataset.path))
      }
      return locations
    }
  }

  func writtenChunks(of dataset: HDF5Dataset, atMost limit: Int) throws(IOLinkError) -> [Int: HDF5ChunkLocation]? {
    guard case .chunked(let chunk, _) = dataset.layout else { return nil }
    return try locked { () throws(IOLinkError) in
      let open = try openDataset(dataset.path)
      let space = try HDF5Handle(H5Dget_space(open.id), "the dataspace of \(dataset.path) cannot be read")
      var count = hsize_t(0)
      try LibHDF5.check(unsafe H5Dget_num_chunks(open.id, space.id, &count), "the chunks of \(dataset.path) cannot be counted")
      guard count <= limit else { return nil }
      var found: [Int: HDF5ChunkLocation] = [:]
      iolink_h5fd_capture(1)
      defer { iolink_h5fd_capture(0) }
      for index in 0..<count {
        var offset = [hsize_t](repeating: 0, count: chunk.count)
        var (mask, address, size) = (UInt32(0), haddr_t(0), hsize_t(0))
        try LibHDF5.check(
          unsafe H5Dget_chunk_info(open.id, space.id, index, &offset, &mask, &address, &size),
          "a chunk of \(dataset.path) cannot be found")
        var number = 0
        for axis in chunk.indices {
          let position = min(try Checked.int(offset[axis]), dataset.shape[axis]) / chunk[axis]
          number = number * Checked.ceilingDivide(dataset.shape[axis], chunk[axis]) + position
        }
        // Its address does not count a user block in every version of the library; that of the capture does.
        found[number] = try location(open.id, &offset, dataset.path)
      }
      return found
    }
  }

  private func location(_ dataset: hid_t, _ offset: inout [hsize_t], _ path: String) throws(IOLinkError) -> HDF5ChunkLocation? {
    var stored = hsize_t(0)
    if unsafe H5Dget_chunk_storage_size(dataset, &offset, &stored) < 0 {
      let failure = LibHDF5.failure("the chunks of \(path) cannot be found")
      // 1.10 fails for a chunk that was never written; an index that is damaged fails with another message.
      guard failure.reason.hasSuffix(": chunk storage is not allocated") else { throw failure }
      return nil
    }
    if stored == 0 { return nil }
    var (address, size, mask) = (UInt64(0), UInt64(0), UInt32(0))
    var nothing = [UInt8](repeating: 0, count: 8)  // the driver writes nothing into it while it captures
    try LibHDF5.check(unsafe H5Dread_chunk(dataset, 0, &offset, &mask, &nothing), "a chunk of \(path) cannot be found")
    guard unsafe iolink_h5fd_captured(&address, &size) != 0 else {
      throw .hdf5(.malformed, "a chunk of \(path) cannot be found")
    }
    return HDF5ChunkLocation(address: try Checked.int(address), byteCount: try Checked.int(size), filterMask: mask)
  }

  // MARK: Elements

  func canDecode(filter: Int) -> Bool {
    (try? locked { H5Zfilter_avail(H5Z_filter_t(truncatingIfNeeded: filter)) > 0 }) ?? false
  }

  func read(
    _ dataset: HDF5Dataset, start: [Int], count: [Int], as componentType: ComponentType?, into bytes: inout MutableRawSpan
  ) throws(IOLinkError) {
    // The library would open other files by itself.
    if case .external = dataset.layout { throw .hdf5(.unsupported, "\(dataset.path) is stored in other files") }
    let capacity = bytes.byteCount
    try unsafe bytes.withUnsafeMutableBytes { buffer throws(IOLinkError) in
      // The buffer outlives the call, which nothing but this thread makes.
      nonisolated(unsafe) let base = buffer.baseAddress
      try locked { () throws(IOLinkError) in
        let open = try openDataset(dataset.path)
        driver.checksHeaps = false
        defer { driver.checksHeaps = true }
        let stored = try HDF5Handle(H5Dget_type(open.id), "the datatype of \(dataset.path) cannot be read")
        var memory = try HDF5Handle(H5Tcopy(stored.id), "the datatype of \(dataset.path) cannot be read")
        if let componentType { memory = try Self.native(componentType, dataset.datatype) }
        let elements = try AxisVector(count).elementCount()
        guard try Checked.multiply(elements, H5Tget_size(memory.id)) == capacity else {
          throw .hdf5(.invalidArgument, "\(capacity) bytes for \(elements) elements")
        }
        guard elements > 0 else { return }
        let space = try HDF5Handle(H5Dget_space(open.id), "the dataspace of \(dataset.path) cannot be read")
        var lengths = count.map(hsize_t.init)
        var from = start.map(hsize_t.init)
        if count.isEmpty {
          let status = unsafe H5Dread(open.id, memory.id, 0, 0, 0, base)
          try LibHDF5.check(status, "the elements of \(dataset.path) cannot be read")
          return
        }
        let box = try HDF5Handle(unsafe H5Screate_simple(Int32(count.count), &lengths, nil), "no dataspace")
        try LibHDF5.check(
          unsafe H5Sselect_hyperslab(space.id, H5S_SELECT_SET, &from, nil, &lengths, nil), "the box does not lie in \(dataset.path)")
        let status = unsafe H5Dread(open.id, memory.id, box.id, space.id, 0, base)
        try LibHDF5.check(status, "the elements of \(dataset.path) cannot be read")
      }
    }
  }

  /// The type of numbers in memory: of `scalar`, with the array lengths of `datatype` around it.
  private static func native(_ componentType: ComponentType, _ datatype: HDF5Datatype) throws(IOLinkError) -> HDF5Handle {
    let type = try LibHDF5Types.type(componentType)
    let arrayShape = try HDF5PixelType(datatype)?.arrayShape ?? []
    guard !arrayShape.isEmpty else { return type }
    // Nested array types are wrapped as they are in the file, or the library would not convert them.
    return try wrapped(type, datatype)
  }

  private static func wrapped(_ base: consuming HDF5Handle, _ datatype: HDF5Datatype) throws(IOLinkError) -> HDF5Handle {
    guard case .array(let lengths, let element) = datatype else { return base }
    let inner = try wrapped(base, element)
    var sizes = lengths.map(hsize_t.init)
    return try HDF5Handle(unsafe H5Tarray_create2(inner.id, UInt32(sizes.count), &sizes), "no array type")
  }

  // MARK: Attributes

  func attributes(at path: String) throws(IOLinkError) -> [HDF5Attribute] {
    try locked { () throws(IOLinkError) in
      let object = try HDF5Handle(unsafe H5Oopen(try open(), path.isEmpty ? "/" : path, 0), "\(path) cannot be opened")
      let names = try Self.attributeNames(object.id, path)
      try limits.check(names.count, atMost: \.entryCount, "attributes")
      H5Eclear2(0)
      var attributes: [HDF5Attribute] = []
      var budget = limits.metadataByteCount
      for name in names {
        guard let attribute = try? HDF5Handle(unsafe H5Aopen(object.id, name, 0), "") else { continue }
        do throws(IOLinkError) {
          if let value = try Self.value(of: attribute.id, &budget) { attributes.append(HDF5Attribute(name: name, value: value)) }
        } catch  where error.code != .limitExceeded { H5Eclear2(0) }  // one damaged attribute does not spoil the image
      }
      return attributes
    }
  }

  private static func attributeNames(_ object: hid_t, _ path: String) throws(IOLinkError) -> [String] {
    final class Found { var names: [(name: String, creation: UInt32?)] = [] }
    let found = Found()
    // `found` is held here for the whole call; names and infos live during each callback.
    let status = withExtendedLifetime(found) {
      unsafe H5Aiterate2(
        object, H5_INDEX_NAME, H5_ITER_NATIVE, nil,
        { _, name, info, context in
          guard let name = unsafe name, let info = unsafe info?.pointee, let context = unsafe context else { return -1 }
          let found = unsafe Unmanaged<Found>.fromOpaque(context).takeUnretainedValue()
          unsafe found.names.append((String(cString: name), info.corder_valid ? info.corder : nil))
          return 0
        }, Unmanaged.passUnretained(found).toOpaque())
    }
    try LibHDF5.check(status, "the attributes of \(path) cannot be listed")
    return found.names.sorted { left, right in
      if let first = left.creation, let second = right.creation, first != second { return first < second }
      return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }.map(\.name)
  }

  private static func value(of attribute: hid_t, _ budget: inout Int) throws(IOLinkError) -> HDF5Attribute.Value? {
    let space = try HDF5Handle(H5Aget_space(attribute), "an attribute's dataspace cannot be read")
    guard H5Sget_simple_extent_type(space.id) != H5S_NULL else { return nil }
    let shape = try lengths(space.id, "an attribute")
    let count = try AxisVector(shape).elementCount()
    let type = try HDF5Handle(H5Aget_type(attribute), "an attribute's datatype cannot be read")
    let datatype = try datatype(of: H5Tcopy(type.id), "an attribute")
    let byteCount = try Checked.multiply(count, H5Tget_size(type.id))
    guard byteCount <= budget else {
      throw .hdf5(.limitExceeded, "attributes of \(byteCount) bytes; what is left of the limit is \(budget)")
    }
    budget -= byteCount
    switch datatype {
    case .string(let string):
      let texts = try string.isVariable ? sequences(attribute, type.id, space.id, count) : fixedTexts(attribute, type.id, count, byteCount)
      budget -= texts.reduce(0) { $0 + $1.utf8.count }
      return .metadata(shape.isEmpty && texts.count == 1 ? .text(texts[0]) : .texts(texts))
    case .opaque: return .metadata(.bytes(try bytes(attribute, type.id, byteCount)))
    case .reference:
      guard H5Tget_size(type.id) == 8 else { return nil }
      return .references(try addresses(try bytes(attribute, type.id, byteCount)))
    case .sequence(of: .reference, _): return .referenceLists(try referenceLists(attribute, type.id, space.id, count))
    default:
      guard let pixel = try? HDF5PixelType(datatype) else { return nil }
      let memory = try native(pixel.componentType, datatype)
      let bytes = try bytes(attribute, memory.id, try Checked.multiply(count, H5Tget_size(memory.id)))
      return .metadata(.numbers(try NumericArray(pixel.componentType, shape: shape + pixel.arrayShape, bytes: bytes)))
    }
  }

  private static func bytes(_ attribute: hid_t, _ type: hid_t, _ byteCount: Int) throws(IOLinkError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    if byteCount > 0 { try LibHDF5.check(unsafe H5Aread(attribute, type, &bytes), "an attribute cannot be read") }
    return bytes
  }

  private static func addresses(_ bytes: [UInt8]) throws(IOLinkError) -> [UInt64] {
    var addresses: [UInt64] = []
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      addresses.append(try unsafe bytes.span.bytes.load(at: offset, order: .native))  // bytes have no padding
    }
    return addresses
  }

  private static func fixedTexts(
    _ attribute: hid_t, _ type: hid_t, _ count: Int, _ byteCount: Int
  ) throws(IOLinkError) -> [String] {
    let bytes = try bytes(attribute, type, byteCount)
    let size = H5Tget_size(type)
    let padding = H5Tget_strpad(type)
    return (0..<count).map { index in
      var text = bytes[(index * size)..<((index + 1) * size)]
      if padding == H5T_STR_NULLTERM { text = text.prefix { $0 != 0 } }
      while text.last == 0 || (padding == H5T_STR_SPACEPAD && text.last == 0x20) { text.removeLast() }
      return String(decoding: text, as: UTF8.self)
    }
  }

  private static func sequences(_ attribute: hid_t, _ type: hid_t, _ space: hid_t, _ count: Int) throws(IOLinkError) -> [String] {
    var pointers = unsafe [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    guard count > 0 else { return [] }
    try LibHDF5.check(unsafe H5Aread(attribute, type, &pointers), "an attribute cannot be read")
    // The strings are the library's, valid until they are given back on the next line but one.
    let texts = unsafe pointers.map { pointer in unsafe pointer.map { unsafe String(cString: $0) } ?? "" }
    _ = unsafe H5Dvlen_reclaim(type, space, 0, &pointers)
    return texts
  }

  private static func referenceLists(
    _ attribute: hid_t, _ type: hid_t, _ space: hid_t, _ count: Int
  ) throws(IOLinkError) -> [[UInt64]] {
    var lists = unsafe [hvl_t](repeating: hvl_t(), count: count)
    guard count > 0 else { return [] }
    try LibHDF5.check(unsafe H5Aread(attribute, type, &lists), "an attribute cannot be read")
    // Each list holds `len` addresses, the library's until they are given back.
    let addresses = unsafe lists.map { list -> [UInt64] in
      guard let first = unsafe list.p else { return [] }
      return unsafe (0..<list.len).map { unsafe first.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
    }
    _ = unsafe H5Dvlen_reclaim(type, space, 0, &lists)
    return addresses
  }
}
