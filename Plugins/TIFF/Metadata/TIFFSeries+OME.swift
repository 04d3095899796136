internal import IOLinkCore

extension TIFFSeries {
  /// Returns the images that an OME-XML document describes.
  ///
  /// - Parameters:
  ///   - pages: The pages of this file.
  ///   - fileName: The name of this file, if it is known.
  ///   - otherFile: Opens a file next to this one and returns its pages; throws if it cannot or must not be opened.
  /// - Throws: `malformed` when the document is damaged; `unsupported` when it has a document type; `limitExceeded` when it exceeds a
  ///   limit. If no image can be read, the error of the first one.
  static func ome(
    _ text: String, _ pages: [TIFFPageResult], _ file: TIFFFile, fileName: String?,
    otherFile: (String) throws(IOLinkError) -> [TIFFPageResult]
  ) throws(IOLinkError) -> [TIFFSeries] {
    let (uuid, images) = try OMEImage.images(text, limits: file.limits)
    guard !images.isEmpty else { throw .tiff(.malformed, "the OME-XML has no images") }
    let stated = images.compactMap(\.name)
    let areUnique = stated.count == images.count && Set(stated).count == stated.count
    let names = areUnique ? stated : images.enumerated().map { $1.identifier.isEmpty ? "Image:\($0)" : $1.identifier }.unique
    var series: [TIFFSeries] = []
    for (index, image) in images.enumerated() {
      let name = names[index]
      do throws(IOLinkError) {
        series.append(try ome(image, name: name, index: index, uuid: uuid, pages, file, ownName: fileName, otherFile: otherFile))
      } catch { series.append(TIFFSeries(name: name, failure: error)) }
    }
    if series.allSatisfy({ $0.failure != nil }), let failure = series[0].failure { throw failure }
    return series
  }

  private static func ome(
    _ image: OMEImage, name: String, index: Int, uuid: String?, _ pages: [TIFFPageResult], _ file: TIFFFile,
    ownName: String?, otherFile: (String) throws(IOLinkError) -> [TIFFPageResult]
  ) throws(IOLinkError) -> TIFFSeries {
    var planes = try OMEPlanes(image, samplesPerPixel: 1, limits: file.limits)
    // How many channels a page holds as samples is only known once its first page is.
    if let first = planes.firstDirectory(image), pages.indices.contains(first), case .success(let page) = pages[first],
      page.format.samplesPerPixel > 1, (image.sizes[.channel] ?? 1) % page.format.samplesPerPixel == 0
    {
      planes = try OMEPlanes(image, samplesPerPixel: page.format.samplesPerPixel, limits: file.limits)
    }
    var others: [String: [TIFFPageResult]] = [:]
    for block in image.blocks.isEmpty ? [OMEImage.Block()] : image.blocks {
      let isOwn = block.uuid == nil || block.uuid == "" || block.uuid == uuid || block.fileName == nil || block.fileName == ownName
      if isOwn {
        try planes.place(block, pages)
        continue
      }
      let fileName = block.fileName ?? ""
      do throws(IOLinkError) {
        if others[fileName] == nil { others[fileName] = try otherFile(fileName) }
        try planes.place(block, others[fileName] ?? [])
      } catch {
        guard error.code == .unsupported || error.code == .notFound || error.code == .invalidArgument else { throw error }
        try planes.miss(block, "the plane is in the file \"\(fileName)\": \(error.reason)")
      }
    }
    planes.dropMissing()
    return try planes.series(image, name: name, index: index, file)
  }
}

/// The planes of an OME image along Z, C and T, each with its page.
private struct OMEPlanes {
  /// The roles of the axes, fastest first.
  private var roles: [AxisRole]
  private var lengths: [Int]
  private var pages: [TIFFPage] = []
  private var planes: [TIFFPlane]
  private var remarks: [String] = []
  private let samplesPerPixel: Int
  /// The indices along each axis of the document that the image has, once it was reduced to the existing planes.
  private var kept: [AxisRole: [Int]] = [:]
  private let limits: ReadLimits
  /// How often a block said where a plane is.
  private var placed = 0

  init(_ image: OMEImage, samplesPerPixel: Int, limits: ReadLimits) throws(IOLinkError) {
    roles = image.planeOrder
    lengths = roles.map { role in
      let length = image.sizes[role] ?? 1
      return role == .channel ? max(1, length / samplesPerPixel) : length
    }
    let count = try AxisVector(lengths).elementCount()
    try limits.check(count, atMost: \.imageCount, "planes of an OME image")
    planes = Array(repeating: .blank, count: count)
    self.samplesPerPixel = samplesPerPixel
    self.limits = limits
  }

  func firstDirectory(_ image: OMEImage) -> Int? {
    guard let block = image.blocks.first(where: { $0.uuid == nil }) ?? image.blocks.first else { return 0 }
    return block.directory ?? 0
  }

  /// Returns the index of the block's first plane; `nil` when it is outside the image.
  private func number(_ block: OMEImage.Block) -> Int? {
    let first: [AxisRole: Int] = [
      .slice: block.firstZ, .channel: block.firstC / samplesPerPixel, .sequence: block.firstT,
    ]
    var number = 0
    for axis in roles.indices.reversed() {
      let position = first[roles[axis]] ?? 0
      guard position >= 0, position < lengths[axis] else { return nil }
      number = number * lengths[axis] + position
    }
    return number
  }

  /// Returns the number of the block's planes.
  ///
  /// - Throws: `limitExceeded` when all blocks together have more planes than the limits allow. Blocks of a valid file do not overlap.
  private mutating func count(_ block: OMEImage.Block, _ first: Int) throws(IOLinkError) -> Int {
    let stated = block.planeCount ?? (block.directory == nil ? planes.count : 1)
    let count = max(0, min(stated == 0 ? planes.count : stated, planes.count - first))
    placed = try Checked.add(placed, count)
    try limits.check(placed, atMost: \.imageCount, "planes of OME TiffData elements")
    return count
  }

  /// Assigns the pages of a block to its planes. Planes whose pages do not exist are marked as missing.
  mutating func place(_ block: OMEImage.Block, _ available: [TIFFPageResult]) throws(IOLinkError) {
    guard let first = number(block) else { return }
    let start = block.directory ?? 0
    guard start >= 0 else { throw .tiff(.malformed, "IFD of OME TiffData is \(start), expected at least 0") }
    for index in 0..<(try count(block, first)) {
      let directory = start.addingReportingOverflow(index).partialValue
      guard available.indices.contains(directory) else {
        planes[first + index] = .missing(
          .tiff(.notFound, "the plane is on page \(directory), but the file has \(available.count) pages"))
        continue
      }
      switch available[directory] {
      case .success(let page):
        planes[first + index] = .page(pages.count)
        pages.append(page)
      case .failure(let unreadable): planes[first + index] = .missing(unreadable.error)
      }
    }
  }

  mutating func miss(_ block: OMEImage.Block, _ reason: String) throws(IOLinkError) {
    guard let first = number(block) else { return }
    for index in 0..<(try count(block, first)) { planes[first + index] = .missing(.tiff(.notFound, reason)) }
  }

  /// Reduces the image to the existing planes if they form a box, such as one channel of a set of files.
  mutating func dropMissing() {
    let isMissing = planes.map { if case .missing = $0 { true } else { false } }
    guard isMissing.contains(true), isMissing.contains(false) else { return }
    var kept = lengths.map { Array(repeating: false, count: $0) }
    for number in planes.indices where !isMissing[number] {
      for (axis, position) in positions(number).enumerated() { kept[axis][position] = true }
    }
    let fits = planes.indices.allSatisfy { number in
      isMissing[number] != positions(number).enumerated().allSatisfy { kept[$0][$1] }
    }
    let present = isMissing.count { !$0 }
    remarks.append("\(present) of \(planes.count) planes are there" + (fits ? ", and the image consists of these" : ""))
    guard fits else { return }
    planes = planes.indices.filter { !isMissing[$0] }.map { planes[$0] }
    lengths = kept.map { $0.count { $0 } }
    for (role, kept) in zip(roles, kept) { self.kept[role] = kept.indices.filter { kept[$0] } }
  }

  /// Returns the index in the image of an index along an axis of the document; `nil` when the image does not have it.
  private func position(of index: Int, along role: AxisRole) -> Int? {
    if let kept = kept[role] { return kept.firstIndex(of: index) }
    let length = roles.firstIndex(of: role).map { lengths[$0] } ?? 1
    return (0..<length).contains(index) ? index : nil
  }

  private func positions(_ number: Int) -> [Int] {
    var rest = number
    return lengths.map { length in
      defer { rest /= length }
      return rest % length
    }
  }

  func series(_ image: OMEImage, name: String, index: Int, _ file: TIFFFile) throws(IOLinkError) -> TIFFSeries {
    guard !pages.isEmpty else {
      if case .missing(let error)? = planes.first { throw error }
      throw .tiff(.malformed, "an OME image has no planes")
    }
    var series = TIFFSeries(name: name, pages: pages, along: .slice)
    series.planes = planes
    series.note = image.note
    series.isDescribed = true
    let noted = image.note.map { Set($0.axes.map(\.role)) }
    series.pageAxes = zip(roles, lengths).reversed().compactMap { role, length in
      guard length > 1 || noted?.contains(role) == true else { return nil }
      let scale = image.calibration[role]
      return Axis(role, length: length, spacing: scale?.spacing, origin: scale?.origin, unit: scale?.unit)
    }
    series.axesAreInferred = false
    series.pageCalibration = image.calibration
    let bits = pages[0].format.bitsPerSample
    if let significant = image.significantBits, significant > 0, significant < bits { series.significantBits = significant }
    series.metadata = metadata(image)
    series.remainder = image.remainder
    series.modelledTags = [.imageDescription]
    series.remarks = remarks
    series.addSubPages()
    return series
  }

  /// Returns what the document says about the image, its channels and its planes.
  private func metadata(_ image: OMEImage) -> MetadataNode {
    var node = MetadataNode()
    if let title = image.name { node[MetadataKey.title.path] = .text(title) }
    if let text = image.description, !text.isEmpty { node[MetadataKey.description.path] = .text(text) }
    if let date = image.acquisitionDate, !date.isEmpty { node[MetadataKey.acquisitionDate.path] = .text(date) }
    for (number, channel) in image.channels.enumerated() {
      guard let index = position(of: number, along: .channel) else { continue }
      for leaf in channel.metadata.leaves { node["/channels/\(index)\(leaf.path)"] = leaf.value }
      if let text = OMERemainder.text(channel.rest, schema: image.schema) { node["/ome/channels/\(index)"] = .text(text) }
    }
    let axes = [AxisRole.sequence, .slice, .channel]
    let sizes = axes.map { role in roles.firstIndex(of: role).map { lengths[$0] } ?? 1 }
    func place(_ indices: [Int]) -> [Int]? {
      let places = zip(indices, axes).compactMap(position)
      return places.count == 3 ? places : nil
    }
    let values = OMEPlaneValues.metadata(image.planes, sizes, position: place)
    if !values.isEmpty { node[child: "planes"] = values }
    var rests = [String](repeating: "", count: sizes.reduce(1, *))
    for plane in image.planes {
      guard !plane.children(named: "AnnotationRef").isEmpty, let place = place(OMEPlaneValues.indices(plane)) else { continue }
      let references = plane.children(named: "AnnotationRef").map { OMERemainder.cleaned($0, prefix: $0.prefix) }
      let rest = XMLElement("Plane", content: references.map { .element($0) })
      rests[(place[0] * sizes[1] + place[1]) * sizes[2] + place[2]] = OMERemainder.text(rest, schema: image.schema) ?? ""
    }
    if rests.contains(where: { !$0.isEmpty }) { node["/ome/planes"] = .texts(rests) }
    return node
  }
}
