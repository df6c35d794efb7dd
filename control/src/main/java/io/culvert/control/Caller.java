package io.culvert.control;

/**
 * Who a request comes from.
 *
 * @param name what logs call the caller; never a secret
 */
public record Caller(String name) {}
