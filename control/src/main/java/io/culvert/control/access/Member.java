package io.culvert.control.access;

import io.culvert.control.caller.Role;

/** What a user is in a project. */
public record Member(String project, String user, Role role) {}
