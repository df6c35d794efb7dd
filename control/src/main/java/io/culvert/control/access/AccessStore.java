package io.culvert.control.access;

/**
 * Where users, projects, keys and logins outlive the process. Methods wait for the disk and throw a {@link RuntimeException} where it fails.
 * Called by one thread at a time.
 */
public interface AccessStore {}
