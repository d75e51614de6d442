#include "knowledge/ranking/domain_marks.hpp"

#include <algorithm>
#include <utility>

#include <re2/re2.h>
#include <re2/set.h>

namespace triaged::knowledge {

namespace {

struct Mark {
  std::string_view domain;
  const char* pattern;
};

// Texts that a program of the domain writes around every message, not the messages themselves. The more special domain
// stands first: an error of pip is written by Python too.
constexpr Mark marks[] = {
    {"nextjs",
     R"((?i)\bnext\.js\b|\bnextjs\b|\bgetServerSideProps\b|\bgetStaticProps\b|next/(image|router|link|navigation|font|headers)|@next/|next\.config|["']use (?:client|server)["']|\b(Client|Server) Components?\b)"},
    {"react",
     R"(\bReact\b|\bMinified React\b|\buse(State|Effect|Ref|Memo|Callback|Context)\b|\bJSX\b|react-dom|\bHydration failed\b|\bElement type is invalid\b|\b[Hh]ooks? (can|call)|\bfunction component|\.jsx\b)"},
    {"typescript", R"(\bTS\d{4,5}\b|\.tsx?[:(]\d+|\btsc\b|\btsconfig)"},
    {"pip",
     R"(\bpip3?\b|Could not build wheels|\bNo matching distribution found\b|\bsetup\.py\b|\bpyproject\.toml\b|externally-managed-environment|Could not install packages|Could not find a version that satisfies)"},
    {"cuda",
     R"(\bCUDA\b|\bcuda(Error|Malloc|Memcpy)?\b|\bcuDNN\b|\bcuBLAS\b|\bNCCL\b|\bnvcc\b|\bnvidia-smi\b|\bNVML\b)"},
    {"pytorch", R"(\btorch\.|\bPyTorch\b|\btorch\b)"},
    {"tensorflow", R"((?i)\btensorflow\b|\bkeras\b|\btf\.)"},
    {"huggingface", R"((?i)\bhugging ?face\b|\bhuggingface_hub\b|\btransformers\b)"},
    {"opencv", R"((?i)\bopencv\b|\bcv2\b|cv::)"},
    {"kubernetes",
     R"((?i)\bkubectl\b|\bkubernetes\b|\bkubelet\b|\bpods?\b.*\b(node|container|namespace|scheduled)|\b0/\d+ nodes\b|\bcrashloopbackoff\b|\bimagepullbackoff\b|\berrimagepull\b|\bhelm\b|\bk8s\b|\bconfigmaps?\b|\bserviceaccount\b|(?-i:\b(UPGRADE|INSTALLATION) FAILED\b)|\bOOMKilled\b|\bFailed to pull image\b|\bBack-off (pulling|restarting)\b|\bFailed(Scheduling|Mount|CreatePodSandBox)\b|\bError from server \(|\bThe connection to the server \S+ was refused\b|\bPersistentVolumeClaims?\b|\b(Readiness|Liveness) probe\b)"},
    {"docker",
     R"((?i)\bdocker(file|d)?\b|docker[-.](compose|sock)|\bbuildkit\b|\bcontainerd\b|\brunc\b|\bstandard_init_linux\b|Error response from daemon|\bOCI runtime\b|\btoomanyrequests\b|docker\.(com|io)\b|\bmanifest (unknown|for)\b|\bNo such (container|image)\b|\bcontainer name "|process "/bin/sh -c|\bfailed to solve\b|\bbuild context\b)"},
    {"terraform",
     R"((?i)\bterraform\b|\btfstate\b|\bon \S+\.tf line\b|\.tf:|\bstate lock\b|\bregistry\.terraform\b|\bprovider\[)"},
    {"aws",
     R"(\bAWS\b|\baws\b|\bboto(3|core)\b|\barn:aws|\bAmazon(S3|EC2|ECS|RDS)?\b|\bS3\b|\bLambda\b|\bIAM\b|An error occurred \(\w+\) when calling|\bamazonaws\.com\b|\b(ECS|ECR|EC2|EKS|RDS|DynamoDB|CloudFormation|CloudFront)\b|\bCannotPullContainer)"},
    {"git",
     R"(\bgit\b|(?m:^fatal: )|\bfatal: (not a git|refusing|remote|unable|Could not read|Authentication)|\bRPC failed; curl\b|(?m:^hint: )|! \[(rejected|remote rejected)\]|\bmerge conflict\b|CONFLICT \(|\brefs/heads\b|\borigin/\w+|\brebase\b|\bHEAD detached\b)"},
    {"rust",
     R"(\berror\[E\d{4}\]|(?m:^error: [^'"\n]*`[^`\n]+`)|\bE0\d{3}\b|\bcargo\b|\brustc\b|\.rs:\d+|thread '[^']*' panicked|\bborrow(ed)? checker\b)"},
    {"go",
     R"(\bgoroutine \d+|\bpanic: |\.go:\d+|\bgo: |\bgo\.(mod|sum)\b|\bgo (build|run|get|mod|test)\b|all goroutines are asleep)"},
    {"java",
     R"(\bjava\.(lang|util|io|net|sql|time)\b|\bat [\w.$]+\([\w]+\.java:\d+\)|\bException in thread "|\.java:\d+|\bjavax\.|\bjakarta\.|org\.(springframework|hibernate|apache\.maven)|\bJVM\b|\bmvn\b|\bgradle\b)"},
    {"dotnet",
     R"(\bSystem\.\w+Exception\b|\bMicrosoft\.\w+|\bdotnet\b|\bNuGet\b|\bCS\d{4}\b|\bNETSDK\d+\b|\.cs:line \d+|\.csproj\b)"},
    {"php",
     R"((?i)\bphp\b|\.php(:\d+| on line| in )|\bcomposer\b|\blaravel\b|\bSQLSTATE\[|\bFatal error: (Uncaught|Allowed|Maximum)|Undefined (variable|index|array key) )"},
    {"flutter", R"((?i)\bflutter\b|\bdart\b|RenderFlex|\bpubspec\b)"},
    {"android", R"((?i)\bandroid\b|\badb\b|\bgradle\b.*android|\baapt\d?\b|\bdalvik\b)"},
    {"unity", R"(\bUnity(Engine|Editor)?\b|\bGameObject\b)"},
    {"cmake", R"((?i)\bcmake\b|CMakeLists)"},
    {"ros2", R"(\bros2?\b|\brclcpp\b|\brclpy\b|\bcolcon\b|\[rcl)"},
    {"elasticsearch",
     R"((?i)\belastic(search)?\b|\bindex_not_found_exception\b|\bshards?\b.*\bindex|cluster_block_exception)"},
    {"kafka", R"((?i)\bkafka\b|org\.apache\.kafka)"},
    {"mongodb", R"((?i)\bmongo(db|ose|server\w*|error)?\b|\bE11000\b)"},
    {"redis", R"((?i)\bredis\b|\bWRONGTYPE\b|\bMISCONF\b|\bCROSSSLOT\b|\bNOAUTH\b|\bMOVED \d+)"},
    {"database",
     R"((?i)\bpostgres(ql)?\b|\bpsql\b|\bmysql\b|\bmariadb\b|\bsqlite3?\b|\bORA-\d+|\bdeadlock detected\b|\bSQL\b|\brelation "|duplicate key value|\bFATAL:  |ERROR \d{4} \(|\bpg_\w+)"},
    {"grpc", R"((?i)\bgrpc\b|rpc error: code =|StatusCode\.)"},
    {"nginx", R"((?i)\bnginx\b|\[(error|crit|emerg|alert|warn)\] \d+#\d+)"},
    {"llm", R"((?i)\bopenai\b|\banthropic\b|\bllm\b|\blangchain\b|\bcontext length\b|\bgpt-)"},
    {"cicd", R"((?i)\bgithub actions?\b|\bgitlab[- ]ci\b|\bjenkins\b|\bworkflow (file|run)\b|\bactions/\w+|\bci/cd\b)"},
    {"cloud", R"((?i)\bazure\b|\bgcloud\b|\bgoogle cloud\b|\bgcp\b|\bcloudflare\b|\bcloud run\b)"},
    {"node",
     R"(\bnpm\b|\bnode:internal|\bNode\.js\b|\bnode_modules\b|\bERR_[A-Z_]{4,}|\bat (Object|Module|Function)\.|\.(js|mjs|cjs):\d+:\d+|\byarn\b|\bpnpm\b|\bJavaScript heap\b|\bUnhandledPromiseRejection|\bgyp ERR!|\bCannot (read|set|destructure) propert|\bis not a function\b|\b(undefined|null) is not iterable\b|\bnode:[a-z_/]+:\d|\bE(MFILE|NOENT|ACCES|ADDRINUSE|CONNREFUSED|CONNRESET|TIMEDOUT|PIPE|NOSPC|AI_AGAIN|NOTFOUND|PERM|EXIST|ISDIR|NOTDIR|NOTEMPTY)\b)"},
    {"python",
     R"(Traceback \(most recent call last\)|File "[^"]+\.py", line \d+|\.py:\d+|\b(Key|Type|Value|Import|Module\w*|Attribute|Index|Name|OS|Runtime|Syntax|Indentation|Recursion|Assertion|Unicode\w*|FileNotFound|ZeroDivision|UnboundLocal|Memory|Permission|JSONDecode)Error: |(?m:^[a-z_]+(\.[a-z_0-9]+)*\.[A-Z]\w*(Error|Warning)\b)|\bconcurrent\.futures\b|\basyncio\b)"},
};

// Programs that begin their messages with their own name: "psql: error: …". Nothing says more plainly whose it is.
constexpr std::pair<std::string_view, std::string_view> speakers[] = {
    {"adb", "android"},
    {"cargo", "rust"},
    {"composer", "php"},
    {"curl", "networking"},
    {"dig", "networking"},
    {"docker", "docker"},
    {"dotnet", "dotnet"},
    {"git", "git"},
    {"go", "go"},
    {"helm", "kubernetes"},
    {"java", "java"},
    {"javac", "java"},
    {"kubectl", "kubernetes"},
    {"mongod", "mongodb"},
    {"mysql", "database"},
    {"mysqld", "database"},
    {"nginx", "nginx"},
    {"node", "node"},
    {"npm", "node"},
    {"nslookup", "networking"},
    {"php", "php"},
    {"ping", "networking"},
    {"pip", "pip"},
    {"psql", "database"},
    {"rustc", "rust"},
    {"ssh", "networking"},
    {"terraform", "terraform"},
    {"traceroute", "networking"},
    {"tsc", "typescript"},
    {"wget", "networking"},
};

/// The domain of the program that a line of the message begins with; empty: none does.
std::string_view speaking_domain(std::string_view message) {
  for (std::size_t at = 0; at < message.size(); at = std::min(message.find('\n', at), message.size() - 1) + 1) {
    const auto line = message.substr(at);
    const auto name = line.substr(0, line.find_first_not_of("abcdefghijklmnopqrstuvwxyz"));
    if (!line.substr(name.size()).starts_with(": ")) continue;
    for (const auto& [program, domain] : speakers) {
      if (name == program) return domain;
    }
  }
  return {};
}

class MarkSet {
 public:
  MarkSet() : set_(options(), re2::RE2::UNANCHORED) {
    for (const auto& mark : marks) set_.Add(mark.pattern, nullptr);
    set_.Compile();
  }

  [[nodiscard]] std::vector<std::string_view> domains_in(std::string_view message) const {
    std::vector<int> found;
    set_.Match(re2::StringPiece(message.data(), message.size()), &found);
    std::sort(found.begin(), found.end());
    std::vector<std::string_view> domains;
    for (const auto index : found) domains.push_back(marks[static_cast<std::size_t>(index)].domain);
    // Python writes the messages of everything that is written in it: its own mark says nothing beside another.
    if (domains.size() > 1 && domains.back() == "python") domains.pop_back();
    if (const auto speaker = speaking_domain(message); !speaker.empty()) {
      std::erase(domains, speaker);
      domains.insert(domains.begin(), speaker);
    }
    return domains;
  }

 private:
  static re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_encoding(re2::RE2::Options::EncodingLatin1);
    options.set_log_errors(false);
    options.set_max_mem(64 << 20);
    return options;
  }
  re2::RE2::Set set_;
};

}  // namespace

std::vector<std::string_view> marked_domains(std::string_view message) {
  static const MarkSet set;
  return set.domains_in(message);
}

}  // namespace triaged::knowledge
