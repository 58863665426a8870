package io.postern.simulator.ec2;

/**
 * Packets from an address to a port of an instance.
 *
 * @param protocol canonical as in {@link Permission}
 * @param port the port, or the ICMP type
 * @param always whether it comes by a NAT gateway, a load balancer or the like, where AWS tracks
 *     every flow
 */
record Flow(
    String region, String instanceId, String source, String protocol, int port, boolean always) {

  Cidr address() {
    return Cidr.address(source);
  }
}
