internal import IOLinkCore

/// Documents of OME-XML: in a TIFF file, in another one that it names, and in files of their own.
extension TIFFOpening {
  static func isOME(_ description: String) -> Bool {
    description.hasOccurrence(of: "<OME") || description.hasOccurrence(of: ":OME ")
      ? description.suffix(64).hasOccurrence(of: "OME>") : false
  }

  /// Returns the images that the document of a TIFF file describes.
  ///
  /// - Throws: `malformed` when the document has no images, and any error of ``TIFFSeries/ome(_:in:limits:)``.
  func ome(_ content: OMEContent, _ pages: [TIFFPageResult], _ file: TIFFFile) throws(IOLinkError) -> (series: [TIFFSeries], main: Int?) {
    let own = OMEFileSet.Member(uuid: content.uuid, name: source.name, pages: pages)
    guard let name = content.metadataFile else { return try described(content, in: [own]) }
    do throws(IOLinkError) {
      let (whole, holder) = try document(named: name)
      return try described(whole, in: holder.map { [$0, own] } ?? [own])
    } catch {
      guard error.code != .limitExceeded else { throw error }
      // Without the document, the file still has its own pages.
      var (series, main) = Self.plain(pages, file)
      for index in series.indices { series[index].isDescribed = true }
      series[main ?? 0].remarks.append("the metadata are in the file \"\(name)\": \(error.reason)")
      return (series, main)
    }
  }

  /// Returns the images of a document that is a file of its own; `nil` if the file is not OME-XML.
  ///
  /// - Throws: `unsupported` when the caller has not permitted to open the files that it names; `malformed` when it names none;
  ///   `limitExceeded` when it is larger than ``ReadLimits/metadataByteCount``; the error of the first image if none can be read.
  func documentImages() throws(IOLinkError) -> TIFFImages? {
    if case .no = OMEContent.detect(try Probe(source)) { return nil }
    let content = try OMEContent(text(source.bytes), limits: context.limits)
    if let name = content.metadataFile { throw .tiff(.malformed, "the OME-XML only refers to another document, \"\(name)\"") }
    let names = content.images.flatMap(\.blocks).compactMap(\.fileName)
    if let name = names.first, !context.permissions.contains(.siblings) {
      throw .tiff(.unsupported, "the pixels are in other files (\"\(name)\"), and \(Self.notPermitted)")
    }
    let (series, main) = try described(content, in: [])
    let (all, mainIndex) = Self.complete(series, main: main, [], nil)
    return try images(all, main: mainIndex)
  }

  /// - Parameter members: The open TIFF files, the one that holds the document first.
  private func described(
    _ content: OMEContent, in members: [OMEFileSet.Member]
  ) throws(IOLinkError) -> (series: [TIFFSeries], main: Int?) {
    let files = OMEFileSet(members) { name throws(IOLinkError) in try self.pages(in: name) }
    let series = try TIFFSeries.ome(content, in: files, limits: context.limits)
    return (series, series.first?.failure == nil ? 0 : nil)
  }

  /// Returns the document in another file, and that file if it is a TIFF.
  ///
  /// - Throws: `malformed` when the file has no document, or one that refers to another file, as it would in a circle.
  private func document(named name: String) throws(IOLinkError) -> (content: OMEContent, holder: OMEFileSet.Member?) {
    guard name != source.name else { throw .tiff(.malformed, "the file refers to itself") }
    let other = try sibling(named: name)
    let mark = try other.prefix(4)
    var pages: [TIFFPageResult]?
    var text = ""
    if TIFFHeader.kind(unsafe mark.span.bytes) != nil {  // bytes have no padding
      let file = try TIFFFile(other, limits: context.limits)
      var reader = TIFFPageReader(file)
      let chain = try reader.chain()
      pages = chain.pages
      if let first = chain.first { text = try file.text(first, .imageDescription) ?? "" }
    } else {
      text = try self.text(other)
    }
    let content = try OMEContent(text, limits: context.limits)
    if let next = content.metadataFile { throw .tiff(.malformed, "it refers to another file, \"\(next)\"") }
    return (content, pages.map { OMEFileSet.Member(uuid: content.uuid, name: name, pages: $0) })
  }

  private func text(_ bytes: any RandomAccess) throws(IOLinkError) -> String {
    try context.limits.check(bytes.byteCount, atMost: \.metadataByteCount, "bytes of XML")
    return TIFFFile.text(try bytes.bytes(at: 0, count: bytes.byteCount))
  }

  /// Returns the pages of a file next to this one.
  private func pages(in name: String) throws(IOLinkError) -> [TIFFPageResult] {
    var reader = TIFFPageReader(try TIFFFile(sibling(named: name), limits: context.limits))
    return try reader.chain().pages
  }

  /// - Throws: `unsupported` when the caller has not permitted this; any error that ``DataSource/sibling(named:)`` throws.
  private func sibling(named name: String) throws(IOLinkError) -> any RandomAccess {
    guard context.permissions.contains(.siblings) else { throw .tiff(.unsupported, Self.notPermitted) }
    return try siblings.bytes(named: name)
  }

  private static let notPermitted =
    "files next to this one are only opened with the permission of the caller (--allow-siblings, in Python siblings=True)"
}
