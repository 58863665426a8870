package io.postern.model;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A virtual machine by its cloud's own id, in one canonical spelling, so that equal machines have
 * equal ids: ARM ids of virtual machines and of instances of scale sets, which Azure reads without
 * regard to case, with names in lower case; EC2 instance ARNs as they are.
 */
public record MachineId(String value) implements Comparable<MachineId> {
  private static final String SUBSCRIPTIONS = "/subscriptions/";
  private static final int UUID_LENGTH = 36;
  private static final Pattern ARM =
      Pattern.compile(
          "/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
              + "/resourceGroups/([-\\w._()]{1,90})"
              + "/providers/Microsoft\\.Compute(?:/virtualMachineScaleSets/([-\\w.]{1,64}))?"
              + "/virtualMachines/([-\\w.]{1,64})",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern ARN =
      Pattern.compile(
          "arn:aws(?:-cn|-us-gov)?:ec2:([a-z]{2}(?:-[a-z]+)+-[0-9]+):([0-9]{12}):instance/(i-[0-9a-f]{8,17})");

  /**
   * @throws InvalidValueException when it is neither an ARM id of a virtual machine nor an EC2
   *     instance ARN
   */
  public MachineId {
    value = canonical(value);
  }

  private static String canonical(String text) {
    Matcher arm = ARM.matcher(text);
    if (arm.matches()) {
      String scaleSet = arm.group(3);
      return SUBSCRIPTIONS
          + lower(arm.group(1))
          + "/resourceGroups/"
          + lower(arm.group(2))
          + "/providers/Microsoft.Compute"
          + (scaleSet == null ? "" : "/virtualMachineScaleSets/" + lower(scaleSet))
          + "/virtualMachines/"
          + lower(arm.group(4));
    }
    if (ARN.matcher(text).matches()) {
      return text;
    }
    throw new InvalidValueException(
        "must be the ARM id of a virtual machine or the ARN of an EC2 instance", text);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  public Cloud cloud() {
    return value.startsWith("/") ? Cloud.AZURE : Cloud.AWS;
  }

  // By position, which a canonical value has: every record on a decision's way asks for it.
  public Scope scope() {
    if (cloud() == Cloud.AZURE) {
      int from = SUBSCRIPTIONS.length();
      return Scope.azure(value.substring(from, from + UUID_LENGTH));
    }
    String[] parts = value.split(":", -1);
    return Scope.aws(parts[4], parts[3]);
  }

  /** Azure's resource group in lower case; empty for AWS. */
  public String resourceGroup() {
    return cloud() == Cloud.AZURE ? match(ARM).group(2) : "";
  }

  /** Whether it is an instance of an Azure scale set in uniform mode, named by the set's id. */
  public boolean isInScaleSet() {
    return value.contains("/virtualMachineScaleSets/");
  }

  /**
   * The last part: Azure's machine name in lower case, with its scale set's before it as Azure
   * writes it, or the EC2 instance id.
   */
  public String localName() {
    if (cloud() == Cloud.AWS) {
      return match(ARN).group(3);
    }
    Matcher arm = match(ARM);
    return isInScaleSet() ? arm.group(3) + "_" + arm.group(4) : arm.group(4);
  }

  private Matcher match(Pattern pattern) {
    Matcher matcher = pattern.matcher(value);
    if (!matcher.matches()) {
      throw new IllegalStateException(value);
    }
    return matcher;
  }

  @Override
  public int compareTo(MachineId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
