// Against certificates that `openssl` makes and whose dates it prints itself.
#include "probes/certificate.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probes/host_files.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temporary_folder.hpp"

namespace triaged::probes {
namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string output;
  std::array<char, 4096> bytes{};
  while (const auto got = std::fread(bytes.data(), 1, bytes.size(), pipe.get())) output.append(bytes.data(), got);
  return output;
}

class CertificateFile : public testing::Test {
 protected:
  /// A new certificate that is valid from now on for so many days.
  std::string made_for(unsigned days) const {
    (void)output_of(
        fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost "
                    "-days {} -keyout {} -out {} 2>/dev/null",
                    days, key_.string(), file_.string()));
    return read(file_);
  }

  /// "2026-11-29 15:37:40Z" as openssl prints "startdate" or "enddate".
  std::string printed(const std::string& date) const {
    const auto line = output_of(fmt::format("openssl x509 -in {} -noout -{} -dateopt iso_8601", file_.string(), date));
    const auto begin = line.find('=') + 1;
    return line.substr(begin, line.find('\n') - begin);
  }

  static std::string read(const std::filesystem::path& file) {
    const auto text = read_host_file(file);
    if (!text) throw std::runtime_error(fmt::format("{} was not made: is openssl installed?", file.string()));
    return text->text;
  }

  void expect_printed_dates(const std::string& pem) const {
    const auto dates = certificate_dates(pem);
    ASSERT_TRUE(dates.has_value());
    EXPECT_EQ(dates->from, parse_rfc3339(printed("startdate")));
    EXPECT_EQ(dates->until, parse_rfc3339(printed("enddate")));
  }

  TemporaryFolder folder_;
  const std::filesystem::path key_ = folder_.path() / "key.pem", file_ = folder_.path() / "certificate.pem";
};

TEST_F(CertificateFile, HasTheDatesThatOpensslPrints) { expect_printed_dates(made_for(90)); }

TEST_F(CertificateFile, MayHaveADateAfter2049WhichIsWrittenInAnotherWay) {
  const auto pem = made_for(365 * 40);
  expect_printed_dates(pem);
  EXPECT_NE(output_of("openssl asn1parse -in " + file_.string()).find("GENERALIZEDTIME"), std::string::npos);
}

TEST_F(CertificateFile, IsTheFirstOfItsFileAndStandsBehindAKeyAsHaproxyWantsIt) {
  const auto pem = made_for(90);
  const auto other = read_host_file(std::filesystem::path(TRIAGED_SOURCE_DIR) / "tests/probes/host/etc/ssl/shop.pem");
  ASSERT_TRUE(other.has_value());
  expect_printed_dates(read(key_) + "a line of somebody's own\n" + pem + other->text);
  expect_printed_dates("-----BEGIN PRIVATE KEY-----\ndamaged\n-----END PRIVATE KEY-----\n" + pem);
}

TEST_F(CertificateFile, WithLinesThatEndAsOnWindowsIsRead) {
  auto pem = made_for(90);
  for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos; at += 2) pem.insert(at, 1, '\r');
  expect_printed_dates(pem);
}

TEST_F(CertificateFile, ThatIsEncryptedIsRefusedAndNobodyIsAskedForAPassphrase) {
  auto pem = made_for(90);
  const auto end_of_head = pem.find('\n') + 1;
  pem.insert(end_of_head, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n");
  EXPECT_FALSE(certificate_dates(pem).has_value());
}

TEST_F(CertificateFile, WithoutACertificateHasNoDates) {
  (void)made_for(90);
  EXPECT_FALSE(certificate_dates(read(key_)).has_value());
  EXPECT_FALSE(certificate_dates("").has_value());
}

}  // namespace
}  // namespace triaged::probes
