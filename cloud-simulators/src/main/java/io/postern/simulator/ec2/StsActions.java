package io.postern.simulator.ec2;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** STS: temporary keys for a role, and who am I. */
final class StsActions {
  private static final String ROLE = "arn:aws:iam::\\d{12}:role/.+";

  /** What every key begins with that AssumeRole hands out. */
  static final String KEY_START = "ASIASIM";

  private StsActions() {}

  static void register(Map<String, Action> actions, Map<String, Action.Service> services) {
    actions.put("AssumeRole", StsActions::assumeRole);
    actions.put("GetCallerIdentity", StsActions::identity);
    services.put("AssumeRole", Action.Service.STS);
    services.put("GetCallerIdentity", Action.Service.STS);
  }

  private static void assumeRole(Call call, Xml out) {
    String role = call.in.required("RoleArn");
    String name = call.in.required("RoleSessionName");
    String externalId = call.in.text("ExternalId", "");
    int seconds = call.in.number("DurationSeconds", 3600);
    if (!role.matches(ROLE) || seconds < 900 || seconds > 43_200) {
      throw Ec2Error.of("ValidationError", "RoleArn or DurationSeconds is not valid");
    }
    call.write();
    String asked = call.world.externalIds.get(role);
    if (asked != null && !asked.equals(externalId)) {
      throw new Ec2Error(
          403,
          "AccessDenied",
          "User: "
              + call.caller.arn()
              + " is not authorized to perform: sts:AssumeRole on resource: "
              + role);
    }
    String account = role.split(":", -1)[4];
    String path = role.substring(role.indexOf(":role/") + ":role/".length());
    String arn =
        "arn:aws:sts::"
            + account
            + ":assumed-role/"
            + path.substring(path.lastIndexOf('/') + 1)
            + "/"
            + name;
    // 20 characters, as AWS's keys have; told from a real key by its beginning.
    String id = call.world.id("key").substring("key-0".length());
    String key = KEY_START + id.substring(3).toUpperCase(Locale.ROOT);
    Instant expiration = call.now.plus(Duration.ofSeconds(seconds));
    call.world.sessions.values().removeIf(session -> session.isExpired(call.now));
    call.world.sessions.put(key, new Principal(account, arn, key, expiration));
    out.open("Credentials").text("AccessKeyId", key).text("SecretAccessKey", "simulated-" + key);
    out.text("SessionToken", "token-" + key).time("Expiration", expiration).close("Credentials");
    out.open("AssumedRoleUser").text("AssumedRoleId", "AROASIMULATED:" + name);
    out.text("Arn", arn).close("AssumedRoleUser");
  }

  private static void identity(Call call, Xml out) {
    call.in.refuseUnread();
    out.text("Arn", call.caller.arn()).text("UserId", call.caller.accessKey());
    out.text("Account", call.account());
  }
}
