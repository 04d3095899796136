/// A value that copies share until one of them changes.
struct Shared<Value: Sendable>: Sendable {
  private final class Box: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
  }

  private var box: Box

  init(_ value: Value) { box = Box(value) }

  var value: Value { box.value }

  /// Changes this copy of the value.
  mutating func change(_ body: (inout Value) -> Void) {
    var changed = value
    body(&changed)
    box = Box(changed)
  }
}
