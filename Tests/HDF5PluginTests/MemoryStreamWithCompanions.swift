import IOLinkCore

/// A stream in memory whose companions are kept in memory too.
final class MemoryStreamWithCompanions: StreamAccess {
  let memory = MemoryStream()
  private let files: Files

  private final class Files: CompanionTarget {
    let name: String
    let streams = Guarded<[String: MemoryStream]>([:])
    init(_ name: String) { self.name = name }
    func stream(withExtension fileExtension: String) throws(IOLinkError) -> any StreamAccess {
      let stream = MemoryStream()
      streams.withLock { $0[fileExtension] = stream }
      return stream
    }
  }

  init(_ name: String) { files = Files(name) }

  var companions: (any CompanionTarget)? { files }
  var capabilities: StreamCapabilities { memory.capabilities }
  var position: Int { memory.position }
  var byteCount: Int? { memory.byteCount }
  func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int { try memory.read(into: &bytes) }
  func write(_ bytes: RawSpan) throws(IOLinkError) { try memory.write(bytes) }
  func seek(to position: Int) throws(IOLinkError) { try memory.seek(to: position) }
  func truncate(to byteCount: Int) throws(IOLinkError) { try memory.truncate(to: byteCount) }

  func text(_ fileExtension: String) -> String? {
    files.streams.withLock { $0[fileExtension] }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// The file, beside which its companions are.
  var source: DataSource {
    struct Siblings: SiblingProvider {
      let name: String
      let text: String
      func sibling(named name: String) throws(IOLinkError) -> DataSource {
        guard name == self.name else { throw IOLinkError(.notFound, "\(name) does not exist") }
        return DataSource(MemoryRandomAccess(Array(text.utf8)), name: name)
      }
    }
    let end = files.name.split(separator: ".").last.map { $0.utf8.count } ?? 0
    let siblings = Siblings(name: files.name.dropLast(end) + "xml", text: text("xml") ?? "")
    return DataSource(MemoryRandomAccess(memory.bytes), name: files.name, siblings: siblings)
  }
}
