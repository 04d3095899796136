internal import IOLinkCore
internal import IOLinkXML

extension OMEPlanes {
  /// Returns what the document says about the image, its channels, its planes and the positions along axes inside Z, C and T.
  func metadata(_ image: OMEImage) -> MetadataNode {
    var node = MetadataNode()
    if let title = image.name { node[MetadataKey.title.path] = .text(title) }
    if let text = image.description, !text.isEmpty { node[MetadataKey.description.path] = .text(text) }
    if let date = image.acquisitionDate, !date.isEmpty { node[MetadataKey.acquisitionDate.path] = .text(date) }
    addChannels(image, to: &node)
    addPlanes(image, to: &node)
    for role in order {
      guard let modulo = inner[role], !modulo.labels.isEmpty else { continue }
      let name = modulo.axis.role
      node["/labels/\(name.name)"] = .texts(kept[name].map { $0.map { modulo.labels[$0] } } ?? modulo.labels)
    }
    return node
  }

  /// What only some of the Channel elements of a channel say is about positions along the axis inside C, and is left out.
  private func addChannels(_ image: OMEImage, to node: inout MetadataNode) {
    var channels: [Int: (metadata: MetadataNode, rest: String?)] = [:]
    for (number, channel) in image.channels.enumerated() {
      guard let index = position(of: number, along: .channel) else { continue }
      let rest = OMERemainder.text(channel.rest, schema: image.schema)
      guard let other = channels[index] else {
        channels[index] = (channel.metadata, rest)
        continue
      }
      channels[index] = (other.metadata.common(with: channel.metadata), other.rest == rest ? rest : nil)
    }
    for (index, channel) in channels.ordered(by: { $0.key < $1.key }) {
      for leaf in channel.metadata.leaves { node["/channels/\(index)\(leaf.path)"] = leaf.value }
      if let text = channel.rest { node["/ome/channels/\(index)"] = .text(text) }
    }
  }

  private func addPlanes(_ image: OMEImage, to node: inout MetadataNode) {
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
  }
}

extension MetadataNode {
  /// Returns the leaves that another node has, too.
  fileprivate func common(with other: MetadataNode) -> MetadataNode {
    var result = MetadataNode()
    for leaf in leaves where other[leaf.path] == leaf.value { result[leaf.path] = leaf.value }
    return result
  }
}
