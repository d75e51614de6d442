// Whether what was found where a secret may stand is one: log lines are full of words behind "password:" and numbers as
// long as a card's. Each looks at the found piece of the text and, where it must, at what stands around it.
// Private to this room.
#pragma once

#include <string_view>

namespace triaged::formats {

/// Behind "password=": anything but what stands for a value that is not shown ("***", "None", "${PASSWORD}",
/// "<hidden>"), and a folder behind "pwd=".
[[nodiscard]] bool is_value(std::string_view text, std::string_view secret);
/// Behind "password: ", where prose may stand, too: no plain word, unless it ends as a value in a list does.
[[nodiscard]] bool is_no_prose(std::string_view text, std::string_view secret);
/// Behind "--password ": anything but a word with which a sentence goes on ("--password or --token").
[[nodiscard]] bool is_argument(std::string_view text, std::string_view secret);
/// Behind "token=": a value that is no small number.
[[nodiscard]] bool is_token(std::string_view text, std::string_view secret);
/// The same behind "token: ", where prose may stand: no word, and no name of an object.
[[nodiscard]] bool is_named_token(std::string_view text, std::string_view secret);
/// Behind a name of tokens, in quotes: a value, and not what a parser calls one ("Unexpected token: '<'").
[[nodiscard]] bool is_no_token_of_parser(std::string_view text, std::string_view secret);
/// At least 8 or 16 characters with a digit among them.
[[nodiscard]] bool is_random(std::string_view text, std::string_view secret);
[[nodiscard]] bool is_long_random(std::string_view text, std::string_view secret);
/// The same for "?key=", which also names rows of a cache: letters and digits mixed, and no UUID, checksum or slug.
[[nodiscard]] bool is_random_key(std::string_view text, std::string_view secret);
/// A part of it between dashes is too long for a word, and it has digits.
[[nodiscard]] bool is_opaque(std::string_view text, std::string_view secret);
/// Upper case, lower case and digits: what is coded in base64, and no checksum in hexadecimal.
[[nodiscard]] bool is_base64(std::string_view text, std::string_view secret);
/// The value of a cookie, and not of its attribute ("Path=/").
[[nodiscard]] bool is_cookie_value(std::string_view text, std::string_view secret);
/// Base64 of "user:password".
[[nodiscard]] bool is_basic_login(std::string_view text, std::string_view secret);
/// The answer of a login by digest, not the question.
[[nodiscard]] bool is_digest_answer(std::string_view text, std::string_view secret);
/// An address of e-mail: no unit of systemd, no place that ssh, git or a URL names, no node of Celery's, no version, no
/// file's name.
[[nodiscard]] bool is_email(std::string_view text, std::string_view secret);
/// A card's number: prefix and length of a network that exists, the check digit (Luhn), and no id or time.
[[nodiscard]] bool is_card(std::string_view text, std::string_view secret);

}  // namespace triaged::formats
