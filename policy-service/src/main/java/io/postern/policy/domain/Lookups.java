package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.Requestor;

/**
 * Asks outside about a request. Each call may take long, takes a bounded time, and never throws
 * because of what the other side does: what does not answer is UNAVAILABLE.
 */
public interface Lookups {
  /** For where there is nobody to ask. */
  Lookups NONE =
      new Lookups() {
        @Override
        public Finding ticket(String ticket) {
          return new Finding(
              Finding.Kind.TICKET,
              ticket,
              Finding.Result.UNAVAILABLE,
              "no ticket system is configured");
        }

        @Override
        public Finding cloudPermission(Requestor person, MachineFacts machine) {
          return new Finding(
              Finding.Kind.CLOUD_PERMISSION,
              person.subject(),
              Finding.Result.UNAVAILABLE,
              "no permission check is configured for " + machine.id().scope());
        }
      };

  /** Whether the ticket is there and open. */
  Finding ticket(String ticket);

  /** Whether the machine's cloud lets the person reach it. */
  Finding cloudPermission(Requestor person, MachineFacts machine);
}
