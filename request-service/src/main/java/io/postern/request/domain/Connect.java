package io.postern.request.domain;

/** What to connect to. */
public record Connect(String address, int port, String protocol) {}
