import IOLinkCore

/// Elements of a dataset, as files store them: which elements of which dataset a virtual dataset consists of, and what a reference to a
/// region refers to.
///
/// The elements have an order, by which two selections correspond: row-major order, except that points keep the order of their list.
///
/// Source: HDF5 File Format Specification 4.0, VIII.A "Dataspace Selection".
enum HDF5Selection: Hashable, Sendable {
  case none
  case all
  /// Blocks at regular distances. There is one value for each dimension.
  case hyperslab([Dimension])
  /// The elements of any of these boxes.
  case blocks([HDF5Box])
  case points([[Int]])

  /// Blocks along one dimension: `block` elements from `start` on, and again after every `stride` elements, `count` times in all.
  struct Dimension: Hashable, Sendable {
    let start: Int
    let stride: Int
    /// The number of blocks; `nil` is as many as there is room for.
    let count: Int?
    /// The length of a block; `nil` is as long as there is room for.
    let block: Int?

    var isUnlimited: Bool { count == nil || block == nil }
  }

  /// The unlimited dimension of a hyperslab; `nil` when there is not one.
  var unlimitedDimension: Int? {
    guard case .hyperslab(let dimensions) = self else { return nil }
    return dimensions.firstIndex { $0.isUnlimited }
  }

  /// The number of dimensions; `nil` for ``none`` and ``all``, which fit any.
  var rank: Int? {
    switch self {
    case .none, .all: nil
    case .hyperslab(let dimensions): dimensions.count
    case .blocks(let boxes): boxes.first?.origin.count
    case .points(let points): points.first?.count
    }
  }
}

extension HDF5Selection {
  /// Reads a selection and moves the cursor behind it.
  ///
  /// - Throws: `malformed` or `truncated` when it is damaged; `unsupported` for versions that are not known.
  init(parsing block: inout HDF5Block) throws(IOLinkError) {
    let type = try block.integer(4)
    let version = try block.integer(4)
    let known = type == 2 ? 1...3 : type == 1 ? 1...2 : 1...1
    guard 0...3 ~= type else { throw block.error("a selection has type \(type), expected 0 to 3") }
    guard known ~= version else {
      throw block.error("a selection of type \(type) has version \(version), expected 1 to \(known.upperBound)", .unsupported)
    }
    switch type {
    case 1: self = try Self.points(&block, version)
    case 2: self = try Self.hyperslab(&block, version)
    default:
      try block.skip(8)
      self = type == 0 ? .none : .all
    }
  }

  private static func points(_ block: inout HDF5Block, _ version: Int) throws(IOLinkError) -> HDF5Selection {
    var size = 4
    if version == 1 { try block.skip(8) } else { size = try encodedSize(&block) }
    let rank = try rank(&block)
    let count = try count(&block, size, of: rank)
    var points: [[Int]] = []
    for _ in 0..<count {
      var point: [Int] = []
      for _ in 0..<rank {
        let coordinate = try block.integer(size)
        guard coordinate < Int.max else { throw block.error("a point of a selection has the coordinate \(coordinate)") }
        point.append(coordinate)
      }
      points.append(point)
    }
    return points.isEmpty ? .none : .points(points)
  }

  private static func hyperslab(_ block: inout HDF5Block, _ version: Int) throws(IOLinkError) -> HDF5Selection {
    var isRegular = version == 2
    var size = version == 2 ? 8 : 4
    switch version {
    case 1: try block.skip(8)
    case 2:
      isRegular = try block.byte() & 1 != 0
      try block.skip(4)
    default:
      isRegular = try block.byte() & 1 != 0
      size = try encodedSize(&block)
    }
    let rank = try rank(&block)
    return isRegular ? try regular(&block, size, rank) : try irregular(&block, size, rank)
  }

  private static func regular(_ block: inout HDF5Block, _ size: Int, _ rank: Int) throws(IOLinkError) -> HDF5Selection {
    var dimensions: [Dimension] = []
    for _ in 0..<rank {
      let start = try block.integer(size)
      let stride = try block.integer(size)
      let count = try limited(&block, size)
      let length = try limited(&block, size)
      if count == 0 || length == 0 {
        try block.skip((rank - dimensions.count - 1) * 4 * size)
        return .none
      }
      guard count == 1 || stride > 0 && length ?? .max <= stride else {
        throw block.error("a selection has blocks of \(length.map(String.init) ?? "unlimited") elements every \(stride) elements")
      }
      dimensions.append(Dimension(start: start, stride: max(1, stride), count: count, block: length))
    }
    guard dimensions.filter(\.isUnlimited).count <= 1 else {
      throw block.error("a selection has several unlimited dimensions")
    }
    // What is beyond the last integer cannot be an element of a dataset.
    for dimension in dimensions {
      let last = try Checked.multiply((dimension.count ?? 1) - 1, dimension.stride)
      _ = try Checked.add(dimension.start, Checked.add(last, dimension.block ?? 1))
    }
    return .hyperslab(dimensions)
  }

  private static func irregular(_ block: inout HDF5Block, _ size: Int, _ rank: Int) throws(IOLinkError) -> HDF5Selection {
    let count = try count(&block, size, of: 2 * rank)
    var boxes: [HDF5Box] = []
    for _ in 0..<count {
      var box = HDF5Box(origin: [], size: [])
      for _ in 0..<rank { box.origin.append(try block.integer(size)) }
      for dimension in 0..<rank {
        let end = try block.integer(size)
        guard end >= box.origin[dimension], end < Int.max else {
          throw block.error("a block of a selection has elements \(box.origin[dimension]) to \(end)")
        }
        box.size.append(end - box.origin[dimension] + 1)
      }
      boxes.append(box)
    }
    return boxes.isEmpty ? .none : Self(boxes)
  }

  private static func encodedSize(_ block: inout HDF5Block) throws(IOLinkError) -> Int {
    let size = try block.byte()
    guard [2, 4, 8].contains(size) else { throw block.error("numbers of a selection have \(size) bytes, expected 2, 4 or 8") }
    return size
  }

  private static func rank(_ block: inout HDF5Block) throws(IOLinkError) -> Int {
    let rank = try block.integer(4)
    guard 1...32 ~= rank else { throw block.error("a selection has \(rank) dimensions, expected 1 to 32") }
    return rank
  }

  /// Reads how many items of `length` numbers follow, which must all be there.
  private static func count(_ block: inout HDF5Block, _ size: Int, of length: Int) throws(IOLinkError) -> Int {
    let count = try block.integer(size)
    guard count <= block.remaining / (size * length) else {
      throw block.error("a selection has \(count) parts, which do not fit in \(block.remaining) bytes", .truncated)
    }
    return count
  }

  /// Reads a number; `nil` when all its bits are set, which means unlimited.
  private static func limited(_ block: inout HDF5Block, _ size: Int) throws(IOLinkError) -> Int? {
    let value = try block.unsigned(size)
    if value == UInt64.max >> UInt64(64 - 8 * size) { return nil }
    guard let number = Int(exactly: value) else { throw block.error("a number of a selection is \(value), expected at most 2^63 − 1") }
    return number
  }
}

extension HDF5Selection {
  /// Makes a selection of boxes: a hyperslab when they are all boxes of a regular grid. Old files list the blocks of hyperslabs.
  init(_ boxes: [HDF5Box]) {
    self = Self.grid(boxes).map(Self.hyperslab) ?? .blocks(boxes)
  }

  private static func grid(_ boxes: [HDF5Box]) -> [Dimension]? {
    guard let first = boxes.first, boxes.allSatisfy({ $0.size == first.size }), Set(boxes).count == boxes.count else { return nil }
    var dimensions: [Dimension] = []
    var count = 1
    for dimension in first.origin.indices {
      let starts = Set(boxes.map { $0.origin[dimension] }).sorted()
      let stride = starts.count > 1 ? starts[1] - starts[0] : first.size[dimension]
      guard stride >= first.size[dimension], zip(starts, starts.dropFirst()).allSatisfy({ $1 - $0 == stride }) else { return nil }
      dimensions.append(Dimension(start: starts[0], stride: stride, count: starts.count, block: first.size[dimension]))
      // At most as many boxes as there are; so it does not overflow.
      guard starts.count <= boxes.count / count else { return nil }
      count *= starts.count
    }
    return count == boxes.count ? dimensions : nil
  }
}
