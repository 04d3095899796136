internal import CHDF5
internal import CHDF5Driver
import IOLinkCore

/// The structure of a new file, written by libhdf5. Elements reach the file beside it or as finished chunks.
///
/// Files need HDF5 1.8 or later to be read. Pointers: arrays and locals lent to C for one call.
final class LibHDF5Writer: HDF5StructureWriter {
  private let driver: DriverSink
  private let path: String
  private let state = Guarded(State())
  let dataOffset: Int?

  /// Under the library's lock; 0 when closed.
  private struct State {
    var file: hid_t = 0
    var dataset: hid_t = 0
  }

  /// Creates the file, the dataset and all attributes.
  ///
  /// - Throws: `unsupported` for a stream that cannot be read back; `io` when it cannot be written; `invalidArgument`
  ///   when the library refuses the name or the shape.
  init(_ plan: HDF5WritePlan, on stream: any StreamAccess) throws(IOLinkError) {
    let driver = try DriverSink(stream)
    self.driver = driver
    path = plan.path
    let made = try LibHDF5.locked { () throws(IOLinkError) -> (State, Int?) in
      var state = State()
      do throws(IOLinkError) {
        state.file = try Self.createFile(driver, plan)
        state.dataset = try Self.createDataset(state.file, plan)
        try Self.write(plan.attributes, on: state.dataset)
        let root = try HDF5Handle(unsafe H5Gopen2(state.file, "/", 0), "the root group cannot be opened")
        try Self.write(plan.fileAttributes, on: root.id)
        try driver.check()
      } catch {
        Self.discard(state, driver)
        throw driver.failure ?? error
      }
      guard plan.storage == .contiguous else { return (state, nil) }
      let address = H5Dget_offset(state.dataset)
      H5Eclear2(0)
      return (state, address == iolink_haddr_undef() ? nil : Int(address))
    }
    let opened = made.0
    state.withLock { $0 = opened }
    dataOffset = made.1
  }

  deinit {
    let left = take()
    guard left.file > 0 else { return }
    try? LibHDF5.locked { Self.discard(left, driver) }
  }

  private func take() -> State {
    state.withLock { state in
      defer { state = State() }
      return state
    }
  }

  /// Ends what was begun without touching the stream.
  private static func discard(_ state: State, _ driver: DriverSink) {
    driver.discard()
    if state.dataset > 0 { H5Idec_ref(state.dataset) }
    if state.file > 0 { H5Fclose(state.file) }
    H5Eclear2(0)
  }

  // MARK: Creation

  private static func createFile(_ driver: DriverSink, _ plan: HDF5WritePlan) throws(IOLinkError) -> hid_t {
    let access = try HDF5Handle(H5Pcreate(iolink_h5p_file_access()), "no access list")
    var calls = unsafe driver.calls()
    try LibHDF5.check(unsafe iolink_h5fd_set(access.id, &calls), "the driver cannot be set")
    try LibHDF5.check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG), "the close degree cannot be set")
    // Version 1.8 is the oldest that holds attributes of more than 64 KiB.
    try LibHDF5.check(H5Pset_libver_bounds(access.id, H5F_LIBVER_V18, H5F_LIBVER_V18), "the version cannot be set")
    if plan.storage == .contiguous {
      // Mapped elements are aligned like memory that was allocated for them.
      let bytes = try AxisVector(plan.shape).byteCount(of: DataType(plan.componentType))
      try LibHDF5.check(H5Pset_alignment(access.id, hsize_t(max(1, min(bytes, 4096))), 64), "the alignment cannot be set")
    }
    return try LibHDF5.check(unsafe H5Fcreate(DriverSource.mainName, iolink_h5f_trunc(), 0, access.id), "the file cannot be created")
  }

  private static func createDataset(_ file: hid_t, _ plan: HDF5WritePlan) throws(IOLinkError) -> hid_t {
    let type = try LibHDF5Types.type(plan.componentType)
    let list = try HDF5Handle(H5Pcreate(iolink_h5p_dataset_create()), "no creation list")
    var lengths = plan.shape.map(hsize_t.init)
    var maximum = lengths
    switch plan.storage {
    case .contiguous:
      try LibHDF5.check(H5Pset_layout(list.id, H5D_CONTIGUOUS), "the layout cannot be set")
      try LibHDF5.check(H5Pset_alloc_time(list.id, H5D_ALLOC_TIME_EARLY), "the allocation time cannot be set")
      try LibHDF5.check(H5Pset_fill_time(list.id, H5D_FILL_TIME_NEVER), "the fill time cannot be set")
    case .chunked(let chunk, let filters):
      var sizes = chunk.map(hsize_t.init)
      try LibHDF5.check(unsafe H5Pset_chunk(list.id, Int32(sizes.count), &sizes), "chunks of \(chunk) cannot be set", .invalidArgument)
      for filter in filters {
        var values = filter.clientData
        try LibHDF5.check(
          unsafe H5Pset_filter(list.id, H5Z_filter_t(filter.id), UInt32(H5Z_FLAG_OPTIONAL), values.count, &values),
          "filter \(filter.name) cannot be set")
      }
      if !maximum.isEmpty { maximum[0] = iolink_h5s_unlimited() }
    }
    let space = try HDF5Handle(
      plan.shape.isEmpty ? H5Screate(H5S_SCALAR) : unsafe H5Screate_simple(Int32(lengths.count), &lengths, &maximum), "no dataspace")
    let links = try HDF5Handle(H5Pcreate(iolink_h5p_link_create()), "no link list")
    try LibHDF5.check(H5Pset_create_intermediate_group(links.id, 1), "groups on the way cannot be set")
    return try LibHDF5.check(
      unsafe H5Dcreate2(file, plan.path, type.id, space.id, links.id, list.id, 0), "dataset \(plan.path) cannot be created",
      .invalidArgument)
  }

  // MARK: Attributes

  private static func write(_ attributes: [HDF5WritePlan.Attribute], on object: hid_t) throws(IOLinkError) {
    for attribute in attributes {
      switch attribute.value {
      case .text(let text): try write([text], [], attribute.name, on: object)
      case .texts(let texts): try write(texts, [texts.count], attribute.name, on: object)
      case .bytes(let bytes):
        let type = try HDF5Handle(H5Tcreate(H5T_OPAQUE, max(1, bytes.count)), "no opaque type")
        try LibHDF5.check(unsafe H5Tset_tag(type.id, "bytes"), "no opaque type")
        try write(bytes, type, [], attribute.name, on: object)
      case .numbers(let numbers):
        try write(numbers.bytes, try LibHDF5Types.type(numbers.componentType), numbers.shape, attribute.name, on: object)
      }
    }
  }

  private static func write(
    _ bytes: [UInt8], _ type: borrowing HDF5Handle, _ shape: [Int], _ name: String, on object: hid_t
  ) throws(IOLinkError) {
    let attribute = try create(name, type, shape, on: object)
    guard !bytes.isEmpty else { return }
    try LibHDF5.check(unsafe H5Awrite(attribute.id, type.id, bytes), "attribute \(name) cannot be written")
  }

  private static func create(
    _ name: String, _ type: borrowing HDF5Handle, _ shape: [Int], on object: hid_t
  ) throws(IOLinkError) -> HDF5Handle {
    var lengths = shape.map(hsize_t.init)
    let space = try HDF5Handle(
      shape.isEmpty ? H5Screate(H5S_SCALAR) : unsafe H5Screate_simple(Int32(lengths.count), &lengths, nil), "no dataspace")
    return try HDF5Handle(unsafe H5Acreate2(object, name, type.id, space.id, 0, 0), "attribute \(name) cannot be created")
  }

  /// UTF-8 of variable length, as h5py writes it; of fixed length where a text has a zero inside.
  private static func write(_ texts: [String], _ shape: [Int], _ name: String, on object: hid_t) throws(IOLinkError) {
    let type = try HDF5Handle(H5Tcopy(iolink_h5t_c_s1()), "no string type")
    try LibHDF5.check(H5Tset_cset(type.id, H5T_CSET_UTF8), "no string type")
    if texts.contains(where: { $0.utf8.contains(0) }) {
      let size = max(1, texts.map(\.utf8.count).max() ?? 1)
      try LibHDF5.check(H5Tset_size(type.id, size), "no string type")
      try LibHDF5.check(H5Tset_strpad(type.id, H5T_STR_NULLPAD), "no string type")
      let bytes = texts.flatMap { text -> [UInt8] in Array(text.utf8) + [UInt8](repeating: 0, count: size - text.utf8.count) }
      try write(bytes, type, shape, name, on: object)
      return
    }
    try LibHDF5.check(H5Tset_size(type.id, iolink_h5t_variable()), "no string type")
    let attribute = try create(name, type, shape, on: object)
    guard !texts.isEmpty else { return }
    // All texts one behind the other, each with its final zero; then the address of each.
    let all = texts.flatMap { text -> [UInt8] in Array(text.utf8) + [0] }
    let status = unsafe all.withUnsafeBytes { buffer in
      guard var next = buffer.baseAddress else { return herr_t(-1) }
      var addresses = unsafe [UnsafeRawPointer]()
      for text in texts {
        unsafe addresses.append(next)
        unsafe next += text.utf8.count + 1
      }
      return unsafe H5Awrite(attribute.id, type.id, addresses)
    }
    try LibHDF5.check(status, "attribute \(name) cannot be written")
  }

  // MARK: Elements

  private func locked<Result: Sendable>(_ body: (State) throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    try LibHDF5.locked { () throws(IOLinkError) in
      let open = state.withLock { $0 }
      guard open.file > 0 else { throw .hdf5(.invalidArgument, "the file is complete") }
      do throws(IOLinkError) {
        let result = try body(open)
        try driver.check()
        return result
      } catch {
        throw driver.failure ?? error
      }
    }
  }

  func storeChunk(at position: [Int], _ bytes: RawSpan) throws(IOLinkError) {
    try unsafe bytes.withUnsafeBytes { buffer throws(IOLinkError) in
      // Lent for the call, which only this thread makes.
      nonisolated(unsafe) let base = buffer.baseAddress
      let count = buffer.count
      try locked { open throws(IOLinkError) in
        var offset = position.map(hsize_t.init)
        let status = unsafe H5Dwrite_chunk(open.dataset, 0, 0, &offset, count, base)
        try LibHDF5.check(status, "the chunk at \(position) cannot be stored", .io)
      }
    }
  }

  func extend(to shape: [Int]) throws(IOLinkError) {
    try locked { open throws(IOLinkError) in
      var lengths = shape.map(hsize_t.init)
      try LibHDF5.check(unsafe H5Dset_extent(open.dataset, &lengths), "\(path) cannot grow to \(shape)", .invalidArgument)
    }
  }

  func finish() throws(IOLinkError) {
    let open = take()
    guard open.file > 0 else { throw .hdf5(.invalidArgument, "the file is complete") }
    try LibHDF5.locked { () throws(IOLinkError) in
      if open.dataset > 0 { H5Idec_ref(open.dataset) }
      guard H5Fclose(open.file) < 0 || driver.failure != nil else { return }
      let failure = LibHDF5.failure("the file cannot be completed", .io)
      driver.discard()
      if H5Iis_valid(open.file) > 0 { H5Fclose(open.file) }
      H5Eclear2(0)
      throw driver.failure ?? failure
    }
  }
}
