internal import IOLinkCore
import Synchronization

extension CodecConformance {
  /// A read that is cancelled where it looks says so; a view that never looks could not be stopped.
  func checkCancellation(_ findings: inout Findings) {
    forEachImage(cacheByteCount: 0, &findings) { (_, subject, image, findings: inout Findings) throws(IOLinkError) in
      guard isSmall(image), image.elementCount > 0 else { return }
      let region = Region(of: image.shape)
      let counter = CheckCounter(limit: .max)
      _ = try image.bytes(of: region, context: OperationContext(cancellation: counter.cancellation))
      let count = counter.count
      // The first look is that of `read` itself, before the codec's code runs.
      findings.expect(count > 1, subject, "reading never looks whether it was cancelled")
      for limit in Set([0, 1, count / 2, count - 1]) {
        let stopping = CheckCounter(limit: limit)
        let code = IOLinkErrorCode { () throws(IOLinkError) in
          _ = try image.bytes(of: region, context: OperationContext(cancellation: stopping.cancellation))
        }
        // Threads may look once more each before they hear of it.
        let late = stopping.count - limit - 1
        findings.expect(
          code == .cancelled, subject, "cancelled at look \(limit) of \(count), reading gives \(code?.rawValue ?? "pixels")")
        findings.expect(late <= 2 * executor.threadCount, subject, "cancelled at look \(limit), reading goes on for \(late) more")
      }
    }
  }

  /// Reading on another thread, waited for without blocking.
  func checkAsynchronous(_ findings: inout Findings) async {
    var images: [(String, any ImageView)] = []
    forEachImage(&findings) { (_, subject, image, _) throws(IOLinkError) in if isSmall(image) { images.append((subject, image)) } }
    for (subject, image) in images {
      do throws(IOLinkError) {
        let region = randomRegion(in: image.shape, &findings.random)
        let expected = try image.bytes(of: region)
        let found = try await executor.perform { context throws(IOLinkError) in try image.bytes(of: region, context: context) }
        findings.expect(found == expected, subject, "region \(region) differs when it is read asynchronously")
        let executor = self.executor
        let cancelled = Task { () -> IOLinkError.Code? in
          unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
          do throws(IOLinkError) {
            _ = try await executor.perform { context throws(IOLinkError) in try image.bytes(of: region, context: context) }
            return nil
          } catch { return error.code }
        }
        let code = await cancelled.value
        findings.expect(code == .cancelled, subject, "a read in a cancelled task gives \(code?.rawValue ?? "pixels")")
      } catch { findings.add(subject, "\(error)") }
    }
  }
}

/// Counts how often an operation checks whether it was cancelled, and cancels it at one of these checks.
private final class CheckCounter: Sendable {
  private let looks = Atomic<Int>(0)
  private let limit: Int

  /// - Parameter limit: The look at which the operation is cancelled, counted from 0, and all behind it.
  init(limit: Int) { self.limit = limit }

  var count: Int { looks.load(ordering: .relaxed) }

  var cancellation: Cancellation {
    Cancellation { self.looks.wrappingAdd(1, ordering: .relaxed).oldValue >= self.limit }
  }
}
