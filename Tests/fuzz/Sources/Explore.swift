import IOLinkCore

/// Lists the images, describes the first ones, and reads parts of them and of their pyramids.
func explore(_ images: any MultiImageView) {
  _ = images.metadata.children.count
  attempt { () throws(IOLinkError) in _ = (try images.mainIndex, try images.roles) }
  var names: [String] = []
  attempt { () throws(IOLinkError) in names = try images.names }
  check(Set(names).count == names.count, "the names of images are not unique: \(names)")
  for name in names.prefix(2) { attempt { () throws(IOLinkError) in _ = try images.image(named: name) } }
  for index in 0..<min(6, names.count) {
    attempt { () throws(IOLinkError) in explore(try images.image(at: index)) }
    attempt { () throws(IOLinkError) in
      guard let levels = try images.levels(at: index) else { return }
      for level in 0..<min(3, levels.levelCount) {
        attempt { () throws(IOLinkError) in explore(try levels.level(level)) }
      }
    }
  }
}

private func explore(_ image: any ImageView) {
  _ = (image.metadata.children.count, image.storage, image.capabilities)
  check(image.properties.shape == image.shape, "the shape of the properties differs")
  check(image.chunkShape.map { $0.count == image.rank } ?? true, "the chunks have another rank")
  attempt { () throws(IOLinkError) in
    // A part in the middle, and the last elements.
    let size = AxisVector(image.shape.map { min($0, 3) })
    let middle = try Region(origin: AxisVector(zip(image.shape, size).map { ($0 - $1) / 2 }), size: size)
    let end = try Region(origin: AxisVector(zip(image.shape, size).map { $0 - $1 }), size: size)
    guard try size.byteCount(of: image.dataType) <= 1 << 16 else { return }
    let part = try image.bytes(of: middle)
    _ = try image.bytes(of: end)
    guard let byteCount = try? image.shape.byteCount(of: image.dataType), byteCount <= 1 << 16 else { return }
    let whole = try image.bytes(of: Region(of: image.shape))
    check(part == cut(middle, of: whole, image), "a region differs from the same part of the whole")
  }
}

/// Returns the elements of a region from those of the whole image.
private func cut(_ region: Region, of whole: [UInt8], _ image: any ImageView) -> [UInt8] {
  var part: [UInt8] = []
  guard !region.isEmpty else { return part }
  let width = image.dataType.byteCount
  var position = AxisVector(repeating: 0, count: image.rank)
  while true {
    var element = 0
    for axis in (0..<image.rank).reversed() { element = element * image.shape[axis] + region.origin[axis] + position[axis] }
    part += whole[(element * width)..<((element + 1) * width)]
    guard let axis = (0..<image.rank).first(where: { position[$0] + 1 < region.size[$0] }) else { return part }
    for faster in 0..<axis { position[faster] = 0 }
    position[axis] += 1
  }
}
