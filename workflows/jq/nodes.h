#pragma once
// Makes the nodes of a program: decides which are direct, computes what is constant.

#include "workflows/jq/code.h"
#include "workflows/jq/problem.h"

#include <optional>
#include <utility>

namespace cairn::jq {

class Nodes {
 public:
  explicit Nodes(ProgramData& program) : program_(program) {}

  /// While this is set, nodes are made for that place of the text: what the prelude says happens where it is called.
  using Site = std::optional<std::uint32_t>;
  Site exchange_site(Site site) { return std::exchange(site_, site); }
  [[nodiscard]] Site site() const { return site_; }

  [[nodiscard]] std::size_t count() const { return program_.nodes.size(); }
  Node* make(Op op, std::uint32_t offset);
  const Node* constant(Value value, std::uint32_t offset);
  /// To be called when the operands of a node are set; gives the node to use, which may be a simpler one.
  Compiled<const Node*> finish(Node* made);

 private:
  const Node* simplify(Node* made);
  const Node* fold(Node* made);

  ProgramData& program_;
  Site site_;
};

/// Whether `node` computes its one value from one value of each operand.
bool computes(const Node& node);

/// Whether update and assign can follow `node` through a value step by step, without a list of paths: fields, elements
/// and conditions, each of which yields places that do not overlap.
bool is_chain(const Node& node);

}  // namespace cairn::jq
