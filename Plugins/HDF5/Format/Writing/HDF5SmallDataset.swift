import IOLinkCore

/// The plan of a small dataset whose elements are known from the beginning: a dimension scale, which says where the elements along dimensions
/// of other datasets lie, or texts.
struct HDF5SmallDataset: Hashable, Sendable {
  /// The path, with the leading slash.
  var path: String
  var content: Content
  var attributes: [HDF5WritePlan.Attribute]
  /// What a program that asks for the name of a scale gets.
  var name: String

  enum Content: Hashable, Sendable {
    /// The coordinates `origin + i × spacing`, as many as the dimensions have elements when the file is finished.
    case even(origin: Double, spacing: Double)
    /// These coordinates.
    case listed([Double])
    /// These texts. One that is not a list has no dimension.
    case texts([String], isList: Bool)
    /// Nothing: the scale only names the dimension, as a dimension of netCDF-4 without a variable does.
    case nothing
  }

  /// The coordinates of this many elements; `nil` where there are none.
  func coordinates(count: Int) -> [Double]? {
    switch content {
    case .even(let origin, let spacing): (0..<count).map { origin + Double($0) * spacing }
    // A dimension that has grown is longer than the list.
    case .listed(let values): values.count == count ? values : nil
    case .nothing, .texts: nil
    }
  }
}

/// A scale to which a dimension is attached.
enum HDF5ScaleReference: Hashable, Sendable {
  /// A small dataset, by number.
  case small(Int)
  /// A dataset with an image, by number.
  case dataset(Int)
}
