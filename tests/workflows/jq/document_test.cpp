// docs/expressions.md is docs/expressions.in.md with its markers replaced by tables of what the code has. `./dev docs`
// writes it.

#include "tests/workflows/jq/spec.h"
#include "workflows/expressions/evaluation_limits.h"
#include "workflows/jq/builtins.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

namespace cairn::jq {
namespace {

const std::filesystem::path k_docs = std::filesystem::path(CAIRN_SOURCE_DIR) / "docs";

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string title(const Builtin& builtin) { return builtin.name + "/" + std::to_string(builtin.parameters.size()); }

std::map<std::string, Builtin> by_title() {
  std::map<std::string, Builtin> all;
  for (auto& builtin : builtins()) all.emplace(title(builtin), std::move(builtin));
  return all;
}

/// `text` inside a table's cell.
std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string call(const Builtin& builtin) {
  std::string text;
  for (const auto& parameter : builtin.parameters) text += (text.empty() ? "" : "; ") + parameter;
  return text.empty() ? builtin.name : builtin.name + "(" + text + ")";
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string limits_table() {
  const Limits defaults;
  std::string table = "| name | default | at most | counts |\n| --- | --- | --- | --- |\n";
  for (const auto& limit : evaluation_limits()) {
    table += "| `" + std::string(limit.name) + "` | " + grouped(value_of(limit, defaults)) + " | " +
             grouped(limit.ceiling) + " | " + std::string(limit.unit) + " |\n";
  }
  return table;
}

/// The lists of `excluded`, under its headings.
std::string excluded_lists() {
  std::string text;
  const auto lines = spec::lines_of(spec::exclusions_file());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (spec::is_blank(lines[i])) continue;
    if (lines[i].starts_with("# ")) {
      text += "\n" + lines[i].substr(2) + "\n\n";
    } else {
      text += "    " + lines[i].substr(0, lines[i].rfind("  # ")) + "\n";
    }
  }
  return text.substr(1);
}

class Document {
 public:
  std::string make() {
    std::istringstream source(text_of(k_docs / "expressions.in.md"));
    std::string line;
    while (std::getline(source, line)) {
      if (line.starts_with("<!-- functions: ")) {
        functions(line);
        continue;
      }
      in_functions_ = false;
      if (line == "<!-- limits -->") {
        text_ += limits_table();
      } else if (line == "<!-- excluded -->") {
        text_ += excluded_lists();
      } else {
        text_ += line + "\n";
      }
    }
    for (const auto& [name, builtin] : all_) {
      EXPECT_TRUE(shown_.contains(name)) << "docs/expressions.in.md has no place for " << name;
    }
    return text_;
  }

 private:
  /// Markers in a row make one table.
  void functions(const std::string& marker) {
    if (!in_functions_) text_ += "| function | gives |\n| --- | --- |\n";
    in_functions_ = true;
    std::istringstream names(marker.substr(marker.find(':') + 1));
    for (std::string name; names >> name && name != "-->";) {
      EXPECT_TRUE(shown_.insert(name).second) << "docs/expressions.in.md has two places for " << name;
      const auto found = all_.find(name);
      if (found == all_.end()) {
        ADD_FAILURE() << "docs/expressions.in.md has a place for " << name << ", which is no function";
        continue;
      }
      text_ += "| `" + cell(call(found->second)) + "` | " + cell(found->second.documentation) + " |\n";
    }
  }

  const std::map<std::string, Builtin> all_ = by_title();
  std::set<std::string> shown_;
  bool in_functions_ = false;
  std::string text_;
};

TEST(ExpressionsDocument, IsWhatTheTablesGive) {
  const std::string wanted = Document().make();
  const auto file = k_docs / "expressions.md";
  if (std::getenv("CAIRN_WRITE_DOCS") != nullptr) std::ofstream(file) << wanted;
  if (text_of(file) == wanted) return;
  const auto is = spec::lines_of(file);
  std::istringstream lines(wanted);
  std::string line;
  std::size_t at = 0;
  while (std::getline(lines, line) && at < is.size() && is[at] == line) ++at;
  FAIL() << "docs/expressions.md:" << at + 1 << " is not what the code gives: " << line << "\nRun: ./dev docs";
}

TEST(Builtins, AreAllThatAnExpressionFinds) {
  std::vector<std::string> documented;
  for (const auto& builtin : builtins()) documented.push_back(title(builtin));
  Limits limits;
  Budget budget(limits);
  Surroundings surroundings{budget};
  std::vector<std::string> found;
  ASSERT_TRUE(compile("builtins[]").value().evaluate(Value(), {}, surroundings, [&](const Value& name) {
    found.push_back(name.as_string());
    return true;
  }));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  EXPECT_THAT(documented, testing::UnorderedElementsAreArray(found));
}

TEST(Builtins, AreDocumentedInSentences) {
  for (const auto& builtin : builtins()) {
    EXPECT_GE(builtin.documentation.size(), 5u) << title(builtin);
    EXPECT_TRUE(builtin.documentation.ends_with('.')) << title(builtin) << ": " << builtin.documentation;
    for (const auto& parameter : builtin.parameters)
      EXPECT_GT(parameter.size(), parameter.starts_with('$') ? 1u : 0u) << title(builtin);
  }
}

}  // namespace
}  // namespace cairn::jq
