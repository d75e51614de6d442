#include "scan/own_formats.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "topology/read_topology.hpp"

namespace triaged::scan {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class OwnFormats : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
  }
  [[nodiscard]] topology::Topology topology() const {
    std::vector<std::string> troubles;
    return topology::read_topology({.nginx = {folder / "nginx.conf"}, .haproxy = {}}, troubles);
  }

  TemporaryFolder temporary;
  const std::filesystem::path folder = temporary.path();
  const std::string configuration =
      "http { log_format brief '$msec|$remote_addr|$status|$request_time|$upstream_addr';\n"
      "access_log /var/log/nginx/brief.log brief; }\n";
  const std::string lines =
      "1795223746.123|203.0.113.9|502|0.003|127.0.0.1:8003\n1795223747.001|203.0.113.9|200|0.010|127.0.0.1:8001\n";
};

TEST_F(OwnFormats, ReadACopyOfALogThatTheConfigurationNamesElsewhere) {
  write("nginx.conf", configuration);
  EXPECT_THAT(log_formats_for("/var/log/nginx/brief.log", "", topology()), SizeIs(1));
  EXPECT_THAT(log_formats_for("copied/brief.log", lines, topology()), SizeIs(1));
}

TEST_F(OwnFormats, ReadNoLogThatIsOfAnotherForm) {
  write("nginx.conf", configuration);
  EXPECT_THAT(log_formats_for("app.log", "the application starts\nit listens at 8000\n", topology()), IsEmpty());
  EXPECT_THAT(log_formats_for("app.log", "", topology()), IsEmpty());
}

TEST_F(OwnFormats, AreFoundInAConfigurationNearTheLog) {
  write("nginx/nginx.conf", configuration);
  write("nginx/logs/brief.log", lines);
  EXPECT_EQ(nginx_configuration_for(folder / "nginx/brief.log", lines), folder / "nginx/nginx.conf");
  EXPECT_EQ(nginx_configuration_for(folder / "nginx/logs/brief.log", lines), folder / "nginx/nginx.conf");
  EXPECT_EQ(nginx_configuration_for(folder / "nginx/app.log", "the application starts\n"), "");
  EXPECT_EQ(nginx_configuration_for(folder / "elsewhere/brief.log", lines), "");
}

}  // namespace
}  // namespace triaged::scan
