// Whose lines a unit of systemd wrote: what systemd says of a unit ("gunicorn.service: Main process exited") and what
// the program in it says belong together. A line names its unit where the transport knows it (the journal), the kernel
// names that of a process it killed; otherwise the names of unit and program are all there is.
#pragma once

#include <string>
#include <string_view>

#include "values/incident.hpp"
#include "values/symptom.hpp"

namespace triaged::diagnosis {

/// The unit that the symptom is about as a whole: systemd speaks of it. Empty: it is about something else.
[[nodiscard]] std::string_view unit_spoken_of(const Entity& entity);

/// The program that wrote the line speaks of itself.
[[nodiscard]] bool speaks_of_itself(const Symptom& symptom, const Entity& entity);
/// A proxy wrote it and speaks of who stands behind it, or of a site.
[[nodiscard]] bool speaks_of_another(const Symptom& symptom, const Entity& entity);

/// The unit whose process wrote the line, or that the killed process was of; empty: the line does not say.
[[nodiscard]] std::string_view unit_named_in(const Symptom& symptom);

/// How a unit and a line are related by their names alone.
enum class Names { agree, contradict, say_nothing };

/// `symptom`, which speaks of itself, and `unit`: "gunicorn.service" and a line of Gunicorn's, "shop.service" and a
/// line of a program that calls itself shop.
[[nodiscard]] Names names_of(std::string_view unit, const Symptom& symptom);
/// `symptom` is a proxy's about an address, and `unit` may be who serves that: its name is that of a server of
/// applications, or a word of the site, the upstream block or the server that the proxy names. nginx.service is not
/// who nginx passes on to.
[[nodiscard]] Names names_of_served(std::string_view unit, const Symptom& symptom);

}  // namespace triaged::diagnosis
