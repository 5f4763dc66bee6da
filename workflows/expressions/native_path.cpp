#include "workflows/expressions/native_path.h"

#include <fmt/format.h>

#include <charconv>

namespace cairn::jq {
namespace {

class PathReader {
 public:
  explicit PathReader(const std::vector<Token>& tokens) : tokens_(tokens) {}

  std::optional<NativePath> read() {
    NativePath path;
    const Token& first = tokens_.front();
    if (first.kind == TokenKind::Variable && name_of(first) != "__loc__") {
      path.variable = name_of(first);
      ++at_;
    } else if (is(0, ".") && (is(1, "[") || tokens_.size() == 1)) {
      ++at_;
    } else if (first.kind != TokenKind::Field && !is(0, ".")) {
      return std::nullopt;
    }
    while (at_ < tokens_.size()) {
      if (!step(path)) return std::nullopt;
    }
    return path;
  }

 private:
  [[nodiscard]] const Token* token(std::size_t ahead) const {
    return at_ + ahead < tokens_.size() ? &tokens_[at_ + ahead] : nullptr;
  }
  [[nodiscard]] bool is(std::size_t ahead, std::string_view symbol) const {
    const Token* t = token(ahead);
    return t != nullptr && t->kind == TokenKind::Symbol && t->text == symbol;
  }
  // A literal that needs no unescaping.
  [[nodiscard]] bool is_plain_string(std::size_t ahead) const {
    const Token* t = token(ahead);
    return t != nullptr && t->kind == TokenKind::String && t->text.find('\\') == std::string_view::npos;
  }
  [[nodiscard]] std::string plain_string(std::size_t ahead) const {
    const std::string_view text = token(ahead)->text;
    return std::string(text.substr(1, text.size() - 2));
  }

  bool step(NativePath& path) {
    if (token(0)->kind == TokenKind::Field) {
      path.steps.emplace_back(std::string(name_of(*token(0))));
      at_ += 1;
      return true;
    }
    if (is(0, ".") && is_plain_string(1)) {
      path.steps.emplace_back(plain_string(1));
      at_ += 2;
      return true;
    }
    if (!is(0, "[")) return false;
    if (is_plain_string(1) && is(2, "]")) {
      path.steps.emplace_back(plain_string(1));
      at_ += 3;
      return true;
    }
    const bool negative = is(1, "-");
    const std::size_t number = negative ? 2 : 1;
    const Token* digits = token(number);
    if (digits == nullptr || digits->kind != TokenKind::Number || digits->text.size() > 9 || !is(number + 1, "]"))
      return false;
    std::int64_t index = 0;
    const char* end = digits->text.data() + digits->text.size();
    if (std::from_chars(digits->text.data(), end, index).ptr != end) return false;
    path.steps.emplace_back(negative ? -index : index);
    at_ += number + 2;
    return true;
  }

  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
};

EvaluationFailed cannot_index(const Value& value, const std::string& name) {
  constexpr std::size_t k_longest_shown = 29;  // libjq leaves longer names out
  if (name.size() > k_longest_shown) return {fmt::format("Cannot index {} with string", value.type_name())};
  return {fmt::format("Cannot index {} with string \"{}\"", value.type_name(), name)};
}

}  // namespace

std::optional<NativePath> as_native_path(const CheckedExpression& expression) {
  return PathReader(expression.scan.tokens).read();
}

Evaluation follow(const NativePath& path, const Value& start) {
  static const Value k_null;
  const Value* at = &start;
  for (const auto& step : path.steps) {
    if (at->is_null()) return Value();
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (!at->is_object()) return cannot_index(*at, *name);
      const Value* member = at->find(*name);
      at = member != nullptr ? member : &k_null;
      continue;
    }
    if (!at->is_array()) return EvaluationFailed{fmt::format("Cannot index {} with number", at->type_name())};
    const Array& items = at->as_array();
    std::int64_t index = std::get<std::int64_t>(step);
    if (index < 0) index += static_cast<std::int64_t>(items.size());
    const bool inside = index >= 0 && index < static_cast<std::int64_t>(items.size());
    at = inside ? &items[static_cast<std::size_t>(index)] : &k_null;
  }
  return *at;
}

}  // namespace cairn::jq
