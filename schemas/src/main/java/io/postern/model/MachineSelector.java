package io.postern.model;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Selects machines of a policy. */
public sealed interface MachineSelector {

  boolean matches(MachineFacts machine);

  /** One machine by its id. */
  record ById(MachineId id) implements MachineSelector {
    @Override
    public boolean matches(MachineFacts machine) {
      return machine.id().equals(id);
    }
  }

  /** Machines of Azure for which everything stated holds; names without regard to case. */
  record Azure(
      Optional<String> subscription,
      Optional<String> resourceGroup,
      Map<String, String> tags,
      Optional<String> name)
      implements MachineSelector {
    @Override
    public boolean matches(MachineFacts machine) {
      MachineId id = machine.id();
      return id.cloud() == Cloud.AZURE
          && subscription.map(s -> s.equalsIgnoreCase(id.scope().account())).orElse(true)
          && resourceGroup.map(g -> g.equalsIgnoreCase(id.resourceGroup())).orElse(true)
          && name.map(n -> glob(n, machine.name()) || glob(n, id.localName())).orElse(true)
          && machine.tags().entrySet().containsAll(tags.entrySet());
    }
  }

  /** Machines of AWS for which everything stated holds. */
  record Aws(
      Optional<String> account,
      Optional<String> region,
      Map<String, String> tags,
      Optional<String> name)
      implements MachineSelector {
    @Override
    public boolean matches(MachineFacts machine) {
      MachineId id = machine.id();
      return id.cloud() == Cloud.AWS
          && account.map(id.scope().account()::equals).orElse(true)
          && region.map(r -> r.equals(id.scope().region())).orElse(true)
          && name.map(n -> glob(n, machine.name())).orElse(true)
          && machine.tags().entrySet().containsAll(tags.entrySet());
    }
  }

  private static boolean glob(String pattern, String name) {
    String regex = Pattern.quote(pattern.toLowerCase(Locale.ROOT)).replace("*", "\\E.*\\Q");
    return Pattern.matches(regex, name.toLowerCase(Locale.ROOT));
  }
}
