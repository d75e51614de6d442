// TLS: the alert that the other side sent, and what OpenSSL itself found wrong.
//
// Alerts, numbers and names: RFC 8446, section 6, and IANA's "TLS Alerts". Programs with OpenSSL write "sslv3 alert
// handshake failure:SSL alert number 40", with BoringSSL and in Python and Node.js SSLV3_ALERT_HANDSHAKE_FAILURE; Java
// "Received fatal alert: handshake_failure"; Go has words of its own (crypto/tls/alert.go): "remote error: tls: unknown
// certificate authority".
//
// Reasons: ssl/ssl_err.c of OpenSSL 1.0.2 to 3.x. What was renamed has one name here: a port that speaks no TLS is
// "unknown protocol" to 1.0, "wrong version number" to 1.1 and later, and in 3.2 also "packet length too long" and
// "record layer failure".
#include <array>

#include "formats/reasons/reason_table.hpp"

namespace triaged::formats {

namespace {

constexpr Reason alerts[] = {{0, "close_notify"},
                             {10, "unexpected_message"},
                             {20, "bad_record_mac"},
                             {21, "decryption_failed"},
                             {22, "record_overflow"},
                             {30, "decompression_failure"},
                             {40, "handshake_failure"},
                             {41, "no_certificate"},
                             {42, "bad_certificate"},
                             {43, "unsupported_certificate"},
                             {44, "certificate_revoked"},
                             {44, "certificate_revoked", "revoked certificate"},
                             {45, "certificate_expired"},
                             {45, "certificate_expired", "expired certificate"},
                             {46, "certificate_unknown"},
                             {46, "certificate_unknown", "unknown certificate"},
                             {47, "illegal_parameter"},
                             {48, "unknown_ca"},
                             {48, "unknown_ca", "unknown certificate authority"},
                             {49, "access_denied"},
                             {50, "decode_error"},
                             {50, "decode_error", "error decoding message"},
                             {51, "decrypt_error"},
                             {51, "decrypt_error", "error decrypting message"},
                             {60, "export_restriction"},
                             {70, "protocol_version"},
                             {70, "protocol_version", "protocol version not supported"},
                             {71, "insufficient_security"},
                             {71, "insufficient_security", "insufficient security level"},
                             {80, "internal_error"},
                             {86, "inappropriate_fallback"},
                             {90, "user_canceled"},
                             {90, "user_canceled", "user_cancelled"},
                             {100, "no_renegotiation"},
                             {109, "missing_extension"},
                             {110, "unsupported_extension"},
                             {111, "certificate_unobtainable"},
                             {112, "unrecognized_name"},
                             {113, "bad_certificate_status_response"},
                             {114, "bad_certificate_hash_value"},
                             {115, "unknown_psk_identity"},
                             {116, "certificate_required"},
                             {120, "no_application_protocol"}};

constexpr std::array<std::string_view, 6> places_of_alerts = {
    "alert number ", "fatal alert: ", "remote error: tls: ", "_ALERT_", " alert ", "tlsv1 "};

constexpr Reason reasons[] = {{no_number, "wrong_version_number"},
                              {no_number, "wrong_version_number", "unknown_protocol"},
                              {no_number, "wrong_version_number", "packet_length_too_long"},
                              {no_number, "wrong_version_number", "record_layer_failure"},
                              {no_number, "wrong_version_number", "first record does not look like a TLS handshake"},
                              {no_number, "http_request"},
                              {no_number, "http_request", "https_proxy_request"},
                              {no_number, "unsupported_protocol"},
                              {no_number, "unsupported_protocol", "no_protocols_available"},
                              {no_number, "unsupported_protocol", "version_too_low"},
                              {no_number, "unsupported_protocol", "version_too_high"},
                              {no_number, "inappropriate_fallback"},
                              {no_number, "no_shared_cipher"},
                              {no_number, "no_shared_signature", "no_suitable_signature_algorithm"},
                              {no_number, "no_shared_signature", "no_shared_signature_algorithms"},
                              {no_number, "no_shared_group", "no_suitable_key_share"},
                              {no_number, "no_shared_group", "no_suitable_groups"},
                              {no_number, "no_shared_group", "bad_key_share"},
                              {no_number, "weak_key", "dh_key_too_small"},
                              {no_number, "weak_key", "ee_key_too_small"},
                              {no_number, "weak_key", "ca_key_too_small"},
                              {no_number, "weak_key", "ca_md_too_weak"},
                              {no_number, "legacy_renegotiation", "unsafe_legacy_renegotiation_disabled"},
                              {no_number, "no_renegotiation"},
                              {no_number, "verify_failed", "certificate_verify_failed"},
                              {no_number, "no_certificate", "peer_did_not_return_a_certificate"},
                              {no_number, "unexpected_eof", "unexpected_eof_while_reading"},
                              {no_number, "unexpected_message"},
                              {no_number, "bad_signature"},
                              {no_number, "bad_extension"},
                              {no_number, "length_mismatch"},
                              {no_number, "bad_record", "bad_record_type"},
                              {no_number, "bad_record", "bad_packet_length"},
                              {no_number, "bad_record", "decryption_failed_or_bad_record_mac"}};

constexpr std::array<std::string_view, 2> places_of_reasons = {"[SSL: ", "tls: "};

/// "error:1408F10B:SSL routines:ssl3_get_record:wrong version number"; 3.0 and later leave the function out.
std::string_view openssl_reason_in(std::string_view words) {
  constexpr std::string_view library = "SSL routines:";
  for (auto at = words.find(library); at != std::string_view::npos; at = words.find(library, at + 1)) {
    const auto function = words.substr(at + library.size());
    const auto colon = function.find(':');
    if (colon == std::string_view::npos) continue;
    if (const auto name = name_at(reasons, function.substr(colon + 1)); !name.empty()) return name;
  }
  return {};
}

}  // namespace

constinit const ReasonTable tls_alerts = {
    .field = "tls_alert",
    .in = [](std::string_view words) { return reason_behind(alerts, words, places_of_alerts); },
    .named = [](std::string_view written) { return whole_name(alerts, written); },
    .rows = [] { return Reasons(alerts); }};

constinit const ReasonTable tls_reasons = {
    .field = "tls_reason",
    .in =
        [](std::string_view words) {
          const auto name = openssl_reason_in(words);
          return name.empty() ? reason_behind(reasons, words, places_of_reasons) : name;
        },
    .named = [](std::string_view written) { return whole_name(reasons, written); },
    .rows = [] { return Reasons(reasons); }};

}  // namespace triaged::formats
