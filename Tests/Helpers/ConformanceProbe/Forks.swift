import CForkSupport
import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Synchronization

/// An image of a fixture, and the pixels that were read from it before anything forked.
private struct Original: Sendable {
  let image: any ImageView
  let bytes: [UInt8]

  var isReadAgain: Bool { (try? image.bytes(of: Region(of: image.shape))) == bytes }
}

private let pool = ThreadPool(threadCount: 4)
/// Decoded chunks are not kept, so that every read decodes.
private let runtime = Runtime(executor: pool, cacheByteCount: 0, bytesPerWorker: 1 << 10)
private let originals = Guarded<[Original]>([])
private let conformances = Guarded<[CodecConformance]>([])

/// Opens the fixtures of a format from memory and reads their images, the first two of each file.
private func read(_ conformance: CodecConformance) -> [Original] {
  var found: [Original] = []
  let registry = CodecRegistry([conformance.codec], runtime: runtime)
  for fixture in conformance.fixtures {
    guard case .accept = fixture.expectation,
      let images = try? registry.open(
        DataSource(MemoryRandomAccess(fixture.bytes), name: fixture.name), format: conformance.name, options: fixture.options),
      let count = try? images.count
    else { continue }
    for index in 0..<min(2, count) {
      guard let image = try? images.image(at: index), let bytes = try? image.bytes(of: Region(of: image.shape)) else { continue }
      found.append(Original(image: image, bytes: bytes))
    }
  }
  return found
}

/// `ConformanceProbe forks FORMAT`: forks again and again while other threads read the images of a format.
///
/// Each child reads the images with the views of the parent, and with views that it opens itself.
///
/// - Returns: The number of images; `nil` when a child did not read one of them as the parent had.
func imagesReadInForks(_ conformance: CodecConformance) -> Int? {
  let images = read(conformance)
  originals.withLock { $0 = images }
  conformances.withLock { $0 = [conformance] }
  // The Swift runtime makes the metadata of generic types when they are first needed, under locks that a fork may copy in a held state.
  guard childReadsAll() else { return nil }
  let isOver = Atomic(false)
  let next = Atomic(0)
  let failures = Atomic(0)
  pool.run(workers: 4) {
    guard next.wrappingAdd(1, ordering: .relaxed).oldValue == 0 else {
      while !isOver.load(ordering: .acquiring) {
        for image in images where !image.isReadAgain { failures.wrappingAdd(1, ordering: .relaxed) }
      }
      return
    }
    for _ in 0..<4 where run_in_forked_child({ childReadsAll() ? 16 : 1 }) != 16 { failures.wrappingAdd(1, ordering: .relaxed) }
    isOver.store(true, ordering: .releasing)
  }
  return failures.load(ordering: .relaxed) == 0 ? images.count : nil
}

private func childReadsAll() -> Bool {
  let inherited = originals.withLock { $0 }
  let own = conformances.withLock { $0 }.flatMap(read)
  return !inherited.isEmpty && inherited.allSatisfy(\.isReadAgain) && own.map(\.bytes) == inherited.map(\.bytes)
}
