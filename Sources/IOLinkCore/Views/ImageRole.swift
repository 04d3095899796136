/// What an entry of a file is, compared with the other entries.
public enum ImageRole: String, Hashable, Sendable, CaseIterable {
  /// An image in its own right.
  case image
  /// The elements say which ones of another image are valid.
  case mask
  /// A reduced version of another image.
  case thumbnail
  /// The numbers are places of the elements of other images, such as the coordinates along an axis or their bounds.
  case coordinates
  /// The elements are texts.
  case text
  /// Anything else that describes images and is none: a single number beside arrays, a palette, references, dates, an empty array.
  case other

  /// Whether the entry shows something, as images, masks and thumbnails do.
  public var isPicture: Bool {
    switch self {
    case .image, .mask, .thumbnail: true
    case .coordinates, .text, .other: false
    }
  }
}
