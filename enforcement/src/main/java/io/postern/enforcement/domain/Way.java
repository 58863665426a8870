package io.postern.enforcement.domain;

import io.postern.model.Protocol;

/**
 * What to connect to for one port of a grant.
 *
 * @param address IP address
 * @param port behind a firewall the mapped one
 */
public record Way(String address, int port, Protocol protocol) {}
