// The matcher threads of the daemon. A stream always goes to the same thread, so the order of its lines holds.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/bounded_queue.hpp"
#include "daemon/noisy_rules.hpp"
#include "daemon/plain_lines.hpp"
#include "formats/line_reader.hpp"
#include "formats/redaction/redactor.hpp"
#include "matcher/matcher.hpp"
#include "topology/topology.hpp"
#include "values/finding.hpp"
#include "values/line_batch.hpp"
#include "values/saved_state.hpp"

namespace triaged::daemon {

/// What a batch came to: its findings, and how far its stream is done once what came of them is committed.
struct MatchedBatch {
  std::vector<Finding> findings;
  Cursor cursor;
  SavedState reader;     // what the reader remembers of the stream's lines
  bool is_past = false;  // its lines stood there before their log was followed at all
};

/// How the lines of one source are read.
struct ReadingOptions {
  std::optional<formats::Format> format;
  std::optional<std::chrono::seconds> zone_offset;
  formats::LogFormat log_format;  // in which its lines may be written; empty: none was given
  std::string kind = {};          // "file", "journald", …
};

struct Reading {
  std::vector<ReadingOptions> sources;  // by LineBatch::source
  topology::Topology topology;          // knows how the proxies of this host write their logs
  std::shared_ptr<const formats::Redactor> redactor = formats::usual_redactor();
  std::shared_ptr<const std::vector<std::string>> own_programs = {};  // as LineReaderOptions'
};

class MatcherStage {
 public:
  /// Starts `threads` threads. `remembered` is the state of the last run;
  /// the readers' memory is taken back from it. `noisy` and `matched` must outlive the stage.
  MatcherStage(std::size_t threads, const std::shared_ptr<const matcher::SignatureSet>& signatures,
               std::shared_ptr<const Reading> reading, const std::vector<SavedState>& remembered, NoisyRules& noisy,
               BoundedQueue<MatchedBatch>& matched);
  /// Matches what is queued and joins the threads.
  ~MatcherStage();
  MatcherStage(const MatcherStage&) = delete;
  MatcherStage& operator=(const MatcherStage&) = delete;

  /// Never waits. False when the stream's thread has no room now: the file keeps the data, ask again later.
  [[nodiscard]] bool try_push(LineBatch& batch);

  /// Of all threads, since the start. Any thread may ask.
  [[nodiscard]] matcher::DistrustedLines distrusted_lines() const;
  [[nodiscard]] Metric plain_lines() const { return plain_lines_.metric(); }

 private:
  class Lane;
  PlainLines plain_lines_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace triaged::daemon
