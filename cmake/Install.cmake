# What `cmake --install` puts on a host beside the program and its rules: the unit, its user, and a first configuration.
# The unit names the program by its full path, so the prefix is chosen when configuring.
file(READ ${PROJECT_SOURCE_DIR}/systemd/triaged.service unit)
string(REPLACE "/usr/bin/triaged" "${CMAKE_INSTALL_FULL_BINDIR}/triaged" unit "${unit}")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/triaged.service CONTENT "${unit}" @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/triaged.service DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/systemd/triaged.sysusers.conf DESTINATION lib/sysusers.d RENAME triaged.conf)

# A configuration that somebody has written is never replaced. file(INSTALL) puts DESTDIR before its destination itself.
install(CODE "
  if(NOT EXISTS \"\$ENV{DESTDIR}/etc/triaged/triaged.yaml\")
    file(INSTALL \"${PROJECT_SOURCE_DIR}/systemd/triaged.yaml\" DESTINATION /etc/triaged)
  endif()")
