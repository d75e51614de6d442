// Reads records where the kernel's log stands: /dev/kmsg, of which each read gives one record; or, for tests and for
// logs of other hosts, a file or named pipe into which such records were copied (`cat /dev/kmsg >FILE`). Never waits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/descriptor.hpp"

namespace triaged::sources {

class KmsgReader {
 public:
  enum class Outcome {
    record,
    nothing,      // now
    overwritten,  // records are gone that were not read; the next one tells by its number how many
    failed,       // failure() says why
  };

  explicit KmsgReader(std::string path) : path_(std::move(path)) {}

  /// At its first record. False: failure() says why it cannot be read.
  [[nodiscard]] bool open();
  void close();
  [[nodiscard]] bool is_open() const { return file_.is_open(); }
  [[nodiscard]] const std::string& failure() const { return failure_; }

  /// REQUIRES: is_open(). Of a record, record() is it, until the next call.
  [[nodiscard]] Outcome read();
  [[nodiscard]] std::string_view record() const { return record_; }

  /// Readable when read() has something; -1: it must be asked now and then.
  [[nodiscard]] int descriptor() const { return is_device_ ? file_.get() : -1; }
  [[nodiscard]] bool is_device() const { return is_device_; }

 private:
  [[nodiscard]] Outcome read_device();
  [[nodiscard]] Outcome read_copy();
  [[nodiscard]] Outcome fail(int why);

  std::string path_;
  std::string failure_;
  Descriptor file_;
  bool is_device_ = false;
  std::string record_;
  std::string copied_;  // of a copy: read, and not whole records yet
};

}  // namespace triaged::sources
