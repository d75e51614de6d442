// Logs of containers as runtimes write, rotate and remove them. Lines are followed as files are (file_*_test.cpp); here
// is what is about containers.
#include "sources/containers/container_source.hpp"

#include <set>

#include <gmock/gmock.h>

#include "tests/support/followed_folder.hpp"

namespace triaged::sources {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string first_id(64, 'a'), second_id(64, 'b');

/// A host's logs below one folder. Each line comes as "shop/web-7d9f/nginx: text".
class Containers : public FollowedFolder {
 protected:
  Containers() {
    std::filesystem::create_directories(path("containers"));
    make_folder("pods/shop_web-7d9f_0a1b/nginx");
    logs_.globs = {path("containers/*.log"), path("pods/*/*/*.log"), path("docker/*/*-json.log")};
  }

  void make_folder(std::string_view name) const { std::filesystem::create_directories(path(name)); }
  void begin() { source_ = must(follow_containers({logs_}, cursors_now(), now)); }

  std::vector<LineBatch> batches() {
    std::vector<LineBatch> all;
    for (;;) {
      auto batch = source_->next(now);
      if (batch) {
        if (batch->cursor.state.empty()) {
          places_.erase(batch->cursor.stream);
        } else {
          places_[batch->cursor.stream] = batch->cursor.state;
        }
        all.push_back(std::move(*batch));
      } else if (source_->next_deadline() > now) {
        return all;
      }
    }
  }
  Lines named_lines() {
    Lines all;
    for (const auto& batch : batches()) {
      for (const auto& line : batch.lines) all.push_back(batch.source_name + ": " + std::string(batch.text(line)));
    }
    return all;
  }
  Lines named_lines_after(Microseconds duration) {
    wait(duration);
    return named_lines();
  }
  /// What kubelet does: the link is made beside its place and takes it.
  void link(const std::string& target, const std::string& name) const {
    std::filesystem::create_symlink(path(target), path("fresh"));
    rename("fresh", name);
  }

  ContainerLogs logs_;
  std::unique_ptr<Source> source_;
  std::map<std::string, std::string> places_;

 private:
  [[nodiscard]] std::vector<Cursor> cursors_now() const {
    std::vector<Cursor> all;
    for (const auto& [stream, state] : places_) all.push_back({stream, state});
    return all;
  }
};

TEST_F(Containers, SayOfAllLinesOfABatchWhoWroteThem) {
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "1\n2\n");
  begin();
  const auto all = batches();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_THAT(all[0].envelopes, ElementsAre(Envelope{.container = "nginx", .pod = "web-7d9f", .space = "shop"}));
  ASSERT_EQ(all[0].lines.size(), 2u);
  EXPECT_EQ(all[0].envelope(all[0].lines[1]), &all[0].envelopes[0]);
  EXPECT_EQ(all[0].source_name, "shop/web-7d9f/nginx");
  EXPECT_EQ(all[0].cursor.stream, "file:" + path("pods/shop_web-7d9f_0a1b/nginx/0.log"));
  EXPECT_EQ(source_->summary(), "1 logs of containers");
}

TEST_F(Containers, AreReadOnceWhereALinkAndAFolderLeadToTheLog) {
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "1\n");
  link("pods/shop_web-7d9f_0a1b/nginx/0.log", "containers/web-7d9f_shop_nginx-" + first_id + ".log");
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop/web-7d9f/nginx: 1"));
  EXPECT_THAT(source_->take_messages(), IsEmpty());
}

TEST_F(Containers, LoseNothingWhenAPodIsMadeAnewAndItsLinkGoesOn) {
  const auto old_link = "containers/web-7d9f_shop_nginx-" + first_id + ".log";
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "1\n");
  link("pods/shop_web-7d9f_0a1b/nginx/0.log", old_link);
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop/web-7d9f/nginx: 1"));
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "last words\n");
  append("pods/shop_web-7d9f_0a1b/nginx/1.log", "started again\n");
  link("pods/shop_web-7d9f_0a1b/nginx/1.log", "containers/web-7d9f_shop_nginx-" + second_id + ".log");
  remove(old_link);
  EXPECT_THAT(named_lines_after(3s),
              UnorderedElementsAre("shop/web-7d9f/nginx: last words", "shop/web-7d9f/nginx: started again"));
}

TEST_F(Containers, LoseNothingWhenALinkIsSwapped) {
  logs_.globs = {path("containers/*.log")};
  const auto name = "containers/web-7d9f_shop_nginx-" + first_id + ".log";
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "1\n");
  link("pods/shop_web-7d9f_0a1b/nginx/0.log", name);
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop/web-7d9f/nginx: 1"));
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "2\n");
  append("pods/shop_web-7d9f_0a1b/nginx/1.log", "3\n");
  link("pods/shop_web-7d9f_0a1b/nginx/1.log", name);
  EXPECT_THAT(named_lines_after(3s), UnorderedElementsAre("shop/web-7d9f/nginx: 2", "shop/web-7d9f/nginx: 3"));
}

TEST_F(Containers, AreForgottenWithTheirPod) {
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "1\n");
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop/web-7d9f/nginx: 1"));
  EXPECT_EQ(places_.size(), 1u);
  std::filesystem::remove_all(path("pods/shop_web-7d9f_0a1b"));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(named_lines_after(3s), IsEmpty());
  EXPECT_THAT(places_, IsEmpty());
  make_folder("pods/shop_web-8e0a_0a1c/nginx");
  append("pods/shop_web-8e0a_0a1c/nginx/0.log", "of the next one\n");
  EXPECT_THAT(named_lines_after(3s), ElementsAre("shop/web-8e0a/nginx: of the next one"));
}

/// As kubelet rotates: it renames, the runtime opens a new file, and the next rotation compresses.
TEST_F(Containers, LoseNothingWhenKubeletRotates) {
  const std::string log = "pods/shop_web-7d9f_0a1b/nginx/0.log";
  append(log, "1\n");
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop/web-7d9f/nginx: 1"));
  append(log, "2\n");
  rename(log, log + ".20261121-011546");
  append(log, "3\n");
  EXPECT_THAT(named_lines_after(3s), ElementsAre("shop/web-7d9f/nginx: 2", "shop/web-7d9f/nginx: 3"));
  compress(log + ".20261121-011546");
  rename(log, log + ".20261121-021546");
  append(log, "4\n");
  EXPECT_THAT(named_lines_after(3s), ElementsAre("shop/web-7d9f/nginx: 4"));
  EXPECT_THAT(named_lines_after(10s), IsEmpty());
}

TEST_F(Containers, LoseNothingThatKubeletRotatedAndCompressedWhileNobodyRead) {
  const std::string log = "pods/shop_web-7d9f_0a1b/nginx/0.log";
  append(log, "1\n");
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop/web-7d9f/nginx: 1"));
  source_.reset();
  let_clock_tick();
  append(log, "2\n");
  rename(log, log + ".20261121-011546");
  append(log, "3\n");
  compress(log + ".20261121-011546");
  rename(log, log + ".20261121-021546");
  append(log, "4\n");
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop/web-7d9f/nginx: 2", "shop/web-7d9f/nginx: 3", "shop/web-7d9f/nginx: 4"));
}

TEST_F(Containers, AreOnlyThoseThatAreAskedFor) {
  for (const auto* folder : {"pods/shop_db-0_0a1d/db", "pods/kube-system_dns-1_0a1e/nginx", "pods/odd/nginx"}) {
    make_folder(folder);
    append(std::string(folder) + "/0.log", "of others\n");
  }
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "1\n");
  logs_.spaces = {"shop"};
  logs_.containers = {"nginx", "proxy"};
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop/web-7d9f/nginx: 1"));
  append("pods/shop_db-0_0a1d/db/0.log", "of others\n");
  append("pods/shop_web-7d9f_0a1b/nginx/0.log", "2\n");
  EXPECT_THAT(named_lines_after(3s), ElementsAre("shop/web-7d9f/nginx: 2"));
}

TEST_F(Containers, OfDockerAreCalledByTheirName) {
  const auto log = "docker/" + first_id + "/" + first_id + "-json.log";
  make_folder("docker/" + first_id);
  append("docker/" + first_id + "/config.v2.json",
         R"({"Name":"/shop-web-1","Config":{"Labels":{"com.docker.compose.project":"shop"}}})");
  append(log, "1\n");
  begin();
  EXPECT_THAT(named_lines(), ElementsAre("shop-web-1: 1"));
  std::filesystem::rename(path(log), path(log) + ".1");  // docker's max-file
  append(log, "2\n");
  EXPECT_THAT(named_lines_after(3s), ElementsAre("shop-web-1: 2"));
}

TEST_F(Containers, WithoutANameAreCalledByTheirPath) {
  logs_.globs = {path("odd/*.log")};
  make_folder("odd");
  append("odd/a.log", "1\n");
  begin();
  const auto all = batches();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].source_name, path("odd/a.log"));
  EXPECT_THAT(all[0].envelopes, IsEmpty());
}

TEST_F(Containers, MayBeThousands) {
  constexpr int count = 3000;
  for (int i = 0; i < count; ++i) {
    const auto folder = "pods/shop_web-" + std::to_string(i) + "_0a1b/nginx";
    make_folder(folder);
    append(folder + "/0.log", "of " + std::to_string(i) + "\n");
  }
  begin();
  const auto lines = named_lines();
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), static_cast<std::size_t>(count));
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; i += 100) append("pods/shop_web-" + std::to_string(i) + "_0a1b/nginx/0.log", "more\n");
  EXPECT_EQ(named_lines_after(3s).size(), static_cast<std::size_t>(count / 100));
}

}  // namespace
}  // namespace triaged::sources
