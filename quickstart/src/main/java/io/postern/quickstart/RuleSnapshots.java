package io.postern.quickstart;

import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import tools.jackson.databind.JsonNode;

/**
 * The rules of a machine's rule sets as the cloud's own API tells them, for comparison field by
 * field.
 */
final class RuleSnapshots {
  private static final Set<String> VOLATILE = Set.of("etag", "provisioningState");

  private RuleSnapshots() {}

  /** The rules of a network security group, a line each, sorted. */
  static List<String> azure(Api arm, String groupId) throws IOException, InterruptedException {
    JsonNode group = arm.call("GET", groupId + "?api-version=2024-05-01", "", Map.of()).body();
    List<String> rules = new ArrayList<>();
    group.path("properties").path("securityRules").forEach(r -> rules.add(flat(r)));
    return rules.stream().sorted().toList();
  }

  private static String flat(JsonNode node) {
    if (!node.isObject()) {
      return node.toString();
    }
    Map<String, String> fields = new TreeMap<>();
    node.properties()
        .forEach(
            f -> {
              if (!VOLATILE.contains(f.getKey())) {
                fields.put(f.getKey(), flat(f.getValue()));
              }
            });
    return fields.toString();
  }

  /**
   * The rules of the security groups attached to an instance, a line each, sorted; without rule
   * ids.
   */
  static List<String> aws(String ec2, String instance) throws IOException, InterruptedException {
    Element interfaces =
        call(
            ec2,
            "Action=DescribeNetworkInterfaces&Filter.1.Name=attachment.instance-id&Filter.1.Value.1="
                + instance);
    Set<String> groups = new TreeSet<>();
    for (Element group : elements(interfaces, "groupId")) {
      groups.add(group.getTextContent());
    }
    List<String> rules = new ArrayList<>();
    for (String group : groups) {
      Element answer =
          call(
              ec2,
              "Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1=" + group);
      for (Element set : elements(answer, "securityGroupRuleSet")) {
        children(set).forEach(rule -> rules.add(flat(rule)));
      }
    }
    return rules.stream().sorted().toList();
  }

  /** Ids of the security groups whose name matches a pattern. */
  static List<String> awsGroups(String ec2, String name) throws IOException, InterruptedException {
    Element answer =
        call(
            ec2,
            "Action=DescribeSecurityGroups&Filter.1.Name=group-name&Filter.1.Value.1="
                + URLEncoder.encode(name, StandardCharsets.UTF_8));
    return elements(answer, "groupId").stream().map(Element::getTextContent).distinct().toList();
  }

  private static Element call(String ec2, String form) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(ec2 + "/"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=demo/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0")
            .POST(HttpRequest.BodyPublishers.ofString("Version=2016-11-15&" + form))
            .build();
    String xml =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return factory
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(xml)))
          .getDocumentElement();
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException("EC2 did not answer XML: " + xml, e);
    }
  }

  private static List<Element> elements(Element in, String name) {
    List<Element> found = new ArrayList<>();
    var nodes = in.getElementsByTagName(name);
    for (int i = 0; i < nodes.getLength(); i++) {
      found.add((Element) nodes.item(i));
    }
    return found;
  }

  private static List<Element> children(Element in) {
    List<Element> found = new ArrayList<>();
    for (Node n = in.getFirstChild(); n != null; n = n.getNextSibling()) {
      if (n instanceof Element e) {
        found.add(e);
      }
    }
    return found;
  }

  private static String flat(Element element) {
    List<Element> children = children(element);
    if (children.isEmpty()) {
      return element.getTextContent();
    }
    List<String> fields = new ArrayList<>();
    for (Element child : children) {
      if (!child.getTagName().equals("securityGroupRuleId")
          && !child.getTagName().equals("securityGroupRuleArn")) {
        fields.add(child.getTagName() + "=" + flat(child));
      }
    }
    fields.sort(null);
    return fields.toString();
  }
}
