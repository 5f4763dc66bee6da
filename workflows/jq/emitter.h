#pragma once
// Nodes → code of one body, for values or for paths.

#include "workflows/jq/nodes.h"

namespace cairn::jq {

class Emitter {
 public:
  /// A routine that is needed besides.
  struct Need {
    Body* body = nullptr;
    bool paths = false;
  };

  Emitter(ProgramData& program, const Body& body, bool paths, std::vector<Need>& needs)
      : program_(program), needs_(needs), next_(body.slots), paths_(paths) {}
  Routine run(const Body& body);

 private:
  using Slot = std::uint32_t;

  /// Code that gives every output of `node` on `in`; each is in the slot returned when what follows runs.
  Slot result(const Node& node, Slot in);
  void into(const Node& node, Slot in, Slot out);
  void into_parts(const Node& node, Slot in, Slot out);
  /// The same for values, whatever this routine is for.
  Slot value(const Node& node, Slot in);
  void value_into(const Node& node, Slot in, Slot out);
  /// Code that gives the outputs of `node` as those of the body.
  void tail(const Node& node, Slot in);

  void construct(const Node& node, Slot in, Slot out);
  /// The next state of a loop from the one in `state`, which is given up as soon as it is not needed any more, so that
  /// what only the loop holds changes in place. `height` is the slot with the height of the points when the state came.
  void next_state(const Node& node, Slot state, Slot out, Slot height);
  void path_step(const Node& node, Slot in, Slot out);
  void comma(const Node& node, Slot in, Slot out);
  void branch(const Node& node, Slot in, Slot out);
  void condition(const Node& node, Slot in, std::size_t& jump);
  void logic(const Node& node, Slot in, Slot out);
  void alternative(const Node& node, Slot in, Slot out);
  void attempt(const Node& node, Slot in, Slot out);
  void update_state(const Node& node, Slot slot);
  void reduce(const Node& node, Slot in, Slot out);
  void foreach (const Node& node, Slot in, Slot out);
  void last(const Node& node, Slot in, Slot out);
  void limit(const Node& node, Slot in, Slot out);
  void range(const Node& node, Slot in, Slot out);
  void collect(const Node& node, Slot in, Slot out);
  void path(const Node& node, Slot in, Slot out);
  void assign(const Node& node, Slot in, Slot out);
  void update(const Node& node, Slot in, Slot out);
  void call(const Node& node, Slot in, Slot out, bool is_tail);
  void tail_alternative(const Node& node, Slot in);
  /// Code that gives (the value, the path) of each place `places` leads to, from the value in `in`; the slot of the
  /// path.
  Slot each_place(const Node& places, Slot in);
  /// Evaluates the operands that cannot stay in a direct node into slots; the node that then can be evaluated directly.
  const Node* lift(const Node& node, Slot in);
  /// Binds what is in `source`; returns the slot of the handler to leave, when there are alternatives.
  std::int64_t bind(const Node& node, Slot source);
  void destructure(const Binding& binding, Slot source);
  void leave(std::int64_t handler);

  Slot fresh() { return next_++; }
  Slot fresh_result() {  // a value, and the slot of its path behind it
    const Slot slot = next_;
    next_ += paths_ ? 2 : 1;
    return slot;
  }
  Slot fresh_pair() {
    const Slot slot = next_;
    next_ += 2;
    return slot;
  }
  std::size_t emit(Code code, Slot a = 0, Slot b = 0, Slot c = 0, const Node* node = nullptr);
  void land(std::size_t jump) { routine_.code[jump].target = here(); }
  [[nodiscard]] std::uint32_t here() const { return static_cast<std::uint32_t>(routine_.code.size()); }
  const Node* slot_node(Slot slot);
  const Node* constant(Value value);

  ProgramData& program_;
  std::vector<Need>& needs_;
  Routine routine_;
  Slot next_;
  std::uint32_t at_ = 0;  ///< offset of the node that code is emitted for
  bool paths_;
};

/// Compiles what `program` needs, beginning with its first body.
void emit_all(ProgramData& program);

}  // namespace cairn::jq
