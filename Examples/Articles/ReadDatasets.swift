package import IOLink

/// The code of the article *Read datasets as views*.
package enum ReadDatasets {
  package static func region(_ path: String) throws -> (names: [String], block: [Float]) {
    // Quoted: region
    let images = try CodecRegistry.standard.open(path)
    let names = try images.names  // "/a/first" and others
    let volume = try images.image(named: "/a/first")  // 5 columns, 4 rows, 3 slices
    let region = try Region(origin: [1, 0, 2], size: [3, 2, 1])
    let block: [Float] = try volume.read(region)
    // Quoted: end
    return (names, block)
  }

  package static func lazy(_ volume: any ImageView) throws -> [Float] {
    // Quoted: lazy
    let view = try volume.selecting(.slice, 1).flipped(.row).subsampled(by: [2, 1])
    let plane: [Float] = try view.read()  // the only step that reads
    // Quoted: end
    return plane
  }

  package static func reversed(_ volume: any ImageView) throws -> any ImageView {
    // Quoted: stack
    let planes = try (0..<3).reversed().map { try volume.selecting(.slice, $0) }
    let reversed = try planes.stacked(along: .slice)
    // Quoted: end
    return reversed
  }

  package static func sum(_ volume: any ImageView) throws -> Float {
    // Quoted: memory
    let copy = try volume.copyInMemory()
    let sum = try copy.withPixels(as: Float.self) { pixels in
      var sum: Float = 0
      for row in 0..<pixels.shape[1] {
        for column in 0..<pixels.shape[0] { sum += pixels[column, row, 0] }
      }
      return sum
    }
    // Quoted: end
    return sum
  }

  package static func maxima(_ volume: any ImageView) async throws -> [Int: Float] {
    // Quoted: tasks
    let maxima = try await withThrowingTaskGroup(of: (Int, Float).self) { group in
      for slice in 0..<3 {
        group.addTask {
          let plane = try volume.selecting(.slice, slice)
          let values: [Float] = try await plane.read(Region(of: plane.shape))
          return (slice, values.max() ?? 0)
        }
      }
      return try await group.reduce(into: [:]) { maxima, result in maxima[result.0] = result.1 }
    }
    // Quoted: end
    return maxima
  }

  package static func update(_ path: String) throws {
    let registry = CodecRegistry.standard
    // Quoted: update
    let image = try registry.open(path, access: .update).image()
    let corner: [UInt16] = [1, 2]
    try image.write(Region(origin: [0, 0], size: [2, 1]), from: corner)
    // Quoted: end
  }
}
