#include "daemon/stream_row.hpp"

#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include <zlib.h>

namespace triaged::daemon {

namespace {

// What rows have in common, the commonest last. It is only in memory, so it may change with every version.
constexpr std::string_view usual_words =
    R"({"shown":0,"ends":0,"margin":"","inside":{"last":"gunicorn.error","last":"nginx.error","nginx_suspects":[],)"
    R"("last":"nginx.access","bytes_read":0,"nginx_homes":[[0,4]]}{"files":[{"path":"/var/log/","device":65024,)"
    R"("inode":0,"born":17,"head":"","head_length":1024,"offset":0,"before":"","before_length":256,"head_hashes":"",)"
    R"("modified":17,"followed_from":0,"done":true}],"base":"/var/log/","folder_changed":17)";

// Deflate as it is (no header), with tables that are small enough for texts of some hundred bytes: 4 KiB of window.
constexpr int window = -12, table = 4;

struct Sizes {
  std::uint32_t stream = 0, cursor = 0, reader = 0, packed = 0;
};

const Bytef* dictionary() { return reinterpret_cast<const Bytef*>(usual_words.data()); }

std::string packed(std::string text) {
  z_stream zlib{};
  if (::deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, table, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  ::deflateSetDictionary(&zlib, dictionary(), static_cast<uInt>(usual_words.size()));
  std::string into(::deflateBound(&zlib, text.size()), '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(text.data());
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(into.data());
  zlib.avail_out = static_cast<uInt>(into.size());
  const int end = ::deflate(&zlib, Z_FINISH);
  into.resize(zlib.total_out);
  ::deflateEnd(&zlib);
  if (end != Z_STREAM_END) throw std::logic_error("a row was not packed");
  return into;
}

std::string unpacked(std::string text, std::size_t size) {
  z_stream zlib{};
  if (::inflateInit2(&zlib, window) != Z_OK) throw std::bad_alloc();
  ::inflateSetDictionary(&zlib, dictionary(), static_cast<uInt>(usual_words.size()));
  std::string into(size, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(text.data());
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(into.data());
  zlib.avail_out = static_cast<uInt>(into.size());
  const int end = ::inflate(&zlib, Z_FINISH);
  ::inflateEnd(&zlib);
  if (end != Z_STREAM_END || zlib.total_out != size) throw std::logic_error("a row was not unpacked");
  return into;
}

Sizes sizes_in(const char* bytes) {
  Sizes sizes;
  std::memcpy(&sizes, bytes, sizeof sizes);
  return sizes;
}

}  // namespace

StreamRow::StreamRow(std::string_view stream, const Parts& parts) {
  const auto states = packed(parts.cursor + parts.reader);
  const Sizes sizes{.stream = static_cast<std::uint32_t>(stream.size()),
                    .cursor = static_cast<std::uint32_t>(parts.cursor.size()),
                    .reader = static_cast<std::uint32_t>(parts.reader.size()),
                    .packed = static_cast<std::uint32_t>(states.size())};
  auto bytes = std::make_shared<char[]>(sizeof sizes + stream.size() + states.size());
  std::memcpy(bytes.get(), &sizes, sizeof sizes);
  stream.copy(bytes.get() + sizeof sizes, stream.size());
  states.copy(bytes.get() + sizeof sizes + stream.size(), states.size());
  bytes_ = std::move(bytes);
}

std::string_view StreamRow::whole() const {
  const auto sizes = sizes_in(bytes_.get());
  return {bytes_.get(), sizeof sizes + sizes.stream + sizes.packed};
}

std::string_view StreamRow::stream() const { return whole().substr(sizeof(Sizes), sizes_in(bytes_.get()).stream); }

bool StreamRow::is_empty() const {
  const auto sizes = sizes_in(bytes_.get());
  return sizes.cursor == 0 && sizes.reader == 0;
}

StreamRow::Parts StreamRow::parts() const {
  const auto sizes = sizes_in(bytes_.get());
  const auto both = unpacked(std::string(whole().substr(sizeof sizes + sizes.stream)), sizes.cursor + sizes.reader);
  return {both.substr(0, sizes.cursor), both.substr(sizes.cursor)};
}

}  // namespace triaged::daemon
