public import IOLinkCore

/// Reads NumPy's archives of arrays, which are ZIP files of NPY members.
///
/// Source: numpy.savez, numpy.savez_compressed.
public struct NPZCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "NPZ", summary: "NumPy archive of arrays", extensions: ["npz"],
      reads: ["members as named images", "stored members mapped, deflated members read lazily"])
  }

  public func detect(_ probe: Probe) -> Detection {
    guard probe.starts(with: ZIPArchive.localSignature) || probe.starts(with: ZIPArchive.emptySignature) else {
      return .no("the file does not start with a ZIP signature")
    }
    return probe.fileExtension == "npz" ? .yes : .maybe
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    let start = try source.bytes.prefix(4)
    guard start == ZIPArchive.localSignature || start == ZIPArchive.emptySignature else {
      throw .npz(.unrecognized, "the file does not start with a ZIP signature", at: 0)
    }
    let archive = try ZIPArchive(reading: source.bytes, limits: context.limits)
    let arrays = archive.members.filter { $0.name.hasSuffix(".npy") }
    guard !arrays.isEmpty else { throw .npz(.unrecognized, "the archive has no member whose name ends in .npy") }
    return try NPZImages(arrays, source: source.bytes, context: context)
  }
}

/// The arrays of an archive. Each is opened when it is requested.
private struct NPZImages: MultiImageView {
  private let members: [ZIPArchive.Member]
  private let source: any RandomAccess
  private let context: OpenContext
  let names: [String]
  var metadata: MetadataNode { MetadataNode() }
  var mainIndex: Int? { members.count == 1 ? 0 : nil }

  /// Collects the members that can be opened as images.
  ///
  /// Members with unsupported contents (pickled objects, text, records) are left out: fixture `with_pickle_member.npz`.
  ///
  /// - Throws: `unsupported` when all members are left out.
  init(_ arrays: [ZIPArchive.Member], source: any RandomAccess, context: OpenContext) throws(IOLinkError) {
    self.source = source
    self.context = context
    var members: [ZIPArchive.Member] = []
    var refusal: IOLinkError?
    for member in arrays {
      do throws(IOLinkError) {
        _ = try Self.open(member, source, context)
      } catch  where error.code == .unsupported {
        refusal = refusal ?? Self.named(error, member)
        continue
      } catch {
        // A damaged member stays in the list; opening it reports the damage.
      }
      members.append(member)
    }
    if members.isEmpty, let refusal { throw refusal }
    self.members = members
    names = members.map { String($0.name.dropLast(4)) }.unique
  }

  private static func named(_ error: IOLinkError, _ member: ZIPArchive.Member) -> IOLinkError {
    var named = error.located(format: "NPZ")
    named.reason = "member \"\(member.name)\": \(error.reason)"
    return named
  }

  func image(at index: Int) throws(IOLinkError) -> any ImageView {
    guard members.indices.contains(index) else {
      throw .npz(.notFound, "member \(index) does not exist, the archive has \(members.count)")
    }
    let member = members[index]
    do throws(IOLinkError) {
      return try Self.open(member, source, context)
    } catch {
      throw Self.named(error, member)
    }
  }

  private static func open(
    _ member: ZIPArchive.Member, _ source: any RandomAccess, _ context: OpenContext
  ) throws(IOLinkError) -> any ImageView {
    guard !member.isEncrypted else { throw .npz(.unsupported, "the member is encrypted", at: member.dataOffset) }
    let end = try Checked.add(member.dataOffset, member.storedByteCount)
    let bytes = try SubRange(of: source, member.dataOffset..<end)
    switch member.method {
    case 0:
      let header = try NPYHeader(reading: bytes, limits: context.limits)
      let layout = try NPYLayout(header)
      return try ContiguousImageView(
        bytes, layout: layout.strided, dataType: layout.dataType, byteOrder: layout.byteOrder,
        properties: layout.properties, runtime: context.runtime, access: context.access, storage: "stored")
    case 8:
      let array = try DeflatedArray(bytes, byteCount: member.byteCount, crc32: member.crc32, limits: context.limits)
      return try ChunkedImageView(
        array, properties: array.layout.properties, identity: bytes.identity, image: member.name,
        runtime: context.runtime, storage: "deflate")
    default:
      throw .npz(.unsupported, "the compression method is \(member.method), expected 0 (stored) or 8 (deflate)", at: member.dataOffset)
    }
  }

  func close() { source.close() }
}
