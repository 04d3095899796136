import ArgumentParser
import FoundationEssentials
import IOLink

extension Convert {
  /// Writes the chosen images to one file.
  func convertSeveral(
    _ images: any MultiImageView, _ fileByteCount: Int, _ registry: CodecRegistry, _ context: OperationContext
  ) throws {
    let (named, leftOut) = try chosen(of: images, fileByteCount)
    let codec = try outputCodec(registry)
    let surroundings = all ? try images.surroundings : MetadataNode()
    var report = try replacing(output) { stream, progress throws(IOLinkError) in
      try registry.write(
        named, surroundings: surroundings, to: stream, format: codec.descriptor.name, options: KeyValue.parse(outputOptions),
        context: context, progress: progress)
    }
    report.leftOut += leftOut.without(textsIn: surroundings)
    try tell(report, named)
  }

  /// Writes each of the chosen images, or only the main one, to a file of its own.
  func convertToFolder(
    _ images: any MultiImageView, _ fileByteCount: Int, _ registry: CodecRegistry, _ context: OperationContext
  ) throws {
    guard let to else { throw IOLinkError(.invalidArgument, "a folder has no extension; name the format of its files with --to") }
    let codec = try registry.codec(named: to)
    var (named, leftOut) = try chosen(of: images, fileByteCount)
    if !all, source.images.isEmpty { leftOut += try Conversion().leftOut(of: images).filter { $0.path == "/images" } }
    let folder = OutputFolder(output, extension: codec.descriptor.extensions.first ?? "")
    let options = try KeyValue.parse(outputOptions)
    let paths = try folder.paths(named.map(\.name), without: input)
    for image in named {
      // What the format cannot hold is refused before the first file is written.
      do throws(IOLinkError) { try registry.check(image, format: codec.descriptor.name, options: options) } catch {
        throw error.located(image: image.name)
      }
    }
    if all {
      let surroundings = try images.surroundings
      leftOut = leftOut.without(textsIn: surroundings) + surroundings.lost(reason: "each image has a file of its own")
    }
    try folder.make()
    var report = CollectionReport(names: named.map(\.name), images: [], leftOut: leftOut)
    for (path, image) in zip(paths, named) {
      let written = try replacing(path) { stream, progress throws(IOLinkError) in
        do throws(IOLinkError) {
          return try registry.write(image, to: stream, format: codec.descriptor.name, options: options, context: context, progress: progress)
        } catch { throw error.located(image: image.name) }
      }
      report.images.append(written)
    }
    try tell(report, named, paths)
  }

  private func tell(_ report: CollectionReport, _ images: [NamedImage], _ paths: [String] = []) throws {
    if json { return print(try JSONText.encode(CollectionConversionReport(report, images, paths))) }
    tell(report.lost, copiedChunks: report.images.reduce(0) { $0 + ($1.course?.copiedChunks ?? 0) })
  }

  /// The images that the options choose, changed as they say, and the entries that cannot be read.
  private func chosen(of images: any MultiImageView, _ fileByteCount: Int) throws -> (images: [NamedImage], leftOut: [LostItem]) {
    guard source.level == nil else {
      throw IOLinkError(.invalidArgument, "--level chooses a level of one image, but several images are converted")
    }
    let levels = try LevelChoice(KeyValue.parse(outputOptions))
    guard levels != .kept || crop == nil else {
      throw IOLinkError(.invalidArgument, "levels=keep takes the levels of whole images; levels=auto makes those of a part")
    }
    let (found, leftOut) = try Conversion(axes: source.axisNames()).images(of: images, named: names(in: images), levels: levels)
    let changed = try found.map { named in
      do {
        let conversion = try conversion(of: named.image)
        let image = try conversion.apply(to: named.image)
        try checkExpansion(of: image, from: fileByteCount)
        let coarser = try named.levels.map { try conversion.apply(to: $0) }
        return NamedImage(name: named.name, image: image, leftOut: named.leftOut, levels: coarser)
      } catch let error as IOLinkError { throw error.located(image: named.name) }
    }
    return (changed, leftOut)
  }

  /// The names of the images to convert; `nil` for all.
  private func names(in images: any MultiImageView) throws -> [String]? {
    if all { return nil }
    guard source.images.isEmpty else { return source.images }
    guard let main = try images.mainIndex else {
      _ = try images.image()  // says which images there are
      throw IOLinkError(.notFound, "the file holds no image")
    }
    return [try images.names[main]]
  }
}

/// A folder that gets a file for each image.
struct OutputFolder {
  private let path: String
  private let fileExtension: String

  init(_ path: String, extension fileExtension: String) {
    self.path = path.hasSuffix("/") ? path : path + "/"
    self.fileExtension = fileExtension
  }

  /// Makes the folder, unless it exists.
  ///
  /// - Throws: `CannotCreate` when the system refuses.
  func make() throws(CannotCreate) {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      let reason = ((error as? CocoaError)?.underlying as? POSIXError).map { ": \($0.code)" } ?? ""
      throw CannotCreate(cause: IOLinkError(.io, "cannot create the folder \(path)\(reason)"))
    }
  }

  /// Whether a path is that of a folder: its name ends with a slash, or it exists as one.
  static func isMeant(by path: String) -> Bool { path.hasSuffix("/") || path != "-" && exists(path) }

  /// Whether a path is that of an existing folder.
  static func exists(_ path: String) -> Bool {
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    return type == .typeDirectory
  }

  /// The paths of the files for these images. A slash inside a name becomes an underscore.
  ///
  /// - Parameter input: The file that is read, which no image may replace.
  /// - Throws: `invalidArgument` when a name cannot be that of a file, two images would get one file, or one would replace the input.
  func paths(_ names: [String], without input: String) throws(IOLinkError) -> [String] {
    let source = Self.identity(input)
    var used: Set<String> = []
    return try names.map { name throws(IOLinkError) in
      let file = String(name.drop { $0 == "/" }.map { $0 == "/" ? "_" : $0 })
      guard !file.isEmpty, !file.hasPrefix("."), !file.utf8.contains(0), file.utf8.count <= 200 else {
        throw IOLinkError(.invalidArgument, "the name cannot be that of a file").located(image: name)
      }
      let result = path + file + "." + fileExtension
      guard used.insert(result).inserted else {
        throw IOLinkError(.invalidArgument, "another image is written to \(result)").located(image: name)
      }
      guard source == nil || Self.identity(result) != source else {
        throw IOLinkError(.invalidArgument, "its file would replace \(input), which is still read").located(image: name)
      }
      return result
    }
  }

  /// What tells a file from all others, whatever path names it; `nil` where there is none.
  private static func identity(_ path: String) -> String? { (try? FileRandomAccess(path: path))?.identity.name }
}
