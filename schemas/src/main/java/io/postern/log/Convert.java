package io.postern.log;

import io.postern.event.Cloud;
import io.postern.event.ExistingRules;
import io.postern.event.JitPolicy;
import io.postern.event.MachineAssessed;
import io.postern.event.Person;
import io.postern.event.PolicyDocument;
import io.postern.event.PortSelection;
import io.postern.event.SharedGroups;
import io.postern.model.ApprovalLevel;
import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.Requestor;
import io.postern.model.RuleSetId;
import io.postern.model.SharedRule;
import io.postern.model.Shortage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Between events and value types. Reading refuses what is malformed with {@link
 * InvalidValueException}.
 */
public final class Convert {
  /** How a policy says: whatever the requestor asks for. */
  public static final String ANY_SOURCE = "*";

  private Convert() {}

  // A loop: most lists in requests have one element, for which a stream costs more than reading it.
  private static <F, T> List<T> converted(List<F> from, Function<F, T> conversion) {
    List<T> to = new ArrayList<>(from.size());
    for (F each : from) {
      to.add(conversion.apply(each));
    }
    return List.copyOf(to);
  }

  public static PortSpec toModel(PortSelection ports) {
    return new PortSpec(
        new PortRange(ports.getFromPort(), ports.getToPort()),
        Protocol.valueOf(ports.getProtocol().name()));
  }

  public static PortSelection toEvent(PortSpec ports) {
    return new PortSelection(
        ports.ports().from(),
        ports.ports().to(),
        io.postern.event.Protocol.valueOf(ports.protocol().name()));
  }

  public static List<PortSpec> toPorts(List<PortSelection> ports) {
    return converted(ports, Convert::toModel);
  }

  public static List<PortSelection> fromPorts(List<PortSpec> ports) {
    return converted(ports, Convert::toEvent);
  }

  public static List<Cidr> toCidrs(List<String> sources) {
    return converted(sources, Cidr::parse);
  }

  public static List<String> fromCidrs(List<Cidr> sources) {
    return converted(sources, Cidr::toString);
  }

  public static Requestor toModel(Person person) {
    return new Requestor(person.getSubject(), person.getIssuer(), Set.copyOf(person.getGroups()));
  }

  public static Person toEvent(Requestor requestor) {
    return new Person(
        requestor.subject(), requestor.issuer(), requestor.groups().stream().sorted().toList());
  }

  public static List<ApprovalLevel> toLevels(List<io.postern.event.ApprovalLevel> levels) {
    return levels.stream().map(ConvertTerms::level).toList();
  }

  public static List<io.postern.event.ApprovalLevel> fromLevels(List<ApprovalLevel> levels) {
    return levels.stream().map(ConvertTerms::level).toList();
  }

  public static Policy toModel(JitPolicy policy) {
    return toModel(policy.getDocument(), policy.getVersion());
  }

  public static Policy toModel(PolicyDocument document, long version) {
    return new Policy(
        new PolicyId(document.getName()),
        version,
        document.getMachines().stream().map(Convert::toModel).toList(),
        document.getPorts().stream().map(Convert::toModel).toList(),
        Set.copyOf(document.getRequestorGroups()),
        ConvertSubjects.toModel(document.getRequestorSubjects(), document.getRequestorIdentities()),
        document.getJustificationRequired(),
        Optional.ofNullable(document.getJustificationPattern()).map(Convert::pattern),
        Policy.ExistingRules.valueOf(document.getExistingRules().name()),
        Policy.SharedGroups.valueOf(document.getSharedGroups().name()),
        document.getMaxSourceWidthV4(),
        document.getMaxSourceWidthV6(),
        ConvertTerms.toModel(document));
  }

  static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new InvalidValueException("must be a regular expression", regex);
    }
  }

  private static MachineSelector toModel(io.postern.event.MachineSelector selector) {
    if (selector.getId() != null) {
      return new MachineSelector.ById(new MachineId(selector.getId()));
    }
    Optional<String> name = Optional.ofNullable(selector.getName());
    Map<String, String> tags = selector.getTags();
    return selector.getCloud() == Cloud.AZURE
        ? new MachineSelector.Azure(
            Optional.ofNullable(selector.getSubscription()),
            Optional.ofNullable(selector.getResourceGroup()),
            tags,
            name)
        : new MachineSelector.Aws(
            Optional.ofNullable(selector.getAccount()),
            Optional.ofNullable(selector.getRegion()),
            tags,
            name);
  }

  private static PortRule toModel(io.postern.event.PortRule rule) {
    List<Cidr> sources =
        rule.getSources().contains(ANY_SOURCE) ? List.of() : toCidrs(rule.getSources());
    return new PortRule(
        toModel(rule.getPorts()), sources, Duration.ofMillis(rule.getMaxDurationMillis()));
  }

  public static PolicyDocument toEvent(Policy policy) {
    var event =
        PolicyDocument.newBuilder()
            .setName(policy.id().value())
            .setMachines(policy.machines().stream().map(Convert::toEvent).toList())
            .setPorts(policy.ports().stream().map(Convert::toEvent).toList())
            .setRequestorGroups(policy.requestorGroups().stream().sorted().toList())
            .setRequestorSubjects(ConvertSubjects.plain(policy.requestorSubjects()))
            .setRequestorIdentities(ConvertSubjects.identities(policy.requestorSubjects()))
            .setJustificationRequired(policy.justificationRequired())
            .setJustificationPattern(
                policy.justificationPattern().map(Pattern::pattern).orElse(null))
            .setExistingRules(ExistingRules.valueOf(policy.existingRules().name()))
            .setSharedGroups(SharedGroups.valueOf(policy.sharedGroups().name()))
            .setMaxSourceWidthV4(policy.maxSourceWidthV4())
            .setMaxSourceWidthV6(policy.maxSourceWidthV6());
    ConvertTerms.put(policy.terms(), event);
    return event.build();
  }

  private static io.postern.event.MachineSelector toEvent(MachineSelector selector) {
    var event = io.postern.event.MachineSelector.newBuilder();
    if (selector instanceof MachineSelector.ById byId) {
      event.setId(byId.id().value());
    } else if (selector instanceof MachineSelector.Azure azure) {
      event
          .setCloud(Cloud.AZURE)
          .setSubscription(azure.subscription().orElse(null))
          .setResourceGroup(azure.resourceGroup().orElse(null))
          .setTags(azure.tags())
          .setName(azure.name().orElse(null));
    } else if (selector instanceof MachineSelector.Aws aws) {
      event
          .setCloud(Cloud.AWS)
          .setAccount(aws.account().orElse(null))
          .setRegion(aws.region().orElse(null))
          .setTags(aws.tags())
          .setName(aws.name().orElse(null));
    }
    return event.build();
  }

  private static io.postern.event.PortRule toEvent(PortRule rule) {
    return new io.postern.event.PortRule(
        toEvent(rule.ports()),
        rule.sources().isEmpty() ? List.of(ANY_SOURCE) : fromCidrs(rule.sources()),
        rule.maxDuration().toMillis());
  }

  public static MachineFacts toModel(MachineAssessed machine) {
    return new MachineFacts(
        new MachineId(machine.getMachineId()),
        machine.getName(),
        machine.getTags(),
        machine.getPrivateAddresses(),
        machine.getPublicAddresses(),
        machine.getRunning(),
        machine.getRuleSets().stream().map(RuleSetId::new).toList(),
        Optional.ofNullable(machine.getShortage()).map(Convert::toModel),
        Optional.ofNullable(machine.getPublicShortage()).map(Convert::toModel));
  }

  private static Shortage toModel(io.postern.event.Shortage shortage) {
    return new Shortage(
        shortage.getRulesLeft(),
        shortage.getReason(),
        shortage.getShared().stream()
            .map(r -> new SharedRule(r.getIpv6(), toPorts(r.getPorts())))
            .toList());
  }

  public static io.postern.event.Shortage toEvent(Shortage shortage) {
    return new io.postern.event.Shortage(
        shortage.rulesLeft(),
        shortage.reason(),
        shortage.shared().stream()
            .map(r -> new io.postern.event.SharedRule(r.ipv6(), fromPorts(r.ports())))
            .toList());
  }
}
