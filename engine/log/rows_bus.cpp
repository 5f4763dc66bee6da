// The rows of the bus.

#include "engine/log/bytes.h"
#include "engine/log/rows.h"
#include "workflows/value/codec.h"

#include <algorithm>

namespace cairn::rows {
namespace {

template <class Bytes>
void take_into(ByteReader& in, Bytes& out) {
  const auto bytes = in.take(out.bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
}

BusPosition take_position(ByteReader& in) { return BusPosition{in.big_endian<std::uint64_t>()}; }

}  // namespace

std::string encode_bus_event(const Hash256& previous, const BusEvent& event) {
  std::string body(previous.view());
  put_big_endian(body, static_cast<std::uint64_t>(event.at.ms));
  body.append(reinterpret_cast<const char*>(event.emitter.bytes.data()), event.emitter.bytes.size());
  encode_value(event.event, body);
  return body;
}

std::optional<BusEventRow> parse_bus_event(std::string_view body) {
  ByteReader in(body);
  BusEventRow row;
  take_into(in, row.previous);
  row.at.ms = static_cast<std::int64_t>(in.big_endian<std::uint64_t>());
  take_into(in, row.emitter);
  if (!in.ok()) return std::nullopt;
  row.event = in.rest();
  return row;
}

std::string encode_bus(const BusRow& row) {
  std::string body;
  put_big_endian(body, number_of(row.ends.first));
  body += row.floor.view();
  put_big_endian(body, number_of(row.ends.matched));
  put_big_endian(body, number_of(row.ends.head));
  body += row.chain.view();
  return body;
}

std::optional<BusRow> parse_bus(std::string_view body) {
  ByteReader in(body);
  BusRow row;
  row.ends.first = take_position(in);
  take_into(in, row.floor);
  row.ends.matched = take_position(in);
  row.ends.head = take_position(in);
  take_into(in, row.chain);
  const bool in_order = number_of(row.ends.first) >= 1 && number_of(row.ends.first) <= number_of(row.ends.head) + 1 &&
                        row.ends.matched <= row.ends.head;
  if (!in.at_end() || !in_order) return std::nullopt;
  return row;
}

std::string encode_position(BusPosition position) {
  std::string body;
  put_big_endian(body, number_of(position));
  return body;
}

std::optional<BusPosition> parse_position(std::string_view body) {
  ByteReader in(body);
  const auto position = take_position(in);
  if (!in.at_end()) return std::nullopt;
  return position;
}

std::string encode_listen_shape(const ListenShape& shape) {
  std::string body(shape.definition.view());
  put_big_endian(body, static_cast<std::uint8_t>(shape.keyed));
  for (const auto* field : {&shape.type, &shape.filter}) {
    put_big_endian(body, static_cast<std::uint32_t>(field->size()));
    body += *field;
  }
  return body;
}

std::optional<ListenShape> parse_listen_shape(std::string_view body) {
  ByteReader in(body);
  ListenShape out;
  take_into(in, out.definition);
  out.keyed = in.big_endian<std::uint8_t>() != 0;
  for (auto* field : {&out.type, &out.filter}) *field = in.take(in.big_endian<std::uint32_t>());
  if (!in.at_end()) return std::nullopt;
  return out;
}

}  // namespace cairn::rows
