package import IOLink

/// The code of the article *Limits, threads and untrusted files*.
package enum LimitsAndThreads {
  package static func careful() -> CodecRegistry {
    // Quoted: limits
    var registry = CodecRegistry.standard
    registry.limits.chunkByteCount = 64 << 20  // one decoded chunk
    registry.limits.metadataByteCount = 1 << 20  // all metadata of a file
    registry.limits.imageCount = 1000  // pages count too
    // Quoted: end
    return registry
  }

  package static func verdict(_ path: String, _ registry: CodecRegistry) -> String {
    // Quoted: errors
    func verdict(on path: String) -> String {
      do throws(IOLinkError) {
        let image = try registry.open(path).image()
        guard try image.shape.byteCount(of: image.dataType) <= 256 << 20 else { return "too large for this service" }
        return "accepted: \(try image.copyInMemory().shape)"
      } catch {
        switch error.code {
        case .limitExceeded: return "too large for this service"
        case _ where error.isAboutContent: return "refused: \(error)"
        default: return "failed: \(error)"  // because of the caller or the system, not the file
        }
      }
    }
    // Quoted: end
    return verdict(on: path)
  }

  package static func siblings(_ path: String) throws -> any MultiImageView {
    // Quoted: siblings
    var registry = CodecRegistry.standard
    registry.permissions = .siblings
    let images = try registry.open(path)
    // Quoted: end
    return images
  }

  package static func small() -> CodecRegistry {
    // Quoted: runtime
    let runtime = Runtime(
      executor: ThreadPool(threadCount: 2), cacheByteCount: 16 << 20, workingMemory: 64 << 20,
      temporaryStorage: TemporaryFiles())
    let registry = CodecRegistry(StandardCodecs.all, runtime: runtime)
    // Quoted: end
    return registry
  }

  package static func stoppable(_ path: String, _ cancellation: Cancellation) throws -> MemoryImageView {
    let registry = CodecRegistry.standard
    // Quoted: cancel
    let context = OperationContext(threadCap: 1, cancellation: cancellation)
    let image = try registry.read(path, context: context)  // stops soon after cancellation.cancel()
    // Quoted: end
    return image
  }
}
