// docs/log-format.md shows a record byte by byte; this holds it to what the code writes.

#include "engine/log/keys.h"
#include "engine/log/record_codec.h"
#include "engine/log/rows.h"
#include "tests/engine/log/log_fixture.h"

#include <sstream>

namespace cairn {
namespace {

using namespace cairn::testing;  // NOLINT

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr char k_digits[] = "0123456789abcdef";
    out += k_digits[static_cast<unsigned char>(c) >> 4];
    out += k_digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

/// The digits of each ```hex block; what stands behind two blanks is explanation.
std::vector<std::string> hex_blocks(const std::string& text) {
  std::vector<std::string> out;
  bool inside = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = line == "```hex";
      if (inside) out.emplace_back();
      continue;
    }
    if (!inside) continue;
    for (const char c : line.substr(0, line.find("  "))) {
      if (c != ' ') out.back() += c;
    }
  }
  return out;
}

TEST(LogFormatDocument, ShowsTheBytesThatAreWritten) {
  const Value answer = json(R"({"ok":true})");
  Record record{EventSeq{3}, {EffectFinished{EventSeq{2}, answer}, Timestamp{1'700'000'000'000}, 42}, {}};
  record.events = {EffectCompleted{EventSeq{2}, answer}, TaskCompleted{EventSeq{1}, answer, std::nullopt}};
  const auto key = keys::record(*RunId::parse("019a9f3c-6a1e-7003-9c5d-0a1b2c3d4e5f"), EventSeq{3});
  std::string body;
  rows::put_record_head({sha256("the record before"), Lsn{57}, {}}, body);
  encode_record(record, body);
  const auto row = rows::seal(key, body);

  const auto document = read_file(std::string(CAIRN_SOURCE_DIR) + "/docs/log-format.md");
  const auto blocks = hex_blocks(document);
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0], hex(key));
  EXPECT_EQ(blocks[1], hex(row));
  EXPECT_NE(document.find(rows::hash_of(key, row).hex()), std::string::npos);
}

TEST(LogFormatDocument, NamesTheVersionThatIsWritten) {
  const auto document = read_file(std::string(CAIRN_SOURCE_DIR) + "/docs/log-format.md");
  EXPECT_NE(document.find("Format version: " + std::to_string(k_log_format) + "."), std::string::npos);
}

}  // namespace
}  // namespace cairn
