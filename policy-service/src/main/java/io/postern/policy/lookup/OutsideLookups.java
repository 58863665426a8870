package io.postern.policy.lookup;

import io.postern.model.Cloud;
import io.postern.model.MachineFacts;
import io.postern.model.Requestor;
import io.postern.policy.domain.Finding;
import io.postern.policy.domain.Lookups;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks whoever is configured. */
public final class OutsideLookups implements Lookups, AutoCloseable {
  private final @Nullable TicketSystem tickets;
  private final @Nullable AzurePermissions azure;
  private final Principals azurePrincipals;
  private final @Nullable AwsPermissions aws;
  private final Principals awsPrincipals;

  public OutsideLookups(
      @Nullable TicketSystem tickets,
      @Nullable AzurePermissions azure,
      Principals azurePrincipals,
      @Nullable AwsPermissions aws,
      Principals awsPrincipals) {
    this.tickets = tickets;
    this.azure = azure;
    this.azurePrincipals = azurePrincipals;
    this.aws = aws;
    this.awsPrincipals = awsPrincipals;
  }

  @Override
  public Finding ticket(String ticket) {
    return tickets == null ? NONE.ticket(ticket) : tickets.find(ticket);
  }

  @Override
  public Finding cloudPermission(Requestor person, MachineFacts machine) {
    boolean isAzure = machine.id().cloud() == Cloud.AZURE;
    if (isAzure ? azure == null : aws == null) {
      return NONE.cloudPermission(person, machine);
    }
    Optional<String> principal =
        (isAzure ? azurePrincipals : awsPrincipals).of(person, machine.id());
    if (principal.isEmpty()) {
      return new Finding(
          Finding.Kind.CLOUD_PERMISSION,
          person.subject(),
          Finding.Result.FAILS,
          "it is not known who " + person.subject() + " is to " + machine.id().cloud());
    }
    if (isAzure && azure != null) {
      return azure.find(principal.get(), machine.id());
    }
    return aws == null ? NONE.cloudPermission(person, machine) : aws.find(principal.get(), machine);
  }

  @Override
  public void close() {
    if (tickets != null) {
      tickets.close();
    }
    if (azure != null) {
      azure.close();
    }
    if (aws != null) {
      aws.close();
    }
  }
}
