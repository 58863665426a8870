package io.postern.request.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postern.event.Bypass;
import io.postern.event.ExposedSources;
import io.postern.event.MachineAssessed;
import io.postern.event.PortExposure;
import io.postern.event.PortSelection;
import io.postern.event.Severity;
import io.postern.model.Cloud;
import io.postern.model.MachineId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** Machines for spreadsheets, and as findings of the Open Cybersecurity Schema Framework: pure. */
public final class MachineReports {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OCSF = "1.5.0";

  /** The framework's number of the class Compliance Finding, and of its activity Update. */
  private static final int COMPLIANCE_FINDING = 2003;

  private static final String CLASS_NAME = "Compliance Finding";
  private static final int UPDATE = 2;

  private static final List<String> COLUMNS =
      List.of(
          "id",
          "name",
          "scope",
          "running",
          "private_addresses",
          "public_addresses",
          "assessment",
          "severity",
          "reason_code",
          "reason",
          "unsupported",
          "mode",
          "assessed_at",
          "open_ports",
          "bypassed_by",
          "tags");

  private MachineReports() {}

  /**
   * A file with machines.
   *
   * @param format {@code csv} or {@code ocsf}
   * @throws Problem when it is another
   */
  public static ResponseEntity<String> download(String format, List<MachineAssessed> machines) {
    return switch (format) {
      case "csv" -> file("machines.csv", "text/csv; charset=utf-8", csv(machines));
      case "ocsf" ->
          file(
              "machines.ocsf.jsonl",
              "application/x-ndjson; charset=utf-8",
              machines.stream().map(m -> finding(m) + "\n").collect(Collectors.joining()));
      default -> throw Problem.invalid("format", "must be csv or ocsf", format);
    };
  }

  private static ResponseEntity<String> file(String name, String type, String content) {
    return ResponseEntity.ok()
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment().filename(name).build().toString())
        .contentType(MediaType.parseMediaType(type))
        .body(content);
  }

  /** A table as RFC 4180 has it, with a line of heads. */
  static String csv(List<MachineAssessed> machines) {
    return Stream.concat(Stream.of(COLUMNS), machines.stream().map(MachineReports::cells))
        .map(row -> row.stream().map(MachineReports::cell).collect(Collectors.joining(",")))
        .collect(Collectors.joining("\r\n", "", "\r\n"));
  }

  private static List<String> cells(MachineAssessed m) {
    return List.of(
        m.getMachineId(),
        m.getName(),
        m.getScope(),
        Boolean.toString(m.getRunning()),
        String.join(" ", m.getPrivateAddresses()),
        String.join(" ", m.getPublicAddresses()),
        m.getAssessment().name(),
        m.getSeverity().name(),
        m.getReasonCode().name(),
        m.getReason(),
        m.getUnsupported(),
        m.getMode().name(),
        m.getAssessedAt().toString(),
        openPorts(m),
        m.getBypassedBy().stream().map(Bypass::getRule).collect(Collectors.joining(" ")),
        new TreeMap<>(m.getTags())
            .entrySet().stream()
                .map(t -> t.getKey() + "=" + t.getValue())
                .collect(Collectors.joining(" ")));
  }

  private static String openPorts(MachineAssessed m) {
    return m.getExposure().stream()
        .filter(e -> !ungranted(e).isEmpty())
        .map(e -> words(e.getPorts()))
        .collect(Collectors.joining(" "));
  }

  /** Sources that come in without a grant. */
  static List<ExposedSources> ungranted(PortExposure exposure) {
    return exposure.getReachableFrom().stream().filter(s -> s.getGrants().isEmpty()).toList();
  }

  static String words(PortSelection p) {
    String ports =
        p.getFromPort() == p.getToPort()
            ? Integer.toString(p.getFromPort())
            : p.getFromPort() + "-" + p.getToPort();
    return ports + "/" + p.getProtocol();
  }

  /**
   * Quoted where it must be. Names and tags are other people's: what a spreadsheet would take for a
   * formula gets an apostrophe before it.
   */
  private static String cell(String text) {
    boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
    String safe = formula ? "'" + text : text;
    boolean quotes = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return quotes ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }

  /** One Compliance Finding on a line, as {@code docs/ocsf.schema.json} has it. */
  static String finding(MachineAssessed m) {
    MachineId id = new MachineId(m.getMachineId());
    ObjectNode finding = JSON.createObjectNode();
    finding.put("category_uid", COMPLIANCE_FINDING / 1000).put("category_name", "Findings");
    finding.put("class_uid", COMPLIANCE_FINDING).put("class_name", CLASS_NAME);
    finding.put("activity_id", UPDATE).put("activity_name", "Update");
    finding.put("type_uid", COMPLIANCE_FINDING * 100 + UPDATE);
    finding.put("type_name", CLASS_NAME + ": Update");
    finding.put("time", m.getAssessedAt().toEpochMilli());
    finding.put("severity_id", severityId(m.getSeverity()));
    finding.put("severity", severityName(m.getSeverity()));
    finding.put("message", m.getReason());
    ObjectNode metadata = finding.putObject("metadata").put("version", OCSF);
    metadata.putArray("profiles").add("cloud");
    metadata.putObject("product").put("name", "Postern").put("vendor_name", "Postern");
    ObjectNode info = finding.putObject("finding_info");
    info.put("uid", "postern-jit/" + m.getMachineId());
    info.put("title", "Management ports are under just-in-time access or closed");
    info.put("desc", m.getReason());
    info.putArray("types").add(m.getReasonCode().name());
    compliance(finding.putObject("compliance"), m);
    resource(finding.putArray("resources").addObject(), m, id);
    ObjectNode cloud = finding.putObject("cloud");
    cloud.put("provider", id.cloud() == Cloud.AZURE ? "Azure" : "AWS");
    cloud.putObject("account").put("uid", id.scope().account());
    if (id.cloud() == Cloud.AWS) {
      cloud.put("region", id.scope().region());
    }
    details(finding.putObject("unmapped"), m);
    return finding.toString();
  }

  private static void compliance(ObjectNode compliance, MachineAssessed m) {
    compliance.put(
        "control",
        "just-in-time access, mode " + m.getMode().name().toLowerCase(java.util.Locale.ROOT));
    compliance.putArray("standards").add("Postern");
    switch (m.getAssessment()) {
      case HEALTHY -> compliance.put("status_id", 1).put("status", "Pass");
      case UNHEALTHY -> compliance.put("status_id", 3).put("status", "Fail");
      case NOT_APPLICABLE -> compliance.put("status_id", 99).put("status", "Not applicable");
      case UNKNOWN -> compliance.put("status_id", 0).put("status", "Unknown");
    }
    compliance.put(
        "status_detail", m.getUnsupported().isEmpty() ? m.getReason() : m.getUnsupported());
  }

  private static void resource(ObjectNode resource, MachineAssessed m, MachineId id) {
    resource.put("uid", m.getMachineId()).put("name", m.getName());
    resource.put(
        "type",
        id.cloud() == Cloud.AZURE ? "Microsoft.Compute/virtualMachines" : "AWS::EC2::Instance");
    ArrayNode labels = resource.putArray("labels");
    for (Map.Entry<String, String> tag : new TreeMap<>(m.getTags()).entrySet()) {
      labels.add(tag.getKey() + ":" + tag.getValue());
    }
  }

  /** What the framework has no attribute for. */
  private static void details(ObjectNode details, MachineAssessed m) {
    ArrayNode open = details.putArray("open");
    for (PortExposure e : m.getExposure()) {
      for (ExposedSources s : ungranted(e)) {
        ObjectNode entry = open.addObject().put("ports", words(e.getPorts()));
        s.getSources().forEach(entry.putArray("sources")::add);
        s.getRules()
            .forEach(
                r ->
                    entry
                        .withArray("rules")
                        .addObject()
                        .put("ruleSet", r.getRuleSet())
                        .put("rule", r.getRule()));
      }
    }
    ArrayNode bypasses = details.putArray("bypassedBy");
    m.getBypassedBy().forEach(b -> bypasses.add(b.getRuleSet() + " " + b.getRule()));
  }

  private static int severityId(Severity severity) {
    return switch (severity) {
      case UNKNOWN -> 0;
      case NONE -> 1;
      case LOW -> 2;
      case MEDIUM -> 3;
      case HIGH -> 4;
      case CRITICAL -> 5;
    };
  }

  private static String severityName(Severity severity) {
    return switch (severity) {
      case UNKNOWN -> "Unknown";
      case NONE -> "Informational";
      case LOW -> "Low";
      case MEDIUM -> "Medium";
      case HIGH -> "High";
      case CRITICAL -> "Critical";
    };
  }
}
