# The rooms, each after those that it uses. USES is all that it may include; FACES are the headers that others may include:
# the rest of a room is found by nobody else (cmake/Room.cmake). The tests, scripts/rooms.py and check.sh read this list too.
triaged_room(base
  FACES bounded_queue.hpp clock.hpp crash_point.hpp descriptor.hpp host_and_port.hpp host_name.hpp ip_address.hpp
        local_clock.hpp mutex.hpp options.hpp problem.hpp read_file.hpp replace_file.hpp result.hpp thread_annotations.hpp
        time.hpp time_zone.hpp utf8.hpp yaml.hpp)
triaged_room(values
  USES base
  FACES envelope.hpp finding.hpp html.hpp identity.hpp incident.hpp incident_markdown.hpp incident_request.hpp
        incident_text.hpp json_writer.hpp line_batch.hpp metric.hpp notification.hpp probe.hpp saved_state.hpp severity.hpp
        symptom.hpp text_page.hpp workaround_report.hpp wrap_text.hpp)
triaged_room(formats
  USES base values
  FACES broken_lines.hpp format.hpp line_reader.hpp log_format.hpp nearest_format.hpp plain_lines.hpp reasons/reasons.hpp
        redaction/redactor.hpp redaction/secret_kind.hpp wrapper_words.hpp)
triaged_room(knowledge
  USES base values formats
  FACES dialects/cre_rule.hpp dialects/jq_program.hpp dialects/load_rules.hpp faces/render_rule.hpp lint.hpp
        model/condition.hpp model/pattern_names.hpp model/placeholders.hpp model/public_scope.hpp model/rule.hpp model/timed_match.hpp patterns/pattern.hpp
        patterns/pattern_prefix.hpp patterns/pattern_scan.hpp ranking/rank_rules.hpp)
triaged_room(matcher
  USES base values formats knowledge
  FACES database_cache.hpp hyperscan.hpp matcher.hpp noise.hpp signature.hpp signature_set.hpp)
triaged_room(topology
  USES base formats
  FACES nginx_include.hpp read_haproxy.hpp read_topology.hpp server_configuration.hpp topology.hpp)
triaged_room(diagnosis
  USES base values formats knowledge topology
  FACES diagnoser.hpp learnt.hpp line_window.hpp rate_window.hpp timed_matches.hpp)
triaged_room(notify
  USES base values
  FACES history_summary.hpp notifier.hpp)
triaged_room(store
  USES base values
  FACES ledger.hpp outbox_bound.hpp sqlite.hpp state_folder.hpp stored_file.hpp stored_incidents.hpp stored_outbox.hpp)
triaged_room(probes
  USES base values topology
  FACES host_files.hpp probe_host.hpp probe_options.hpp probe_stage.hpp)
triaged_room(discover
  USES base values formats topology probes
  FACES discover.hpp found_server.hpp proposal.hpp reader.hpp show_discovery.hpp)
triaged_room(sources
  USES base values
  FACES claims.hpp file/file_follower.hpp file/rotated_name.hpp file_scan.hpp make_source.hpp missing_path.hpp
        source.hpp)
triaged_room(sinks
  USES base values
  FACES make_sink.hpp sink.hpp sink_runner.hpp)
triaged_room(cre
  USES base values knowledge matcher sources
  FACES cre_run.hpp)
triaged_room(admin
  USES base values knowledge diagnosis store
  FACES access.hpp admin_message.hpp admin_options.hpp admin_site.hpp http_server.hpp)
triaged_room(scan
  USES base values formats knowledge matcher topology diagnosis notify probes sources
  FACES covered_times.hpp explanation.hpp find_logs.hpp finding_stream.hpp not_understood.hpp outside_span.hpp
        recorded_logs.hpp rule_examples.hpp story.hpp story_scan.hpp time_search.hpp timed_explanation.hpp
        unknown_prefix.hpp)
triaged_room(config
  USES base values formats knowledge matcher topology diagnosis notify store probes discover sources sinks admin
  FACES cache_folder.hpp configuration.hpp loaded.hpp)
triaged_room(daemon
  USES base values formats knowledge matcher topology diagnosis notify store probes sources sinks admin config
  FACES admin_stage.hpp descriptor_limit.hpp last_words.hpp log.hpp noisy_rules.hpp pipeline.hpp service_manager.hpp
        signals.hpp sink_stage.hpp)
triaged_room(cli
  USES base values formats knowledge matcher topology diagnosis notify store probes discover sources sinks cre admin scan
       config daemon)
