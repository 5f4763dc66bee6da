#include "engine/log/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

TEST(Crc32c, GivesTheKnownChecksums) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc32c, ExtendsPieceByPiece) {
  const std::string text = "records, chains and checksums";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(extend_crc32c(crc32c(text.substr(0, cut)), text.substr(cut)), crc32c(text));
  }
}

TEST(Crc32c, TheInstructionAndTheTableAgree) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(extend_crc32c(7, bytes), extend_crc32c_portable(7, bytes)) << i;
    bytes += static_cast<char>(i * 37);
  }
}

}  // namespace
}  // namespace cairn
