// What a configuration in Python says in so many words: "accesslog = '/var/log/x.log'", "bind = ['127.0.0.1:8000']".
// Nothing is run; what is computed is not known. Private to this room.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace triaged::discover {

/// A name's last value; a list has several. True and False are texts.
using PythonSettings = std::map<std::string, std::vector<std::string>, std::less<>>;

[[nodiscard]] PythonSettings python_settings_in(std::string_view text);

}  // namespace triaged::discover
