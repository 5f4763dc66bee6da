// Any bytes as the payload of a log record: a record or an error; and what is read can be written and read again.

#include "engine/log/record_codec.h"
#include "workflows/core/assert.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = cairn::decode_record({reinterpret_cast<const char*>(data), size});
  if (!record) return 0;
  std::string once;
  cairn::encode_record(record.value(), once);
  const auto again = cairn::decode_record(once);
  CAIRN_ASSERT(again.has_value(), "a record that was read cannot be read again");
  std::string twice;
  cairn::encode_record(again.value(), twice);
  CAIRN_ASSERT(once == twice, "a record changes by being read and written");
  return 0;
}
