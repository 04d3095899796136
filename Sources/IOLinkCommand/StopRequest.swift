import IOLink

/// How the command ends when the user asks it to stop: at the next check of the cancellation, or soon after the request where one step takes
/// long, such as the compression of a large chunk.
enum StopRequest {
  /// Taken by whoever is ending the command, or must not be ended.
  private static let turn = Guarded(0)
  /// How long a step that has begun may take, in milliseconds.
  private static let patience = 50

  /// Cancels at the first request to stop. What has not stopped soon after that ends with the process, which leaves what a killed one
  /// leaves: the target as it was.
  static func cancels(_ cancellation: Cancellation) {
    Interrupts.onRequestToStop { _ in
      cancellation.cancel()
      MonotonicTime.sleep(milliseconds: patience)
      end {
        let error = IOLinkError(.cancelled, "stopped on request")
        Console.error("iolink: \(error)")
        Interrupts.endProcess(withCode: error.exitCode)
      }
    }
  }

  /// Gives a complete target its name, which no request to stop interrupts.
  static func commit(
    _ target: FileReplacement, _ synchronization: FileReplacement.Synchronization = .whenReplacing
  ) throws(IOLinkError) {
    try turn.withLock { _ throws(IOLinkError) in try target.commit(synchronization) }
  }

  /// Ends the command as `body` does. Whoever calls this later waits for that.
  static func end(_ body: () -> Never) -> Never {
    turn.withLock { _ in body() }
  }
}
