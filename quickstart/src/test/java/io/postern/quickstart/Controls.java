package io.postern.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** Which tests show which control of NIST SP 800-53, as a page. */
final class Controls {
  /** A test method, by the simple name of its class, which is unique in the project. */
  record Shown(String test, String method) {}

  /** A control, and what Postern does for it. */
  record Control(String id, String title, String by, List<Shown> tests) {}

  static final List<Control> ALL =
      List.of(
          new Control(
              "AC-2(2)",
              "Automated temporary and emergency account management",
              "Every grant has an end, closes at it whichever single service is down, and is closed by"
                  + " the sweeper when the enforcer is dead. Break-glass opens at once, is bounded, and"
                  + " counts until somebody else has reviewed it.",
              List.of(
                  new Shown("OnTimeE2E", "closesOnTimeWithoutItAndMakesTheEndOfficialWhenItIsBack"),
                  new Shown("OnTimeE2E", "anExtendedGrantClosesAtItsNewEndAndNotBefore"),
                  new Shown(
                      "DemoKillE2E",
                      "whateverStepTheDemoDiesInEverythingClosesAndNothingIsLeftOver"),
                  new Shown("Ec2SweeperTest", "closesWhatIsOverAndNothingElse"),
                  new Shown("SweeperTest", "closesWhatIsOverdueAndKeepsTheLockDown"),
                  new Shown(
                      "BreakGlassTest", "opensAtOnceAndCountsUntilSomebodyElseHasReviewedIt"))),
          new Control(
              "AC-5",
              "Separation of duties",
              "Nobody approves or reviews their own; each topic has one writer, by the broker's access"
                  + " control and by signature; a producer speaks for those who are mapped to it.",
              List.of(
                  new Shown("ApprovalIT", "whatDoesNotCountIsAnsweredAndBlocksNothing"),
                  new Shown("RequestsRestIT", "somebodyElseReviewsAUseOfBreakGlass"),
                  new Shown("AclsIT", "aServiceWritesItsOwnTopicsAndDeadLettersAndNoOther"),
                  new Shown("ProducersTest", "aProducerSpeaksForThoseWhoAreMappedToItOnly"),
                  new Shown("OwnTopicIT", "somebodyElsesSignatureDoesNotSpeakThere"))),
          new Control(
              "AC-6",
              "Least privilege",
              "What is asked for is held against the policy: ports, sources, widths, durations. The"
                  + " roles in the clouds have what is needed and no more, and each service reads the"
                  + " topics that list it.",
              List.of(
                  new Shown("DeciderTest", "deniesTheWholeInternetInOnePieceAndInTwo"),
                  new Shown("DeciderTest", "holdsTheDurationAgainstPolicyAndOperator"),
                  new Shown(
                      "SourceStringsFuzzTest",
                      "onlySingleAddressesOfTheInternetAreAllowedWhereThePolicyNamesNoNetwork"),
                  new Shown("RoleTest", "theRoleInDocsIsEnough"),
                  new Shown("SelfTestTest", "findsNothingMissingAndWritesNothing"),
                  new Shown("AclsIT", "aServiceReadsTheTopicsThatListItAndNoOther"),
                  new Shown(
                      "PoliciesRestIT", "onlyAdminsChangePoliciesAndIfMatchGuardsTheChange"))),
          new Control(
              "AU-9(3)",
              "Cryptographic protection of audit information",
              "Hash chains over every partition under signed checkpoints: what was changed, dropped,"
                  + " added or moved since is named.",
              List.of(
                  new Shown("VerifierPropertyTest", "findsEachMutationAndNamesItsRecord"),
                  new Shown("AuditIT", "whateverLineOfACopyIsTamperedWithIsFound"),
                  new Shown("AuditIT", "whatIsDeletedFromTheLogBeforeItsTimeIsNamed"))),
          new Control(
              "AU-10",
              "Non-repudiation",
              "Requests and decisions are signed; a signature holds for one topic, key and value, and"
                  + " nothing that is forged, altered or put there again opens a port.",
              List.of(
                  new Shown("SignatureTest", "holdsForWhatWasSignedAndForNothingElse"),
                  new Shown("BatchSignatureTest", "everyRecordOfEverySizeOfBatchVerifiesByItself"),
                  new Shown("ForgedLeasesIT", "nothingOfWhatAnIntruderWritesOpensAPort"),
                  new Shown(
                      "RequestsRestIT", "a202MeansThatTheRequestIsOnTheLogInTheCallersName"))),
          new Control(
              "SC-7(5)",
              "Deny by default, allow by exception",
              "Management ports are shut for all but those who have a grant, packet by packet, and are"
                  + " shut again when somebody opens them by hand.",
              List.of(
                  new Shown(
                      "PacketsPropertyTest", "exactlyTheGrantedGetThroughAndEverythingComesBack"),
                  new Shown(
                      "FirewallPacketsPropertyTest",
                      "exactlyTheGrantedGetThroughAndAllOfOthersStays"),
                  new Shown("DriftTest", "aRuleThatOpensALockedPortIsReportedAndClosed"),
                  new Shown("DriftTest", "aLockDownThatSomebodyDeletedIsPutBackAndReported"),
                  new Shown("DeciderTest", "deniesAMachineThatNoPolicyCovers"))));

  private final Path root;

  Controls(Path root) {
    this.root = root;
  }

  /** The sources of the classes of that name that have that test. */
  List<Path> sources(Shown shown) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path module : modules()) {
      Path tests = module.resolve("src/test/java");
      if (!Files.isDirectory(tests)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(tests)) {
        for (Path file : files.filter(f -> f.endsWith(shown.test() + ".java")).toList()) {
          if (Files.readString(file).contains(" void " + shown.method() + "(")) {
            found.add(file);
          }
        }
      }
    }
    return found;
  }

  private List<Path> modules() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(Files::isDirectory).sorted().toList();
    }
  }

  /** The page; what no report tells of was not run. */
  String page() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Controls

            Controls of NIST SP 800-53 (revision 5) that Postern is a part of, the tests that show it, and how they ended when this page was made. Made from the reports of the last tests of this checkout, after `mvn verify`, with `-pl quickstart -am package -Dtest=ControlsTest -Dsurefire.failIfNoSpecifiedTests=false -Dpostern.docs.write=true`.

            A test of the page holds that every test named here exists. That a test passed says that Postern does what the test says, not that your organization fulfils the control.
            """);
    for (Control control : ALL) {
      page.append("\n## %s %s\n\n%s\n\n".formatted(control.id(), control.title(), control.by()));
      page.append("| test | of | last result |\n|---|---|---|\n");
      for (Shown shown : control.tests()) {
        page.append(
            "| %s | `%s` | %s |\n".formatted(sentence(shown.method()), shown.test(), last(shown)));
      }
    }
    return page.toString();
  }

  /** A page without its results: what stays the same from run to run. */
  static String withoutResults(String page) {
    return page.replaceAll("(?m)\\| [^|\\n]* \\|$", "|");
  }

  static String sentence(String method) {
    return method
        .replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ")
        .toLowerCase(Locale.ROOT);
  }

  private String last(Shown shown) throws IOException {
    for (Path source : sources(shown)) {
      Path module = root.resolve(root.relativize(source).getName(0));
      Path reports = module.resolve("target/surefire-reports");
      if (!Files.isDirectory(reports)) {
        continue;
      }
      try (Stream<Path> files = Files.list(reports)) {
        Optional<Path> report =
            files.filter(f -> f.toString().endsWith("." + shown.test() + ".xml")).findFirst();
        if (report.isPresent()) {
          return last(report.get(), shown.method());
        }
      }
    }
    return "not run";
  }

  private static String last(Path report, String method) throws IOException {
    LocalDate day =
        Files.getLastModifiedTime(report).toInstant().atZone(ZoneOffset.UTC).toLocalDate();
    int runs = 0;
    int failed = 0;
    NodeList cases = parse(report).getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      Element each = (Element) cases.item(i);
      if (!each.getAttribute("name").matches(method + "\\b.*")
          || each.getElementsByTagName("skipped").getLength() > 0) {
        continue;
      }
      runs++;
      if (each.getElementsByTagName("failure").getLength() > 0
          || each.getElementsByTagName("error").getLength() > 0) {
        failed++;
      }
    }
    if (runs == 0) {
      return "not run";
    }
    return failed == 0 ? "passed, " + day : "FAILED, " + day;
  }

  private static Element parse(Path report) throws IOException {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(report.toFile())
          .getDocumentElement();
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException("cannot read " + report, e);
    }
  }
}
