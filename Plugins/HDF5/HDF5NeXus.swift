import IOLinkCore

/// The axes that NeXus attributes give to the signal of a group of data.
///
/// Source: NeXus manual, base class NXdata, with `axes` and `AXISNAME_indices` of the group; before 2014 `axes` of the signal, or `axis`
/// and `primary` of each dataset of coordinates.
struct HDF5NeXus {
  private let dataset: HDF5Dataset
  private let attributes: HDF5Attributes
  let file: HDF5Objects
  /// The path of the group that holds the dataset; empty for the root.
  let group: String

  init(_ dataset: HDF5Dataset, _ attributes: HDF5Attributes, in file: HDF5Objects) {
    self.dataset = dataset
    self.attributes = attributes
    self.file = file
    group = String(dataset.path.parentPath)
  }

  /// Names and calibrates the dimensions. Coordinates name a dimension only if there is one for each element, or for each edge.
  func read(into axes: inout HDF5Axes) {
    let stated = statedAxes(rank: axes.lengths.count)
    guard !stated.isEmpty else { return }
    var labels = [String?](repeating: nil, count: axes.lengths.count)
    for (dimension, name) in stated where labels.indices.contains(dimension) {
      let path = "\(group)/\(name)"
      if let (values, unit) = file.coordinates(at: path) {
        guard values.count == axes.lengths[dimension] || values.count == axes.lengths[dimension] + 1 else { continue }
        axes.calibrate(dimension, coordinates: values, unit: unit)
      } else if (try? file.structure.address(of: path)) != nil {
        continue  // Coordinates of several dimensions, or texts, do not describe this one alone.
      }
      if labels[dimension] == nil { labels[dimension] = name }
    }
    axes.label(labels)
  }

  /// Returns the dimension and the name of each axis.
  private func statedAxes(rank: Int) -> [(dimension: Int, name: String)] {
    if attributes.integer("signal") != nil || attributes.text("signal") != nil {
      guard let list = attributes.texts("axes") else { return markedAxes() }
      let names = list.count == 1 ? list[0].split { ":,[] ".contains($0) }.map(String.init) : list
      return names.count <= rank ? Array(names.enumerated()).map { ($0.offset, $0.element) } : []
    }
    guard let parent = file.attributes(ofGroup: group[...]), let signal = parent.text("signal"),
      signal == dataset.path.dropFirst(group.count + 1), let names = parent.texts("axes")
    else { return [] }
    return names.enumerated().compactMap { position, name in
      guard name != ".", let indices = parent.integers("\(name)_indices") else { return name == "." ? nil : (position, name) }
      return indices.count == 1 ? (indices[0], name) : nil
    }
  }

  /// Returns the axes of datasets in the group that state their dimension, counted from 1. Of several for one dimension, the primary one
  /// is taken.
  private func markedAxes() -> [(dimension: Int, name: String)] {
    let names = file.members(of: group).values.map { String($0.dropFirst(group.count + 1)) }.sorted()
    let marked = names.compactMap { name -> (dimension: Int, name: String, primary: Int)? in
      guard let attributes = try? HDF5Attributes(file.structure.attributes(at: "\(group)/\(name)")),
        let axis = attributes.integer("axis") ?? attributes.text("axis").flatMap(Int.init), axis > 0
      else { return nil }
      return (axis - 1, name, attributes.integer("primary") ?? attributes.text("primary").flatMap(Int.init) ?? .max)
    }
    return marked.ordered { ($0.dimension, $0.primary) < ($1.dimension, $1.primary) }.map { ($0.dimension, $0.name) }
  }
}
