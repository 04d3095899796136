import IOLinkCore

extension HDF5NeXus {
  /// Adds what the groups around the dataset say that other formats say too: `title` and `start_time` of the entry, and `count_time` of the
  /// detector to which the dataset belongs.
  ///
  /// Source: NeXus manual, base classes NXentry and NXdetector.
  func addKeys(to tree: inout MetadataNode, _ properties: ImageProperties) {
    var path = group[...]
    if nexusClass(path) == "NXdetector", let exposure = exposure(properties) { tree[MetadataKey.exposureTime.path] = exposure }
    while nexusClass(path) != "NXentry" {
      if path.isEmpty { return }
      path = path.parentPath
    }
    for (key, name) in [(MetadataKey.title, "title"), (.acquisitionDate, "start_time")] where tree[key.path] == nil {
      guard case .metadata(let value)? = file.structure.value(at: "\(path)/\(name)"), let text = value.text, !text.isEmpty else { continue }
      tree[key.path] = .text(text)
    }
  }

  private func nexusClass(_ path: Substring) -> String? {
    file.attributes(ofGroup: path)?.text("NX_class")
  }

  /// Returns the seconds that each plane was exposed, if the detector states one time, one for each frame, or one for each plane.
  private func exposure(_ properties: ImageProperties) -> MetadataValue? {
    guard let (values, unit) = file.coordinates(at: "\(group)/count_time"),
      let seconds = AxisUnit.normalized(unit ?? "s").flatMap(AxisUnit.seconds)
    else { return nil }
    let shape = [AxisRole.sequence, .slice, .channel].map { role in properties.index(of: role).map { properties.shape[$0] } ?? 1 }
    guard let count = try? AxisVector(shape).elementCount(), count > 0, count <= file.context.limits.imageCount,
      [1, shape[0], count].contains(values.count)
    else { return nil }
    return .reals((0..<count).map { values[$0 * values.count / count] / (1 / seconds) }, shape: shape)
  }
}

extension HDF5StructureReader {
  /// Reads a small dataset, such as a single text; `nil` when it is not stored in this file in one piece, or takes more than 64 KiB.
  func value(at path: String) -> HDF5Attribute.Value? {
    guard let dataset = try? dataset(at: path), dataset.filters.isEmpty, let count = try? AxisVector(dataset.shape).elementCount(),
      let size = try? Checked.multiply(count, dataset.datatype.byteCount), size <= 1 << 16
    else { return nil }
    let data: [UInt8]?
    switch dataset.layout {
    case .compact(let bytes): data = bytes.count == size ? bytes : nil
    case .contiguous(let address?): data = try? context.bytes.source.bytes(at: address, count: size)
    case .contiguous, .chunked, .virtual, .external: data = nil
    }
    guard let data else { return nil }
    let message = HDF5AttributeMessage(name: path, dataset.datatype, HDF5Dataspace(lengths: dataset.shape), data)
    var budget = limits.metadataByteCount
    return try? HDF5AttributeValue(message, globalHeap, context.bytes).value(&budget)
  }
}
