package io.postern.simulator.ec2;

/** A deny entry of a subnet's network ACL; whatever no entry denies is allowed. */
record AclDenial(String source, String protocol, int fromPort, int toPort) {

  boolean denies(Cidr address, String flowProtocol, int port) {
    return new Permission(
                Permission.protocolName(protocol),
                fromPort,
                toPort,
                new Peer(Peer.Kind.IPV4, source))
            .covers(flowProtocol, port)
        && Cidr.block(source).contains(address);
  }
}
