package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request.Method;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import com.atlassian.oai.validator.report.ValidationReport.Message;
import io.postern.simulator.kernel.Journal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The journal of a session held beside Microsoft's own description of the API, by a validator that
 * is not ours. The description is of older api-versions than clients speak: the version is
 * rewritten, and what is newer is listed here.
 */
class SwaggerTest extends SmallScene {
  private static final String NETWORK = Http.SHOP + "Microsoft.Network/";

  /** Members that newer versions have; each is documented there. */
  private static final List<String> NEWER = List.of("flushConnection");

  private static final Pattern ADDITIONAL = Pattern.compile("\\[\"(.*)\"\\]");

  private final OpenApiInteractionValidator validator =
      OpenApiInteractionValidator.createForSpecificationUrl("microsoft/azure-network-compute.json")
          .withLevelResolver(
              LevelResolver.create()
                  // Compared here, member by member.
                  .withLevel("validation.schema.additionalProperties", ValidationReport.Level.WARN)
                  .withLevel(
                      "validation.response.body.schema.additionalProperties",
                      ValidationReport.Level.WARN)
                  .withLevel(
                      "validation.request.body.schema.additionalProperties",
                      ValidationReport.Level.WARN)
                  // A GET may be put back as it is: ARM ignores what it computes itself.
                  .withLevel(
                      "validation.request.body.schema.readOnly", ValidationReport.Level.IGNORE)
                  .build())
          .build();

  private final List<String> wrong = new ArrayList<>();
  private final TreeSet<String> newer = new TreeSet<>();

  /** Every type that the simulator serves, put, read, listed, put back as read and deleted. */
  private void session() {
    List<String> ids = new ArrayList<>();
    for (String list :
        List.of(
            "networkSecurityGroups", "networkInterfaces", "publicIPAddresses", "virtualNetworks")) {
      http.get(NETWORK + list);
      http.get("/subscriptions/" + ArmScene.SUBSCRIPTION + "/providers/Microsoft.Network/" + list);
    }
    http.get(Http.VM.substring(0, Http.VM.length() - 1));
    http.get(
        "/subscriptions/" + ArmScene.SUBSCRIPTION + "/providers/Microsoft.Compute/virtualMachines");
    for (String id :
        List.of(
            Http.NSG + "web-01-nsg",
            NETWORK + "networkInterfaces/web-01-nic",
            NETWORK + "publicIPAddresses/web-01-ip",
            NETWORK + "virtualNetworks/shop-vnet",
            Http.VM + "web-01")) {
      http.put(id, http.get(id).raw().body());
    }
    http.get(Http.NSG + "web-01-nsg/securityRules");
    http.get(Http.NSG + "web-01-nsg/defaultSecurityRules");
    http.put(Http.NSG + "web-01-nsg/securityRules/a", Http.rule("Allow", 200, "192.0.2.1", "22"));
    http.get(Http.NSG + "web-01-nsg/securityRules/a");
    http.delete(Http.NSG + "web-01-nsg/securityRules/a");
    http.put(
        Http.NSG + "new-nsg",
        "{\"location\":\"westeurope\",\"properties\":{\"flushConnection\":true}}");
    ids.add(Http.NSG + "new-nsg");
    http.put(NETWORK + "applicationSecurityGroups/asg", "{\"location\":\"westeurope\"}");
    http.get(NETWORK + "applicationSecurityGroups/asg");
    ids.add(NETWORK + "applicationSecurityGroups/asg");
    firewall(ids);
    for (String id : ids) {
      http.get(id);
    }
    for (String id : ids.reversed()) {
      http.delete(id);
    }
  }

  private void firewall(List<String> ids) {
    http.put(
        NETWORK + "virtualNetworks/shop-vnet/subnets/AzureFirewallSubnet",
        "{\"properties\":{\"addressPrefix\":\"10.1.9.0/26\"}}");
    http.get(NETWORK + "virtualNetworks/shop-vnet/subnets/AzureFirewallSubnet");
    http.get(NETWORK + "virtualNetworks/shop-vnet/subnets");
    http.put(
        NETWORK + "publicIPAddresses/fw-ip",
        "{\"location\":\"westeurope\",\"properties\":{\"ipAddress\":\"20.50.9.9\"}}");
    ids.add(NETWORK + "publicIPAddresses/fw-ip");
    http.put(
        NETWORK + "azureFirewalls/fw",
        """
        {"location":"westeurope","properties":{"ipConfigurations":[{"name":"c","properties":{
        "subnet":{"id":"%svirtualNetworks/shop-vnet/subnets/AzureFirewallSubnet"},
        "publicIPAddress":{"id":"%spublicIPAddresses/fw-ip"}}}],
        "natRuleCollections":[{"name":"in","properties":{"priority":200,"action":{"type":"Dnat"},
        "rules":[{"name":"ssh","protocols":["TCP"],"sourceAddresses":["203.0.113.0/24"],
        "destinationAddresses":["20.50.9.9"],"destinationPorts":["2222"],
        "translatedAddress":"10.1.0.5","translatedPort":"22"}]}}],
        "networkRuleCollections":[{"name":"east","properties":{"priority":100,
        "action":{"type":"Allow"},"rules":[{"name":"ssh","protocols":["TCP"],
        "sourceAddresses":["10.1.1.4"],"destinationAddresses":["10.1.0.0/24"],
        "destinationPorts":["22"]}]}}]}}"""
            .formatted(NETWORK, NETWORK));
    ids.add(NETWORK + "azureFirewalls/fw");
    http.get(NETWORK + "azureFirewalls");
    http.put(
        NETWORK + "routeTables/out",
        """
        {"location":"westeurope","properties":{"routes":[{"name":"all","properties":
        {"addressPrefix":"0.0.0.0/0","nextHopType":"VirtualAppliance",
        "nextHopIpAddress":"10.1.9.4"}}]}}""");
    ids.add(NETWORK + "routeTables/out");
    http.get(NETWORK + "routeTables/out/routes");
    http.get(NETWORK + "routeTables/out/routes/all");
  }

  private void check() {
    List<Journal.Entry> entries = simulator.server().journal().entries();
    assertThat(entries).hasSizeGreaterThan(40);
    for (Journal.Entry entry : entries) {
      ValidationReport report = validator.validate(request(entry), response(entry));
      for (Message message : report.getMessages()) {
        Matcher members = ADDITIONAL.matcher(message.getMessage());
        if (message.getKey().endsWith("additionalProperties") && members.find()) {
          newer.addAll(List.of(members.group(1).split("\",\"")));
        } else if (message.getLevel() == ValidationReport.Level.ERROR) {
          wrong.add(
              "%s %s: %s %s"
                  .formatted(
                      entry.request().method(),
                      entry.request().path(),
                      message.getKey(),
                      message.getMessage()));
        }
      }
    }
  }

  private static SimpleRequest request(Journal.Entry entry) {
    Method method = Method.valueOf(entry.request().method().toUpperCase(Locale.ROOT));
    SimpleRequest.Builder builder = new SimpleRequest.Builder(method, entry.request().path());
    String version = entry.action().contains("virtualMachines") ? "2021-03-01" : "2021-02-01";
    builder.withQueryParam("api-version", version);
    if (entry.request().body().length > 0) {
      builder.withContentType("application/json").withBody(entry.request().text());
    }
    return builder.build();
  }

  private static SimpleResponse response(Journal.Entry entry) {
    SimpleResponse.Builder builder = new SimpleResponse.Builder(entry.response().status());
    byte[] body = entry.response().body();
    if (body.length > 0) {
      builder
          .withContentType("application/json")
          .withBody(new String(body, StandardCharsets.UTF_8));
    }
    return builder.build();
  }

  @Test
  void everyAnswerIsAsMicrosoftDescribesIt() {
    session();
    check();
    assertThat(wrong).isEmpty();
    assertThat(newer).containsExactlyElementsOf(NEWER);
  }

  @Test
  void operationsThatTakeTimeAreAsMicrosoftDescribesThem() {
    simulator.server().clock().freeze();
    http.simulator("settings", "{\"operationLatency\":\"PT1S\"}");
    String rule = Http.NSG + "web-01-nsg/securityRules/slow";
    http.put(rule, Http.rule("Allow", 200, "192.0.2.1", "22"));
    simulator.server().clock().advance(Duration.ofSeconds(1));
    http.delete(rule);
    simulator.server().clock().advance(Duration.ofSeconds(1));
    for (Journal.Entry entry : simulator.server().journal().entries()) {
      validator.validate(request(entry), response(entry)).getMessages().stream()
          .filter(m -> m.getLevel() == ValidationReport.Level.ERROR)
          .forEach(m -> wrong.add(m.getMessage()));
    }
    assertThat(wrong).isEmpty();
  }

  /** A validator that says yes to everything would be of no use. */
  @Test
  void aWrongAnswerIsFound() {
    http.get(Http.NSG + "web-01-nsg");
    Journal.Entry entry = simulator.server().journal().entries().getFirst();
    String body = new String(entry.response().body(), StandardCharsets.UTF_8);
    String broken = body.replaceAll("\"priority\":[0-9]+", "\"priority\":\"first\"");
    assertThat(broken).isNotEqualTo(body);
    ValidationReport report =
        validator.validate(
            request(entry),
            new SimpleResponse.Builder(200)
                .withContentType("application/json")
                .withBody(broken)
                .build());
    assertThat(report.hasErrors()).isTrue();
  }
}
