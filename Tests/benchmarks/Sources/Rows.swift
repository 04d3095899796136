import Foundation
import IOLink

/// One operation on files, and what the machine needs for the part of it that cannot be left out.
struct Row {
  /// What the limit is, and what does it.
  typealias Limit = (name: String, run: () throws -> Void)

  let name: String
  let limit: Limit
  /// How many times as long as the limit the operation may take; `nil` where the limit is there for orientation.
  var allowed: Double?
  let run: (OperationContext) throws -> Void
}

/// Prints the rows: times on one thread and on two, the part that remains serial by Amdahl's law, and the limit.
///
/// - Parameter filter: Empty, or `file/` and part of a name; otherwise nothing is done, because the files take some time.
func benchmarkRows(_ filter: String) throws {
  let prefix = "file/"
  guard filter.isEmpty || filter.hasPrefix(prefix) else { return }
  let work = try RowFiles()
  defer { work.remove() }
  let titles = ["1 thread", "2 threads", "speed-up", "serial", "limit", "ratio", "at most"]
  print("row, times in ms".padded(to: 40) + titles.map { $0.padded(to: -10) }.joined())
  let wanted = filter.dropFirst(prefix.count)
  for row in try work.rows() where wanted.isEmpty || row.name.contains(wanted) { try row.measure(work) }
}

extension Row {
  /// Prints the medians of three rounds, after one that is not counted. The sides take turns, so that a busy machine slows all of them.
  func measure(_ work: RowFiles) throws {
    let sides =
      [1, 2].map { threads in { try run(OperationContext(threadCap: threads, executor: ThreadPool.shared)) } } + [limit.run]
    var samples = sides.map { _ in [Double]() }
    for _ in 0..<4 {
      for (side, body) in sides.enumerated() {
        work.removeOutput()
        let elapsed = try ContinuousClock().measure(body)
        samples[side].append(Double(elapsed.components.seconds) * 1e3 + Double(elapsed.components.attoseconds) / 1e15)
      }
    }
    let medians = samples.map { $0.dropFirst().sorted()[1] }
    let (speedUp, ratio) = (medians[0] / medians[1], medians[1] / medians[2])
    let columns = [
      medians[0].formatted(digits: 1), medians[1].formatted(digits: 1), speedUp.formatted(digits: 2),
      min(1, max(0, 2 / speedUp - 1)).formatted(digits: 2), medians[2].formatted(digits: 1), ratio.formatted(digits: 2),
      allowed.map { $0.formatted(digits: 2) } ?? "–",
    ]
    print(name.padded(to: 40) + columns.map { $0.padded(to: -10) }.joined() + "  × \(limit.name)")
  }
}
