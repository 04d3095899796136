import IOLinkCore

/// Completes the datasets of a file, and attaches dimensions and scales to each other.
struct HDF5ObjectsWriter: Sendable {
  private let form: HDF5WriteForm
  /// The addresses of the headers of datasets and of small datasets, by number.
  private(set) var datasets: [Int] = []
  private(set) var small: [Int] = []

  init(_ form: HDF5WriteForm) { self.form = form }

  /// Writes the headers of all datasets. A scale comes after the datasets that are attached to it, because it names them, and these learn its
  /// address in the end.
  ///
  /// - Parameter linkCounts: The number of hard links to each dataset.
  mutating func write(
    _ written: inout [HDF5WrittenDataset], _ plans: [HDF5SmallDataset], linkCounts: [Int], to output: inout HDF5Output
  ) throws(IOLinkError) {
    var users: [HDF5ScaleReference: [HDF5DimensionReference]] = [:]
    var places: [HDF5ScaleReference: [Int]] = [:]
    var lengths: [HDF5ScaleReference: Int] = [:]
    datasets = written.map { _ in 0 }
    for index in written.indices.filter({ !written[$0].isScale }) + written.indices.filter({ written[$0].isScale }) {
      datasets[index] = try written[index].finish(users[.dataset(index)] ?? [], linkCount: linkCounts[index], to: &output)
      for (dimension, scale, place) in written[index].scales {
        users[scale, default: []].append(HDF5DimensionReference(dataset: datasets[index], dimension: dimension))
        places[scale, default: []].append(place)
        lengths[scale] = written[index].shape[dimension]
      }
    }
    for (index, plan) in plans.enumerated() {
      let scale = HDF5ScaleReference.small(index)
      small.append(
        try HDF5SmallDatasetWriter(form).write(plan, length: lengths[scale] ?? 0, users[scale] ?? [], to: &output))
    }
    for (scale, places) in places.ordered(by: { ($0.value.first ?? 0) < ($1.value.first ?? 0) }) {
      var reference = HDF5BlockBuilder()
      switch scale {
      case .small(let index): reference.address(small[index])
      case .dataset(let index): reference.address(datasets[index])
      }
      for place in places { try output.put(reference.bytes, at: place) }
    }
  }
}
