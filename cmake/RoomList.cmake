# The rooms, each after those that it uses. USES is all that it may include; FACES are the headers that others may include:
# the rest of a room is found by nobody else (cmake/Room.cmake). The tests, scripts/rooms.py and check.sh read this list too.
triaged_room(base)
triaged_room(values
  USES base)
triaged_room(formats
  USES base)
triaged_room(knowledge
  USES base values formats)
triaged_room(matcher
  USES base values formats knowledge)
triaged_room(topology
  USES base)
triaged_room(diagnosis
  USES base values knowledge topology)
triaged_room(notify
  USES base values)
triaged_room(store
  USES base values)
triaged_room(probes
  USES base values topology)
triaged_room(sources
  USES base values)
triaged_room(sinks
  USES base values)
triaged_room(cre
  USES base values knowledge matcher sources)
triaged_room(admin
  USES base values knowledge topology diagnosis store)
triaged_room(scan
  USES base values formats knowledge matcher topology diagnosis probes sources)
triaged_room(config
  USES base values formats knowledge matcher topology diagnosis notify store probes sources sinks admin)
triaged_room(daemon
  USES base values formats knowledge matcher topology diagnosis notify store probes sources sinks admin config)
triaged_room(cli
  USES base values formats knowledge matcher topology diagnosis notify store probes sources sinks cre admin scan config
       daemon)
