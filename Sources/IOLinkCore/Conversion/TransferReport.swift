/// The result of writing an image.
public struct TransferReport: Hashable, Sendable {
  /// The axes, calibration and metadata of the image that the format could not keep; and the parts of the image that ``Salvage`` filled.
  public var lost: [LostItem]
  /// The uncompressed bytes of all pixels.
  public var pixelByteCount: Int
  /// How the pixels went from the image to the target; `nil` for an image that was written region by region.
  public var course: TransferCourse?
}

/// How the pixels of an image went to a target.
public struct TransferCourse: Hashable, Sendable {
  /// The way that was chosen.
  public let plan: Plan
  /// How often a stored chunk of the image was decoded on average: 1 where each was decoded once. `nil` where the image has no chunks
  /// that must be decoded, or too many to count.
  public let decodesPerChunk: Double?
  /// How many chunks were copied as they are stored, without being decoded and encoded again.
  public internal(set) var copiedChunks = 0

  /// The ways from an image to a target.
  public enum Plan: String, Hashable, Sendable {
    /// All pixels were copied from file to file as they are stored.
    case copied
    /// The pixels were written from the memory of the image.
    case memory
    /// The image was read in slabs, each of which holds whole chunks of the target and of the image.
    case slabs
    /// The image was read in slabs that divide its chunks, because the memory budget is too small for whole ones and the runtime
    /// lacks temporary storage, or other chunks were copied. A chunk is decoded once for each slab that it is in.
    case dividedSlabs
    /// The image was read by its own chunks, and its elements were brought into the order of the target in a temporary file.
    case temporaryFile
  }
}
