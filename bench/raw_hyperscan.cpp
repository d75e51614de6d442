#include "raw_hyperscan.hpp"

#include <cstring>
#include <stdexcept>

#include <hs/hs.h>

namespace triaged::bench {

namespace {

struct Free {
  void operator()(hs_database_t* database) const noexcept { hs_free_database(database); }
  void operator()(hs_scratch_t* scratch) const noexcept { hs_free_scratch(scratch); }
  void operator()(hs_compile_error_t* failure) const noexcept { hs_free_compile_error(failure); }
};

int count_match(unsigned, unsigned long long, unsigned long long, unsigned, void* matches) {
  ++*static_cast<std::uint64_t*>(matches);
  return 0;
}

}  // namespace

struct RawHyperscan::Handles {
  std::unique_ptr<hs_database_t, Free> database;
  std::unique_ptr<hs_scratch_t, Free> scratch;
};

RawHyperscan::RawHyperscan(const std::vector<std::string>& patterns) : handles_(std::make_unique<Handles>()) {
  std::vector<const char*> texts;
  std::vector<unsigned> ids;
  for (const auto& pattern : patterns) {
    ids.push_back(static_cast<unsigned>(texts.size()));
    texts.push_back(pattern.c_str());
  }
  const std::vector<unsigned> flags(texts.size(), HS_FLAG_SINGLEMATCH);
  hs_database_t* database = nullptr;
  hs_compile_error_t* failure = nullptr;
  hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr,
                   &database, &failure);
  handles_->database.reset(database);
  const std::unique_ptr<hs_compile_error_t, Free> owned(failure);
  if (database == nullptr) throw std::runtime_error(std::string("Hyperscan: ") + owned->message);
  hs_scratch_t* scratch = nullptr;
  if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) throw std::bad_alloc();
  handles_->scratch.reset(scratch);
}

RawHyperscan::~RawHyperscan() = default;

std::uint64_t RawHyperscan::count_matching_lines(std::string_view text) const {
  std::uint64_t lines = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const char* const stop = newline == nullptr ? end : newline;
    std::uint64_t matches = 0;
    hs_scan(handles_->database.get(), at, static_cast<unsigned>(stop - at), 0, handles_->scratch.get(), count_match,
            &matches);
    lines += matches != 0 ? 1 : 0;
    at = stop + 1;
  }
  return lines;
}

}  // namespace triaged::bench
