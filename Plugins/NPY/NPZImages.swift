internal import IOLinkCore

/// The arrays of an archive. Each is opened when it is requested.
final class NPZImages: MultiImageView {
  private let members: [ZIPArchive.Member]
  private let source: any RandomAccess
  private let context: OpenContext
  /// Why members cannot be read, by index.
  private let failures: [Int: IOLinkError]
  private let opened = Guarded<[StoredMember]>([])
  let names: [String]
  /// The members that are not arrays.
  let unlisted: [String]
  var metadata: MetadataNode { MetadataNode() }
  /// The only member that is, or could be, an image. Texts, dates and raw bytes could not.
  let mainIndex: Int?
  /// What texts, dates and raw bytes are.
  let roles: [ImageRole]

  /// - Parameter others: The members that are not arrays, which are only listed.
  /// - Throws: The error of the first member if none can be read.
  init(
    _ arrays: [ZIPArchive.Member], others: [ZIPArchive.Member], source: any RandomAccess, context: OpenContext
  ) throws(IOLinkError) {
    unlisted = others.map(\.name)
    self.source = source
    self.context = context
    members = arrays
    names = arrays.map { String($0.name.dropLast(4)) }.unique
    var failures: [Int: IOLinkError] = [:]
    for (index, member) in arrays.enumerated() {
      do throws(IOLinkError) { _ = try Self.open(member, source, context) } catch { failures[index] = Self.named(error, member) }
    }
    self.failures = failures
    if failures.count == arrays.count, let first = failures[0] { throw first }
    roles = arrays.indices.map { (failures[$0]?.cause as? NPYNoImage)?.role ?? .image }
    let candidates = roles.indices.filter { [roles] in roles[$0] == .image }
    mainIndex = candidates.count == 1 && failures[candidates[0]] == nil ? candidates[0] : nil
  }

  private static func named(_ error: IOLinkError, _ member: ZIPArchive.Member) -> IOLinkError {
    var named = error.located(format: "NPZ")
    named.reason = "member \"\(member.name)\": \(error.reason)"
    return named
  }

  /// A path that begins with a slash, as in formats with folders, names the same array.
  func index(named name: String) throws(IOLinkError) -> Int {
    let places = [name, String(name.drop { $0 == "/" })].compactMap { names.firstIndex(of: $0) }
    if let index = places.first { return index }
    if let index = Int(name), names.indices.contains(index) { return index }
    throw try noImage(named: name)
  }

  func image(at index: Int) throws(IOLinkError) -> any ImageView {
    guard members.indices.contains(index) else {
      throw .npz(.notFound, "member \(index) does not exist, the archive has \(members.count)")
    }
    if let failure = failures[index] { throw failure }
    do throws(IOLinkError) {
      let (image, stored) = try Self.open(members[index], source, context)
      if let stored, context.access == .update { opened.withLock { $0.append(stored) } }
      return image
    } catch { throw Self.named(error, members[index]) }
  }

  private static func open(
    _ member: ZIPArchive.Member, _ source: any RandomAccess, _ context: OpenContext
  ) throws(IOLinkError) -> (image: any ImageView, stored: StoredMember?) {
    guard !member.isEncrypted else { throw .npz(.unsupported, "the member is encrypted", at: member.dataOffset) }
    let end = try Checked.add(member.dataOffset, member.storedByteCount)
    switch member.method {
    case 0:
      let bytes = try StoredMember(member, in: source, access: context.access)
      let header = try NPYHeader(reading: bytes, limits: context.limits)
      let layout = try NPYLayout(header)
      let image = try ContiguousImageView(
        bytes, layout: layout.strided, dataType: layout.dataType, byteOrder: layout.byteOrder,
        properties: layout.properties, runtime: context.runtime, access: context.access, storage: "stored")
      try bytes.watch(pixels: layout.strided.byteRange(of: layout.properties.shape, layout.dataType))
      return (image, bytes)
    case 8:
      let bytes = try SubRange(of: source, member.dataOffset..<end)
      let array = try DeflatedArray(bytes, byteCount: member.byteCount, crc32: member.crc32, limits: context.limits)
      let image = try ChunkedImageView(
        array, properties: array.layout.properties, identity: bytes.identity, image: member.name,
        runtime: context.runtime, storage: "deflate")
      return (image, nil)
    default:
      throw .npz(.unsupported, "the compression method is \(member.method), expected 0 (stored) or 8 (deflate)", at: member.dataOffset)
    }
  }

  /// Brings the checksums of written members up to date, and closes the archive.
  func close() {
    for member in opened.withLock({ $0 }) { member.close() }
    source.close()
  }
}
