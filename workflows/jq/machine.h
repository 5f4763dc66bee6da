#pragma once
// Runs a program on one input. Two halves that share the frames:
//
//   the evaluator (direct*.cpp) computes direct nodes by walking them; no more calls inside one another than the nodes
//   are deep the machine (machine*.cpp) runs code: frames and the points to come back to are on stacks of its own
//
// Slots are written once on the way forward, so coming back to a point needs no copy of them: what was written since is
// written again. The exceptions are the slots of loops (reduce, limit, …), which are meant to survive.

#include "workflows/jq/code.h"
#include "workflows/jq/function_ref.h"
#include "workflows/jq/native.h"

#include <boost/container/small_vector.hpp>

#include <span>
#include <vector>

namespace cairn::jq {

/// Steps of a range: whether `current` is before `upto` (beyond it, when `by` is negative), and the number after it.
bool within(const Value& current, const Value& upto, const Value& by);
Value advanced(const Value& current, const Value& by);

class Machine {
 public:
  Machine(const ProgramData& program, Surroundings& surroundings)
      : program_(program), surroundings_(surroundings), budget_(surroundings.budget) {}

  /// Gives every output to `output`, which may stop it by answering false. The failure is an error nobody caught, or a
  /// limit.
  Answer<void> run(const Value& input, std::span<const Value> variables, FunctionRef<bool(Value)> output);

 private:
  /// Why there is no value.
  enum class Status : std::uint8_t { none, error, exhausted };

  struct Frame {
    const Routine* routine = nullptr;
    std::uint32_t base = 0;      ///< its slots, in slots_
    std::uint32_t closures = 0;  ///< its filters, in closures_
    std::uint32_t parent = 0;    ///< frame of the body around its own
    std::uint32_t caller = 0;
    std::uint32_t return_to = 0;  ///< instruction of the caller
    std::uint32_t result = 0;     ///< slot of the caller
    std::uint32_t points = 0;     ///< how many there were when it began
  };
  struct Closure {
    const Body* body = nullptr;
    std::uint32_t frame = 0;  ///< that it was made in
  };
  /// Somewhere to come back to.
  struct Point {
    enum class Kind : std::uint8_t { fork, alternative, attempt, left, each, range, collect };
    Kind kind = Kind::fork;
    bool paths = false;
    std::uint32_t instruction = 0;
    std::uint32_t frame = 0;
    std::uint32_t frames = 0;    ///< how many there were
    std::uint32_t gathered = 0;  ///< collect: where its items begin
    std::uint32_t index = 0;     ///< each: of the next element; left: of the attempt's point
  };

  // ---- the machine
  Answer<void> loop(FunctionRef<bool(Value)> output);
  /// Runs one instruction; false when there is no way on from it (status_ says why).
  [[nodiscard]] bool step(const Instruction& instruction);
  /// Comes back to the latest point; false when there is none.
  [[nodiscard]] bool go_back();
  /// Hands the error to the innermost handler; false when there is none.
  [[nodiscard]] bool catch_error();
  void resume(const Point& point);
  [[nodiscard]] bool push_point(Point::Kind kind, std::uint32_t index = 0);
  void drop_points(std::size_t height);
  void forget_points(std::size_t height);
  [[nodiscard]] bool push_frame(const Routine& routine, std::uint32_t parent, std::uint32_t result);
  void pop_frames(std::size_t height);
  void enter(std::uint32_t frame);
  [[nodiscard]] std::uint32_t frame_at(std::uint32_t hops) const;
  /// Whether nothing can come back into the current frame.
  [[nodiscard]] bool alone() const { return points_.size() == frames_[current_].points; }

  [[nodiscard]] bool call(const Instruction& i, bool paths, bool is_tail);
  [[nodiscard]] bool call_parameter(const Instruction& i, bool paths, bool is_tail);
  [[nodiscard]] bool give(const Instruction& i, bool paths, FunctionRef<bool(Value)> output, bool& stopped);
  [[nodiscard]] bool begin_each(const Instruction& i, bool paths);
  void set_element(const Instruction& i, std::size_t index, bool paths);
  [[nodiscard]] bool resume_each(Point& point);
  [[nodiscard]] bool begin_range(const Instruction& i);
  [[nodiscard]] bool resume_range(const Point& point);
  [[nodiscard]] bool finish_array(const Point& point);
  [[nodiscard]] bool leave(const Instruction& i);
  [[nodiscard]] bool found(const Instruction& i);
  [[nodiscard]] bool count(const Instruction& i, bool for_skip);
  [[nodiscard]] bool count_down(const Instruction& i);
  [[nodiscard]] bool skip_down(const Instruction& i);
  [[nodiscard]] bool index_path(const Instruction& i);
  [[nodiscard]] bool getpath_path(const Instruction& i);
  [[nodiscard]] bool end_path(const Instruction& i);
  [[nodiscard]] bool set_place(const Instruction& i);
  [[nodiscard]] bool modify_place(const Instruction& i);
  [[nodiscard]] bool remember(std::uint32_t list, const Value& path);
  [[nodiscard]] bool gather(Value item);

  // ---- the evaluator. A pointer given is `&scratch`, or borrowed from the input, a slot or the program; nullptr: no
  // value, status_ says why. `scratch` is never the input.
  const Value* eval(const Node& node, const Value& in, Value& scratch) {
    const Value* value = eval_parts(node, in, scratch);
    if (value == nullptr) locate(node.offset);
    return value;
  }
  const Value* eval_parts(const Node& node, const Value& in, Value& scratch);
  const Value* eval_index(const Node& node, const Value& in, Value& scratch);
  const Value* eval_slice(const Node& node, const Value& in, Value& scratch);
  const Value* eval_list(const Node& node, const Value& in, Value& scratch);
  const Value* eval_object(const Node& node, const Value& in, Value& scratch);
  const Value* eval_text(const Node& node, const Value& in, Value& scratch);
  const Value* eval_format(const Node& node, const Value& in, Value& scratch);
  const Value* eval_arithmetic(const Node& node, const Value& in, Value& scratch);
  const Value* eval_compare(const Node& node, const Value& in, Value& scratch);
  const Value* eval_native(const Node& node, const Value& in, Value& scratch);
  const Value* eval_pipe(const Node& node, const Value& in, Value& scratch);
  const Value* eval_attempt(const Node& node, const Value& in, Value& scratch);
  const Value* eval_bind(const Node& node, const Value& in, Value& scratch);
  const Value* eval_path(const Node& node, const Value& in, Value& scratch);
  const Value* eval_getpath(const Node& node, const Value& in, Value& scratch);
  const Value* eval_collect(const Node& node, const Value& in, Value& scratch);
  const Value* eval_reduce(const Node& node, const Value& in, Value& scratch);
  const Value* eval_one(const Node& node, const Value& in, Value& scratch);
  const Value* eval_raise(const Node& node, const Value& in, Value& scratch);
  [[nodiscard]] bool destructure(const Binding& binding, const Value& value);
  /// The truth of a direct node.
  [[nodiscard]] bool test(const Node& node, const Value& in, bool& truth);
  /// As eval(), into a value of one's own.
  [[nodiscard]] bool evaluate(const Node& node, const Value& in, Value& out);
  /// As evaluate(), where `in` is not needed any more: what changes it may change it in place.
  [[nodiscard]] bool consume(const Node& node, Value in, Value& out) {
    const bool given = consume_parts(node, std::move(in), out);
    if (!given) locate(node.offset);
    return given;
  }
  [[nodiscard]] bool consume_parts(const Node& node, Value in, Value& out);
  Value compute(syntax::Operator op, const Value& a, const Value& b, bool& ok);

  /// A value and where it is in the input of the path expression; a path that is no array: nowhere.
  struct Place {
    Value value;
    Value path;
  };
  [[nodiscard]] bool place(const Node& node, const Place& in, Place& out);
  [[nodiscard]] bool place_of_index(const Node& node, const Place& in, Place& out);
  [[nodiscard]] bool place_at(const Place& from, const Value& key, bool optional, Place& out);
  [[nodiscard]] bool place_at_path(const Place& from, const Value& path, Place& out);
  /// The path of what was computed from `input` at `path`: none. But null, true and false computed from the same count
  /// as that, as in jq: `(.a | null) = 1` sets .a where it is null.
  static Value path_of_computed(const Value& value, const Value& input, const Value& path);

  // ---- the evaluator's loops: each output of a streamed node goes to a sink, until it wants no more
  enum class Flow : std::uint8_t { more, enough, failed };
  using Sink = FunctionRef<Flow(const Value&)>;
  Flow stream(const Node& node, const Value& in, Sink sink) {
    const Flow flow = stream_parts(node, in, sink);
    if (flow == Flow::failed) locate(node.offset);
    return flow;
  }
  Flow stream_parts(const Node& node, const Value& in, Sink sink);
  Flow stream_pipe(std::span<const Node* const> parts, const Value& in, Sink sink);
  Flow stream_elements(const Node& node, const Value& from, Sink sink);
  Flow stream_descent(const Value& value, Sink sink);
  Flow stream_index(const Node& node, const Value& in, Sink sink);
  Flow stream_attempt(const Node& node, const Value& in, Sink sink);
  Flow stream_alternative(const Node& node, const Value& in, Sink sink);
  Flow stream_foreach(const Node& node, const Value& in, Sink sink);
  Flow stream_some(const Node& node, const Value& in, Sink sink);
  Flow stream_range(const Node& node, const Value& in, Sink sink);
  /// What a missing value means to a loop.
  [[nodiscard]] Flow without_value() const { return status_ == Status::none ? Flow::more : Flow::failed; }
  /// How many outputs limit and skip take or leave; false when `wanted` is no such number.
  [[nodiscard]] bool to_count(const Value& wanted, bool for_skip, std::int64_t& count);

  /// What became of a value that an update visits.
  enum class Visit : std::uint8_t {
    kept,       ///< it is there, changed or not
    untouched,  ///< the places lead nowhere: what was not there is not made
    removed,
    failed,
  };
  using Change = FunctionRef<Visit(Value&)>;
  [[nodiscard]] bool update(const Node& node, Value in, Value& out);
  Visit change(const Node& places, Value& value, Change change);
  Visit change_parts(std::span<const Node* const> parts, Value& value, Change change);
  Visit change_at(Value& value, const Value& key, bool optional, Change change);
  Visit change_element(Value& value, std::size_t index, Change change);
  Visit change_member(Value& value, const std::string& name, Change change);
  Visit change_each(const Node& node, Value& value, Change change);
  Visit change_path(Value& value, std::span<const Value> path, Change change);
  Visit change_far(Value& value, std::span<const Value> path, Change change);
  /// Puts a value through `node`, in place where possible.
  Visit apply(const Node& node, Value& value);
  /// Pays for the copy that changing `value` makes when it is shared.
  [[nodiscard]] bool pay_to_own(const Value& value);
  [[nodiscard]] bool consume_sum(const Node& node, Value in, Value& out);
  [[nodiscard]] bool consume_setpath(const Node& node, Value in, Value& out);

  const Value& variable(const Node& node) const {
    const std::uint32_t base = node.hops == 0 ? base_ : frames_[frame_at(node.hops)].base;
    return slots_[base + node.slot];
  }
  Value& slot(std::uint32_t index) { return slots_[base_ + index]; }

  std::nullptr_t no_value() {
    status_ = Status::none;
    return nullptr;
  }
  std::nullptr_t exhausted() {
    status_ = Status::exhausted;
    located_ = false;
    return nullptr;
  }
  std::nullptr_t fail_with(Failure failure);
  /// To be told by every node that fails: the innermost is first, and is where the failure was.
  void locate(std::uint32_t offset) {
    if (status_ == Status::none || located_) return;
    located_ = true;
    offset_ = offset;
  }
  /// How the program ends.
  Failure failure();
  /// Stores what a native answered; false when it failed.
  [[nodiscard]] bool accept(Answer<Value> answer, Value& out);
  /// Refuses what nests too deeply.
  const Value* bounded(Value& made);

  const ProgramData& program_;
  Surroundings& surroundings_;
  Budget& budget_;

  // Small programs live on the stack.
  boost::container::small_vector<Value, 8> slots_;
  boost::container::small_vector<Frame, 1> frames_;
  std::vector<Closure> closures_;
  std::vector<Point> points_;
  std::vector<Value> gathered_;
  std::uint32_t current_ = 0;  ///< frame
  std::uint32_t base_ = 0;     ///< of its slots
  std::uint32_t next_ = 0;     ///< instruction
  const Instruction* code_ = nullptr;
  std::uint64_t outputs_ = 0;
  std::size_t most_slots_ = 0;  ///< that were ever in use: what is paid for
  std::size_t most_closures_ = 0;

  Status status_ = Status::none;
  Value error_;
  bool located_ = false;  ///< of the latest failure: offset_ says where it was
  std::uint32_t offset_ = 0;
};

}  // namespace cairn::jq
