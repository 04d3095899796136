/// Lets reads go on where a part of a file is missing or damaged, and keeps a list of these parts.
///
/// A call whose ``OperationContext/salvage`` is set fills every part that is missing (`truncated`) or cannot be decoded (`malformed`)
/// with the background of the image: the fill value that the file states, otherwise 0. Other errors still end the call: a feature that is
/// not supported, a limit, and a system that cannot read the file are not damage.
///
/// The parts are chunks of the file, or ranges of bytes of a file that stores pixels without chunks. A writer adds them to
/// ``TransferReport/lost``.
public final class Salvage: Sendable {
  /// The maximum number of items in a list.
  public static let itemLimit = 1_000
  /// The maximum number of parts that are kept.
  static let partLimit = 1 << 16

  /// What identifies a part: its image, and the ordinal of its chunk or the offset of its first byte. Parts are listed in this order.
  struct Key: Hashable, Comparable, Sendable {
    let image: ObjectIdentifier
    let start: Int

    static func < (left: Key, right: Key) -> Bool {
      left.image == right.image ? left.start < right.start : left.image < right.image
    }
  }

  private let parts = Guarded<[Key: (place: SalvagedPlace, reason: String)]>([:])

  /// Makes an empty list.
  public init() {}

  /// Whether a part with this error is filled.
  static func covers(_ error: IOLinkError) -> Bool { error.code == .truncated || error.code == .malformed }

  /// Adds a part that was filled. A part that is read several times is listed once.
  func add(_ key: Key, _ place: SalvagedPlace, _ reason: String) {
    parts.withLock { parts in
      guard parts.count < Self.partLimit || parts[key] != nil else { return }
      parts[key] = (place, reason)
    }
  }

  /// Removes all parts from the list and returns them as items of a report, in the order of the file.
  ///
  /// Each has the path `/pixels`, the place of the part, and the code and the reason of the error. Adjacent parts with the same reason are
  /// joined. There are at most ``itemLimit`` such items; one more then says how many others there are. Of more than 65,536 parts, some are
  /// left out.
  public func takeLost() -> [LostItem] {
    let taken = parts.withLock { parts in
      defer { parts = [:] }
      return parts
    }
    var joined: [(image: ObjectIdentifier, place: SalvagedPlace, reason: String)] = []
    for (key, part) in taken.ordered(by: { $0.key < $1.key }) {
      joined.append((key.image, part.place, part.reason))
      // A row of chunks that becomes complete may continue the rows before it.
      while joined.count > 1 {
        let (last, before) = (joined[joined.count - 1], joined[joined.count - 2])
        guard last.image == before.image, last.reason == before.reason, let both = before.place.joined(with: last.place) else { break }
        joined.removeLast()
        joined[joined.count - 1].place = both
      }
    }
    var items = joined.prefix(Self.itemLimit).map { LostItem(path: "/pixels", value: $0.place.text, reason: $0.reason) }
    if joined.count > Self.itemLimit || taken.count == Self.partLimit {
      let rest = joined.count - items.count
      let count = taken.count < Self.partLimit ? "\(rest)" : "at least \(rest)"
      items.append(LostItem(path: "/pixels", value: "\(count) more parts", reason: "they are missing or damaged"))
    }
    return items
  }
}

/// Where a part of an image is that cannot be read.
enum SalvagedPlace: Sendable {
  /// A range of bytes of the file.
  case bytes(Range<Int>)
  /// A box of elements along the axes of a grid with this shape. The names are those of the axes of the image; one more axis may follow, for
  /// the components.
  case box(Region, in: Shape, names: [String])

  /// This part and the next one, if together they are one range or one box.
  func joined(with next: SalvagedPlace) -> SalvagedPlace? {
    switch (self, next) {
    case (.bytes(let first), .bytes(let second)):
      return first.upperBound == second.lowerBound ? .bytes(first.lowerBound..<second.upperBound) : nil
    case (.box(let first, let shape, let names), .box(let second, _, _)):
      let different = first.origin.indices.filter { first.origin[$0] != second.origin[$0] || first.size[$0] != second.size[$0] }
      guard different.count == 1, let axis = different.first, first.origin[axis] + first.size[axis] == second.origin[axis] else { return nil }
      var size = first.size
      size[axis] += second.size[axis]
      return .box(Region(uncheckedOrigin: first.origin, size: size), in: shape, names: names)
    default: return nil
    }
  }

  /// `bytes 100..<200 of the file`, or `slice 3, row 64..<128`, slowest axis first. Axes along which the part has everything are left out.
  var text: String {
    switch self {
    case .bytes(let range): return "bytes \(range) of the file"
    case .box(let box, let shape, let names):
      var parts: [String] = []
      for (axis, name) in (names + ["component"]).enumerated().reversed() where axis < shape.count && box.size[axis] < shape[axis] {
        let (first, count) = (box.origin[axis], box.size[axis])
        parts.append((name.isEmpty ? "axis \(axis)" : name) + (count == 1 ? " \(first)" : " \(first)..<\(first + count)"))
      }
      return parts.isEmpty ? "all pixels" : parts.joined(separator: ", ")
    }
  }
}

extension IOLinkError {
  /// Why a part could not be read, for a report.
  var salvageReason: String { "\(code.rawValue): \(reason)" }
}
