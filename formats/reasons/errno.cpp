// Why a system call failed. Names and numbers of Linux: errno(3), asm-generic/errno.h. Words: strerror() of glibc, of
// musl (src/errno/__strerror.h), of FreeBSD and macOS (lib/libc/gen/errlst.c) and of illumos and Solaris; Windows:
// "Windows Sockets Error Codes" and "System Error Codes" of Microsoft's documentation.
//
// The numbers differ from one platform to the next (61 is refused on BSD and no data on Linux), the words hardly do. So
// words beside a number win; a number alone is Linux's, or Windows's from 10000 on and behind "WinError".
#include <array>

#include "formats/reasons/reason_table.hpp"
#include "formats/scanner.hpp"

namespace triaged::formats {

namespace {

constexpr Reason rows[] = {{1, "not_permitted", "EPERM"},
                           {2, "no_file", "ENOENT"},
                           {3, "no_process", "ESRCH"},
                           {4, "interrupted", "EINTR"},
                           {5, "io_error", "EIO"},
                           {6, "no_such_device", "ENXIO"},
                           {7, "arguments_too_long", "E2BIG"},
                           {8, "exec_format", "ENOEXEC"},
                           {9, "bad_descriptor", "EBADF"},
                           {10, "no_child", "ECHILD"},
                           {11, "again", "EAGAIN"},
                           {11, "again", "EWOULDBLOCK"},
                           {12, "no_memory", "ENOMEM"},
                           {13, "permission", "EACCES"},
                           {14, "bad_address", "EFAULT"},
                           {16, "busy", "EBUSY"},
                           {17, "exists", "EEXIST"},
                           {18, "cross_device", "EXDEV"},
                           {19, "no_device", "ENODEV"},
                           {20, "not_directory", "ENOTDIR"},
                           {21, "is_directory", "EISDIR"},
                           {22, "invalid", "EINVAL"},
                           {23, "too_many_files_on_host", "ENFILE"},
                           {24, "too_many_files", "EMFILE"},
                           {26, "text_busy", "ETXTBSY"},
                           {27, "file_too_large", "EFBIG"},
                           {28, "no_space", "ENOSPC"},
                           {29, "illegal_seek", "ESPIPE"},
                           {30, "read_only", "EROFS"},
                           {31, "too_many_links", "EMLINK"},
                           {32, "broken_pipe", "EPIPE"},
                           {35, "deadlock", "EDEADLK"},
                           {36, "name_too_long", "ENAMETOOLONG"},
                           {37, "no_locks", "ENOLCK"},
                           {38, "not_implemented", "ENOSYS"},
                           {39, "not_empty", "ENOTEMPTY"},
                           {40, "too_many_symlinks", "ELOOP"},
                           {61, "no_data", "ENODATA"},
                           {71, "protocol", "EPROTO"},
                           {74, "bad_message", "EBADMSG"},
                           {75, "overflow", "EOVERFLOW"},
                           {88, "not_socket", "ENOTSOCK"},
                           {90, "message_too_long", "EMSGSIZE"},
                           {93, "no_protocol", "EPROTONOSUPPORT"},
                           {95, "not_supported", "EOPNOTSUPP"},
                           {95, "not_supported", "ENOTSUP"},
                           {97, "no_address_family", "EAFNOSUPPORT"},
                           {98, "address_in_use", "EADDRINUSE"},
                           {99, "no_address", "EADDRNOTAVAIL"},
                           {100, "network_down", "ENETDOWN"},
                           {101, "network_unreachable", "ENETUNREACH"},
                           {102, "network_reset", "ENETRESET"},
                           {103, "aborted", "ECONNABORTED"},
                           {104, "reset", "ECONNRESET"},
                           {105, "no_buffers", "ENOBUFS"},
                           {106, "connected", "EISCONN"},
                           {107, "not_connected", "ENOTCONN"},
                           {108, "shut_down", "ESHUTDOWN"},
                           {110, "timed_out", "ETIMEDOUT"},
                           {111, "refused", "ECONNREFUSED"},
                           {112, "host_down", "EHOSTDOWN"},
                           {113, "no_route", "EHOSTUNREACH"},
                           {114, "already", "EALREADY"},
                           {115, "in_progress", "EINPROGRESS"},
                           {116, "stale", "ESTALE"},
                           {117, "corrupt", "EUCLEAN"},
                           {122, "quota", "EDQUOT"},
                           {125, "canceled", "ECANCELED"}};

constexpr Reason windows[] = {{2, "no_file"},
                              {3, "no_file"},
                              {5, "permission"},
                              {8, "no_memory"},
                              {13, "invalid"},
                              {32, "busy"},
                              {39, "no_space"},
                              {64, "reset"},
                              {80, "exists"},
                              {109, "broken_pipe"},
                              {112, "no_space"},
                              {121, "timed_out"},
                              {183, "exists"},
                              {206, "name_too_long"},
                              {995, "canceled"},
                              {1225, "refused"},
                              {1236, "aborted"},
                              {10004, "interrupted"},
                              {10013, "permission"},
                              {10024, "too_many_files"},
                              {10035, "again"},
                              {10036, "in_progress"},
                              {10038, "not_socket"},
                              {10040, "message_too_long"},
                              {10047, "no_address_family"},
                              {10048, "address_in_use"},
                              {10049, "no_address"},
                              {10050, "network_down"},
                              {10051, "network_unreachable"},
                              {10052, "network_reset"},
                              {10053, "aborted"},
                              {10054, "reset"},
                              {10055, "no_buffers"},
                              {10056, "connected"},
                              {10057, "not_connected"},
                              {10058, "shut_down"},
                              {10060, "timed_out"},
                              {10061, "refused"},
                              {10064, "host_down"},
                              {10065, "no_route"}};
constexpr std::size_t winsock_digits = 5;  // of 10000 and above

constexpr Reason words_of_errnos[] = {
    {no_number, "not_permitted", "operation not permitted"},
    {no_number, "not_permitted", "not owner"},
    {no_number, "no_file", "no such file or directory"},
    {no_number, "no_file", "the system cannot find the file specified"},
    {no_number, "no_file", "the system cannot find the path specified"},
    {no_number, "no_process", "no such process"},
    {no_number, "interrupted", "interrupted system call"},
    {no_number, "io_error", "input/output error"},
    {no_number, "io_error", "I/O error"},
    {no_number, "no_such_device", "no such device or address"},
    {no_number, "no_such_device", "device not configured"},
    {no_number, "arguments_too_long", "argument list too long"},
    {no_number, "arguments_too_long", "arg list too long"},
    {no_number, "exec_format", "exec format error"},
    {no_number, "bad_descriptor", "bad file descriptor"},
    {no_number, "bad_descriptor", "bad file number"},
    {no_number, "no_child", "no child processes"},
    {no_number, "again", "resource temporarily unavailable"},
    {no_number, "again", "operation would block"},
    {no_number, "no_memory", "cannot allocate memory"},
    {no_number, "no_memory", "out of memory"},
    {no_number, "no_memory", "not enough space"},
    {no_number, "permission", "permission denied"},
    {no_number, "permission", "access is denied"},
    {no_number, "bad_address", "bad address"},
    {no_number, "busy", "device or resource busy"},
    {no_number, "busy", "device busy"},
    {no_number, "busy", "resource busy"},
    {no_number, "exists", "file exists"},
    {no_number, "cross_device", "invalid cross-device link"},
    {no_number, "cross_device", "cross-device link"},
    {no_number, "no_device", "no such device"},
    {no_number, "no_device", "operation not supported by device"},
    {no_number, "not_directory", "not a directory"},
    {no_number, "is_directory", "is a directory"},
    {no_number, "invalid", "invalid argument"},
    {no_number, "too_many_files_on_host", "too many open files in system"},
    {no_number, "too_many_files_on_host", "file table overflow"},
    {no_number, "too_many_files", "too many open files"},
    {no_number, "text_busy", "text file busy"},
    {no_number, "file_too_large", "file too large"},
    {no_number, "no_space", "no space left on device"},
    {no_number, "no_space", "there is not enough space on the disk"},
    {no_number, "illegal_seek", "illegal seek"},
    {no_number, "read_only", "read_only file system"},
    {no_number, "too_many_links", "too many links"},
    {no_number, "broken_pipe", "broken pipe"},
    {no_number, "deadlock", "resource deadlock avoided"},
    {no_number, "deadlock", "resource deadlock would occur"},
    {no_number, "name_too_long", "file name too long"},
    {no_number, "name_too_long", "filename too long"},
    {no_number, "no_locks", "no locks available"},
    {no_number, "no_locks", "no record locks available"},
    {no_number, "not_implemented", "function not implemented"},
    {no_number, "not_implemented", "function not supported"},
    {no_number, "not_empty", "directory not empty"},
    {no_number, "too_many_symlinks", "too many levels of symbolic links"},
    {no_number, "no_data", "no data available"},
    {no_number, "protocol", "protocol error"},
    {no_number, "overflow", "value too large for defined data type"},
    {no_number, "overflow", "value too large to be stored in data type"},
    {no_number, "not_socket", "socket operation on non-socket"},
    {no_number, "message_too_long", "message too long"},
    {no_number, "no_protocol", "protocol not supported"},
    {no_number, "not_supported", "operation not supported"},
    {no_number, "not_supported", "operation not supported on socket"},
    {no_number, "no_address_family", "address family not supported by protocol"},
    {no_number, "no_address_family", "address family not supported by protocol family"},
    {no_number, "address_in_use", "address already in use"},
    {no_number, "address_in_use", "address in use"},
    {no_number, "no_address", "cannot assign requested address"},
    {no_number, "no_address", "can't assign requested address"},
    {no_number, "no_address", "address not available"},
    {no_number, "network_down", "network is down"},
    {no_number, "network_unreachable", "network is unreachable"},
    {no_number, "network_unreachable", "network unreachable"},
    {no_number, "network_reset", "network dropped connection on reset"},
    {no_number, "network_reset", "network dropped connection because of reset"},
    {no_number, "network_reset", "connection reset by network"},
    {no_number, "aborted", "software caused connection abort"},
    {no_number, "aborted", "connection aborted"},
    {no_number, "reset", "connection reset by peer"},
    {no_number, "reset", "an existing connection was forcibly closed"},
    {no_number, "no_buffers", "no buffer space available"},
    {no_number, "connected", "transport endpoint is already connected"},
    {no_number, "connected", "socket is already connected"},
    {no_number, "connected", "socket is connected"},
    {no_number, "not_connected", "transport endpoint is not connected"},
    {no_number, "not_connected", "socket is not connected"},
    {no_number, "not_connected", "socket not connected"},
    {no_number, "shut_down", "cannot send after transport endpoint shutdown"},
    {no_number, "shut_down", "can't send after socket shutdown"},
    {no_number, "shut_down", "cannot send after socket shutdown"},
    {no_number, "timed_out", "connection timed out"},
    {no_number, "timed_out", "operation timed out"},
    {no_number, "refused", "connection refused"},
    {no_number, "refused", "no connection could be made"},
    {no_number, "host_down", "host is down"},
    {no_number, "no_route", "no route to host"},
    {no_number, "no_route", "host is unreachable"},
    {no_number, "no_route", "host unreachable"},
    {no_number, "already", "operation already in progress"},
    {no_number, "in_progress", "operation now in progress"},
    {no_number, "in_progress", "operation in progress"},
    {no_number, "stale", "stale file handle"},
    {no_number, "stale", "stale NFS file handle"},
    {no_number, "quota", "disk quota exceeded"},
    {no_number, "quota", "disc quota exceeded"},
    {no_number, "quota", "quota exceeded"},
    {no_number, "no_child", "no child process"},
    {no_number, "too_many_files", "no file descriptors available"},
    {no_number, "illegal_seek", "invalid seek"},
    {no_number, "too_many_symlinks", "symbolic link loop"},
    {no_number, "overflow", "value too large for data type"},
    {no_number, "not_socket", "not a socket"},
    {no_number, "message_too_long", "message too large"},
    {no_number, "bad_message", "bad message"},
    {no_number, "bad_message", "not a data message"},
    {no_number, "corrupt", "structure needs cleaning"},
    {no_number, "canceled", "operation canceled"}};

/// Where a number is an errno: nginx "(111: …", Python "[Errno 111] …", HAProxy "(errno=11)", Rust "(os error 111)".
constexpr std::array<std::string_view, 5> places = {"[Errno ", "[WinError ", "errno=", "os error ", "Errno "};
constexpr std::string_view place_of_windows = "[WinError ";

/// The reason of a number and of the words behind it: strerror()'s stand there or, from asyncio, at the end of the
/// sentence. 0 is no error.
std::string_view of_number(std::string_view digits, std::string_view behind, Reasons numbers) {
  if (digits == "0") return {};
  const auto name = first_name_in(words_of_errnos, behind);
  return name.empty() ? name_or_digits(digits.size() < winsock_digits ? numbers : windows, digits) : name;
}

/// "(111: Connection refused)"
std::string_view in_brackets(std::string_view words) {
  for (auto at = words.find('('); at != std::string_view::npos; at = words.find('(', at + 1)) {
    Scanner scanner(words.substr(at + 1));
    std::string_view digits;
    if (scanner.take_digits(digits) && scanner.skip(": ")) return of_number(digits, scanner.rest(), rows);
  }
  return {};
}

std::string_view of_place(std::string_view words, std::string_view place) {
  const auto at = words.find(place);
  if (at == std::string_view::npos) return {};
  const auto rest = words.substr(at + place.size());
  const auto digits = digits_at(rest);
  if (digits.empty()) return {};
  return of_number(digits, rest.substr(digits.size()), place == place_of_windows ? Reasons(windows) : Reasons(rows));
}

/// ECONNREFUSED; WSAECONNREFUSED of Windows.
std::string_view symbol_in(std::string_view words) {
  if (const auto name = first_name_in(rows, words); !name.empty()) return name;
  constexpr std::string_view prefix = "WSA";
  const auto at = words.find(prefix);
  return at == std::string_view::npos ? std::string_view() : name_at(rows, words.substr(at + prefix.size()));
}

std::string_view errno_in(std::string_view words) {
  if (const auto name = in_brackets(words); !name.empty()) return name;
  for (const auto place : places) {
    if (const auto name = of_place(words, place); !name.empty()) return name;
  }
  if (const auto name = symbol_in(words); !name.empty()) return name;
  return first_name_in(words_of_errnos, words);
}

std::string_view named(std::string_view written) {
  const auto digits = digits_at(written);
  if (digits.empty()) return whole_name(rows, written);
  return digits.size() == written.size() ? of_number(digits, {}, rows) : std::string_view();
}

}  // namespace

constinit const ReasonTable errnos = {
    .field = "errno", .in = errno_in, .named = named, .rows = [] { return Reasons(rows); }};

}  // namespace triaged::formats
