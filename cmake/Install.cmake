# What `cmake --install` puts on a host beside the program and its rules: the unit, its user, and a first configuration.
# The unit names the program by its full path, so the prefix is chosen when configuring.
file(READ ${PROJECT_SOURCE_DIR}/systemd/triaged.service unit)
string(REPLACE "/usr/bin/triaged" "${CMAKE_INSTALL_FULL_BINDIR}/triaged" unit "${unit}")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/triaged.service CONTENT "${unit}" @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/triaged.service DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/systemd/triaged.sysusers.conf DESTINATION lib/sysusers.d RENAME triaged.conf)

# What an editor knows of configurations and rules. The first line of the configuration says where it is.
install(FILES ${PROJECT_SOURCE_DIR}/docs/configuration.schema.json ${PROJECT_SOURCE_DIR}/docs/rule.schema.json
        DESTINATION ${CMAKE_INSTALL_DATADIR}/triaged)
file(READ ${PROJECT_SOURCE_DIR}/systemd/triaged.yaml configuration)
string(PREPEND configuration
       "# yaml-language-server: $schema=${CMAKE_INSTALL_FULL_DATADIR}/triaged/configuration.schema.json\n")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/triaged.yaml CONTENT "${configuration}" @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/systemd/triaged.yaml
                                                               ${PROJECT_SOURCE_DIR}/systemd/triaged.service)

# A configuration that somebody has written is never replaced. file(INSTALL) puts DESTDIR before its destination itself.
install(CODE "
  if(NOT EXISTS \"\$ENV{DESTDIR}/etc/triaged/triaged.yaml\")
    file(INSTALL \"${PROJECT_BINARY_DIR}/triaged.yaml\" DESTINATION /etc/triaged)
  endif()")
