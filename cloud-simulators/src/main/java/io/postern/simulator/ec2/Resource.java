package io.postern.simulator.ec2;

import java.util.Map;

/** Whatever has an id, an owning account and tags. */
interface Resource {
  String id();

  String owner();

  Map<String, String> tags();
}
