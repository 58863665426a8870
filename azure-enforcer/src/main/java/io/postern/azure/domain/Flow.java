package io.postern.azure.domain;

import io.postern.model.Protocol;

/**
 * What one security rule can speak of: one protocol and one address family. Azure refuses rules
 * that mix families, and {@code *} would be more than the protocols that have ports.
 */
enum Flow {
  TCP("Tcp", false, "tcp"),
  TCP_V6("Tcp", true, "tcp6"),
  UDP("Udp", false, "udp"),
  UDP_V6("Udp", true, "udp6");

  final String protocol;
  final boolean ipv6;
  final String suffix;

  Flow(String protocol, boolean ipv6, String suffix) {
    this.protocol = protocol;
    this.ipv6 = ipv6;
    this.suffix = suffix;
  }

  Protocol model() {
    return protocol.equals("Tcp") ? Protocol.TCP : Protocol.UDP;
  }
}
