internal import IOLinkCore

extension TIFFSeries {
  /// Returns the images that an OME-XML document describes.
  ///
  /// - Parameter files: The files that hold the planes.
  /// - Throws: If no image can be read, the error of the first one.
  static func ome(_ content: OMEContent, in files: OMEFileSet, limits: ReadLimits) throws(IOLinkError) -> [TIFFSeries] {
    let images = content.images
    let stated = images.compactMap { $0.note?.name ?? $0.name }
    let areUnique = stated.count == images.count && Set(stated).count == stated.count
    let names = areUnique ? stated : images.enumerated().map { $1.identifier.isEmpty ? "Image:\($0)" : $1.identifier }.unique
    var files = files
    var series: [TIFFSeries] = []
    for (name, image) in zip(names, images) {
      do throws(IOLinkError) { series.append(try ome(image, name: name, in: &files, limits: limits)) } catch {
        series.append(TIFFSeries(name: name, failure: error))
      }
    }
    if series.allSatisfy({ $0.failure != nil }), let failure = series.first?.failure { throw failure }
    return series
  }

  private static func ome(
    _ image: OMEImage, name: String, in files: inout OMEFileSet, limits: ReadLimits
  ) throws(IOLinkError) -> TIFFSeries {
    if files.isEmpty, image.blocks.isEmpty, image.hasBinaryData {
      throw .tiff(.unsupported, "the pixels are in the OME-XML itself (BinData), which is not supported")
    }
    let blocks = image.blocks.isEmpty ? [OMEImage.Block()] : image.blocks
    // How many channels a page holds as samples is only known once its first page is.
    let samples = files.samplesPerPixel(of: blocks)
    let fits = (image.sizes[.channel] ?? 1) % samples == 0
    var planes = try OMEPlanes(image, samplesPerPixel: fits ? samples : 1, limits: limits)
    for block in blocks {
      switch try files.pages(of: block) {
      case .success(let pages): try planes.place(block, pages)
      case .failure(let error): try planes.miss(block, error)
      }
    }
    planes.dropMissing()
    return try planes.series(image, name: name)
  }
}

/// The planes of an OME image along Z, C and T and the axes inside these, each with its page.
struct OMEPlanes {
  /// Z, C and T, and the numbers of planes along them according to the document, fastest first.
  let order: [AxisRole]
  private let extents: [Int]
  /// The roles of the axes, fastest first: Z, C and T, each after the axis that it holds.
  private(set) var roles: [AxisRole] = []
  private(set) var lengths: [Int] = []
  /// The axes inside Z, C and T.
  private(set) var inner: [AxisRole: OMEModulo] = [:]
  private var pages: [TIFFPage] = []
  private var planes: [TIFFPlane]
  private var remarks: [String] = []
  private let samplesPerPixel: Int
  /// The indices along each axis of the document that the image has, once it was reduced to the existing planes.
  private(set) var kept: [AxisRole: [Int]] = [:]
  private let limits: ReadLimits
  /// How often a block said where a plane is.
  private var placed = 0

  init(_ image: OMEImage, samplesPerPixel: Int, limits: ReadLimits) throws(IOLinkError) {
    order = image.planeOrder
    extents = order.map { role in
      let length = image.sizes[role] ?? 1
      return role == .channel ? max(1, length / samplesPerPixel) : length
    }
    let count = try AxisVector(extents).elementCount()
    try limits.check(count, atMost: \.imageCount, "planes of an OME image")
    planes = Array(repeating: .blank, count: count)
    self.samplesPerPixel = samplesPerPixel
    self.limits = limits
    for (role, length) in zip(order, extents) { addAxes(role, length, image.modulo[role]) }
  }

  /// Adds Z, C or T, and before it the axis inside it.
  private mutating func addAxes(_ role: AxisRole, _ length: Int, _ modulo: OMEModulo?) {
    guard let modulo, modulo.axis.length > 1 else {
      roles.append(role)
      lengths.append(length)
      return
    }
    guard length % modulo.axis.length == 0, role != .channel || samplesPerPixel == 1 else {
      let axis = modulo.axis
      remarks.append("the axis \(axis.role) has \(axis.length) positions, which do not fit the \(length) planes along \(role)")
      return addAxes(role, length, nil)
    }
    inner[role] = modulo
    roles += [modulo.axis.role, role]
    lengths += [modulo.axis.length, length / modulo.axis.length]
  }

  /// Returns the index of the block's first plane; `nil` when it is outside the image.
  private func number(_ block: OMEImage.Block) -> Int? {
    let first: [AxisRole: Int] = [
      .slice: block.firstZ, .channel: block.firstC / samplesPerPixel, .sequence: block.firstT,
    ]
    var number = 0
    for axis in order.indices.reversed() {
      let position = first[order[axis]] ?? 0
      guard position >= 0, position < extents[axis] else { return nil }
      number = number * extents[axis] + position
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
        miss(first + index, .tiff(.notFound, "the plane is on page \(directory), but the file has \(available.count) pages"))
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

  /// Marks the planes of a block as missing.
  mutating func miss(_ block: OMEImage.Block, _ error: IOLinkError) throws(IOLinkError) {
    guard let first = number(block) else { return }
    for index in 0..<(try count(block, first)) { miss(first + index, error) }
  }

  /// Marks a plane as missing, unless another block has it: blocks without a count reach to the end of the image.
  private mutating func miss(_ number: Int, _ error: IOLinkError) {
    if case .page = planes[number] { return }
    planes[number] = .missing(error)
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
    let reasons = planes.lazy.compactMap { plane -> String? in if case .missing(let error) = plane { error.reason } else { nil } }
    remarks.append(
      "\(present) of \(planes.count) planes are there" + (fits ? ", and the image consists of these" : "")
        + (reasons.first.map { " (\($0))" } ?? ""))
    guard fits else { return }
    planes = planes.indices.filter { !isMissing[$0] }.map { planes[$0] }
    lengths = kept.map { $0.count { $0 } }
    for (role, kept) in zip(roles, kept) { self.kept[role] = kept.indices.filter { kept[$0] } }
  }

  /// Returns the index in the image of an index along an axis of the document; `nil` when the image does not have it. All positions along an
  /// axis inside that one have the same index.
  func position(of index: Int, along role: AxisRole) -> Int? {
    guard let modulo = inner[role]?.axis else { return place(of: index, along: role) }
    return place(of: index % modulo.length, along: modulo.role) == nil ? nil : place(of: index / modulo.length, along: role)
  }

  private func place(of index: Int, along role: AxisRole) -> Int? {
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

  func series(_ image: OMEImage, name: String) throws(IOLinkError) -> TIFFSeries {
    guard !pages.isEmpty else {
      if case .missing(let error)? = planes.first { throw error }
      throw .tiff(.malformed, "an OME image has no planes")
    }
    var series = TIFFSeries(name: name, pages: pages, along: .slice)
    series.planes = planes
    series.note = image.note
    series.isDescribed = true
    series.pageAxes = pageAxes(image)
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

  /// Returns the axes of the planes, slowest first, without those of one plane that the document has in any case.
  private func pageAxes(_ image: OMEImage) -> [Axis] {
    let noted = image.note.map { Set($0.axes.map(\.role)) }
    return zip(roles, lengths).reversed().compactMap { role, length in
      guard length > 1 || noted?.contains(role) == true else { return nil }
      var axis = Axis(role, length: length)
      if let modulo = inner.values.first(where: { $0.axis.role == role }) {
        axis.calibration = modulo.axis.calibration
      } else if let scale = image.calibration[role] {
        axis.calibration = Calibration(spacing: scale.spacing, origin: scale.origin, unit: scale.unit)
      }
      guard let kept = kept[role], let first = kept.first, let spacing = axis.spacing else { return axis }
      // The positions that are there may begin anywhere, and need not be evenly spaced.
      let step = kept.count > 1 ? kept[1] - first : 1
      let isEven = kept.indices.allSatisfy { kept[$0] == first + $0 * step }
      if first > 0 { axis.origin = (axis.origin ?? 0) + Double(first) * spacing }
      axis.spacing = isEven ? spacing * Double(step) : nil
      if !isEven { axis.origin = nil }
      return axis
    }
  }
}
