/// Lets reads go on where a part of a file is missing or damaged, and keeps a list of these parts.
///
/// A call whose ``OperationContext/salvage`` is set fills every part that is missing (`truncated`) or cannot be decoded (`malformed`)
/// with the background of the image: the fill value that the file states, otherwise 0. Other errors still end the call: a feature that is
/// not supported, a limit, and a system that cannot read the file are not damage.
///
/// The parts are chunks of the file, or ranges of bytes of a file that stores pixels without chunks. A writer adds them to
/// ``TransferReport/lost``.
public final class Salvage: Sendable {
  /// The maximum number of parts that are listed one by one.
  public static let itemLimit = 1_000
  /// The maximum number of parts that are counted.
  static let countLimit = 1 << 16

  /// A part of an image: what it is called, and its position, by which the list is ordered.
  struct Part: Hashable, Comparable, Sendable {
    let image: ObjectIdentifier
    let start: Int
    /// The end of a range of bytes; `nil` for a chunk.
    var end: Int?

    static func < (left: Part, right: Part) -> Bool {
      left.image == right.image ? left.start < right.start : left.image < right.image
    }
  }

  private struct State {
    var reasons: [Part: (text: String, reason: String)] = [:]
    var seen: Set<Part> = []
  }

  private let state = Guarded(State())

  /// Makes an empty list.
  public init() {}

  /// Whether a part with this error is filled.
  static func covers(_ error: IOLinkError) -> Bool { error.code == .truncated || error.code == .malformed }

  /// Adds a part that was filled. A part that is read several times is listed once.
  ///
  /// - Parameter text: What the part is called. A range of bytes is called by its offsets.
  func add(_ part: Part, _ text: String, _ reason: String) {
    state.withLock { state in
      guard state.seen.count < Self.countLimit, state.seen.insert(part).inserted else { return }
      state.reasons[part] = (text, reason)
      // The first parts are kept, in whatever order the threads find them.
      if state.reasons.count >= 2 * Self.itemLimit { Self.shorten(&state) }
    }
  }

  private static func shorten(_ state: inout State) {
    for part in state.reasons.keys.sorted().dropFirst(itemLimit) { state.reasons[part] = nil }
  }

  /// Removes all parts from the list and returns them as items of a report, in the order of the file.
  ///
  /// Each has the path `/pixels`, the place of the part, and the code and the reason of the error. Adjacent ranges of bytes are joined.
  /// At most ``itemLimit`` parts are listed; one more item then says how many others there are.
  public func takeLost() -> [LostItem] {
    let taken = state.withLock { state in
      Self.shorten(&state)
      defer { state = State() }
      return state
    }
    var items: [LostItem] = []
    var last: Part?
    for (part, described) in taken.reasons.sorted(by: { $0.key < $1.key }) {
      if let previous = last, previous.end == part.start, previous.image == part.image, items.last?.reason == described.reason {
        let joined = Part(image: part.image, start: previous.start, end: part.end)
        items[items.count - 1] = LostItem(path: "/pixels", value: joined.bytes, reason: described.reason)
        last = joined
      } else {
        items.append(LostItem(path: "/pixels", value: described.text, reason: described.reason))
        last = part
      }
    }
    let rest = taken.seen.count - taken.reasons.count
    if rest > 0 {
      let count = taken.seen.count < Self.countLimit ? "\(rest)" : "at least \(rest)"
      items.append(LostItem(path: "/pixels", value: "\(count) more parts", reason: "they are missing or damaged"))
    }
    return items
  }
}

extension Salvage.Part {
  /// A range of bytes as text.
  var bytes: String { "bytes \(start)..<\(end ?? start) of the file" }
}

extension IOLinkError {
  /// Why a part could not be read, for a report.
  var salvageReason: String { "\(code.rawValue): \(reason)" }
}
