package io.postern.quickstart;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.postern.quickstart.SystemProcess.ARN;
import static io.postern.quickstart.SystemProcess.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.postern.platform.Issuer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages in a real browser against the whole system. */
class WebE2E {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String PERSON = "203.0.113.7";
  private static final int DESK = 1200;
  private static final int PHONE = 390;

  /** Where pictures of the pages go; nowhere when it is not set. */
  private static final Optional<Path> PICTURES =
      Optional.ofNullable(System.getProperty("postern.screenshots")).map(Path::of);

  @TempDir static Path home;
  private static Quickstart system;
  private static Issuer issuer;
  private static Browser browser;
  private static final List<String> COMPLAINTS = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.open();
    PlaywrightAssertions.setDefaultAssertionTimeout(
        Long.getLong("postern.patience", SOON.toMillis()));
    issuer = Issuer.in(home);
    Ports ports = FreePorts.take();
    system = Quickstart.start(ports, Data.at(null), issuer, Console.standard(false));
    PosternClient admin =
        new PosternClient(system.clouds().web(), issuer.token("root", List.of("admins")));
    put(
        admin,
        "web",
        VM,
        "\"maxDuration\": \"PT1H\"",
        "\"extension\": {\"maxTotal\": \"PT2H\"}, \"existingRules\": \"override\"");
    put(
        admin,
        "guarded",
        ARN,
        "\"maxDuration\": \"PT1H\"",
        "\"approval\": {\"levels\": [{\"anyOf\": {\"groups\": [\"leads\"]}, \"count\": 1}],"
            + " \"timeout\": \"PT1H\"}, \"justification\": {\"required\": true}");
    await().atMost(SOON).until(() -> passes("192.0.2.66").equals(List.of(false, false)));
  }

  private static void put(
      PosternClient admin, String name, String machine, String duration, String terms)
      throws Exception {
    String body =
        """
        {"schemaVersion": 1, "machines": [{"id": "%s"}],
         "ports": [{"port": 22, "sources": ["*"], %s}],
         "requestors": {"groups": ["sre"]}, %s}"""
            .formatted(machine, duration, terms);
    assertThat(admin.call("PUT", "/api/v1/policies/" + name, body, Map.of()).status())
        .isEqualTo(201);
  }

  @AfterAll
  static void close() {
    assertThat(COMPLAINTS).as("what the browser complained of").isEmpty();
    if (system != null) {
      system.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  private static List<Boolean> passes(String from) throws Exception {
    return SystemProcess.passes(from, system.clouds().arm(), system.clouds().ec2());
  }

  /** A person who has signed in. */
  private static Page as(BrowserContext context, String subject, String group) {
    Page page = context.newPage();
    page.onConsoleMessage(WebE2E::complain);
    page.onPageError(e -> COMPLAINTS.add(e));
    page.navigate(system.clouds().web() + "/");
    assertThat(page).hasURL(Pattern.compile(".*/sign-in$"));
    page.getByLabel("A token").fill(issuer.token(subject, List.of(group)));
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in")).click();
    assertThat(page).hasURL(system.clouds().web() + "/");
    return page;
  }

  private static void complain(ConsoleMessage message) {
    // That an answer is not 200 is said there, too, and some are meant to be.
    if (message.type().equals("error") && !message.text().startsWith("Failed to load")) {
      COMPLAINTS.add(message.text());
    }
  }

  private static void picture(Page page, String name) {
    PICTURES.ifPresent(
        to ->
            page.screenshot(
                new Page.ScreenshotOptions().setPath(to.resolve(name + ".png")).setFullPage(true)));
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator heading(Page page) {
    return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1));
  }

  private static void ask(Page page, String machine, String minutes, String why) {
    page.navigate(system.clouds().web() + "/ask");
    page.getByLabel("Name, id, address or tag").fill(machine);
    if (!page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(machine))
        .first()
        .isVisible()) {
      button(page, "Find").click();
    }
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("22/TCP")).first().click();
    page.getByLabel("From which address").fill(PERSON);
    page.getByLabel("For how many minutes").fill(minutes);
    page.getByLabel("Why").fill(why);
  }

  @Test
  void asksIsOpenedExtendsAndCloses() throws Exception {
    try (BrowserContext context = browser.visitor(true, DESK, false)) {
      Page page = as(context, "alice", "sre");
      ask(page, "virtualMachines/web-01", "10", "INC-1");
      assertThat(page.locator("#preview"))
          .containsText("22/TCP opens for 203.0.113.7 only, for 10 min, at once.");
      picture(page, "ask");
      button(page, "Ask").click();
      assertThat(page).hasURL(Pattern.compile(".*/requests/[0-9a-f-]{36}$"));
      Locator grant = page.locator(".grant.g-open");
      assertThat(grant.locator(".connect code")).hasText(Pattern.compile("ssh user@\\S+"));
      assertThat(passes(PERSON).get(0)).isTrue();
      assertThat(passes("203.0.113.8").get(0)).isFalse();
      assertThat(grant.locator("[data-countdown]")).hasText(Pattern.compile("in 9:\\d\\d"));
      picture(page, "request-open");

      grant.getByLabel("Extend by").fill("20");
      button(page, "Extend").click();
      assertThat(page.locator("[data-countdown]")).hasText(Pattern.compile("in (28|29):\\d\\d"));
      page.navigate(system.clouds().web() + "/");
      assertThat(page.locator(".timeline rect")).not().hasCount(0);
      picture(page, "open-now");

      button(page, "Close now").first().click();
      assertThat(page.locator(".grant.g-closed")).isVisible();
      assertThat(page.locator(".story")).containsText("was closed");
      assertThat(passes(PERSON).get(0)).isFalse();
      picture(page, "request-closed");
    }
  }

  @Test
  void somebodyElseApproves() throws Exception {
    try (BrowserContext one = browser.visitor(true, DESK, true);
        BrowserContext other = browser.visitor(true, PHONE, false)) {
      Page alice = as(one, "alice", "sre");
      ask(alice, "i-0abc", "10", "INC-2");
      button(alice, "Ask").click();
      assertThat(alice.locator("#now")).containsText("Waits for 1 of group leads");
      picture(alice, "request-waiting-dark");
      assertThat(alice.getByText("Your word is asked for")).hasCount(0);

      Page bob = as(other, "bob", "leads");
      bob.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Approvals")).click();
      picture(bob, "approvals-phone");
      assertThat(bob.getByText("alice asks for").first()).isVisible();
      bob.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Look and answer"))
          .first()
          .click();
      assertThat(bob.locator(".question")).containsText("203.0.113.7/32");
      picture(bob, "approval-phone");
      bob.getByLabel("Reason").fill("go on");
      button(bob, "Approve").click();
      assertThat(alice.locator(".grant.g-open")).isVisible();
      assertThat(alice.locator(".grant")).containsText("bob");
      assertThat(passes(PERSON).get(1)).isTrue();
      button(alice, "Close now").click();
      assertThat(alice.locator(".grant.g-closed")).isVisible();
    }
  }

  @Test
  void worksWithoutScript() throws Exception {
    try (BrowserContext one = browser.visitor(false, PHONE, false);
        BrowserContext other = browser.visitor(false, DESK, false)) {
      Page alice = as(one, "carol", "sre");
      ask(alice, "i-0abc", "5", "INC-3");
      button(alice, "Ask").click();
      await().atMost(SOON).until(() -> shows(alice, "Waits for 1 of group leads"));
      picture(alice, "request-waiting-phone-plain");
      Page bob = as(other, "bob", "leads");
      bob.navigate(alice.url());
      button(bob, "Approve").click();
      await().atMost(SOON).until(() -> shows(alice, "ssh user@"));
      button(alice, "Close now").click();
      await().atMost(SOON).until(() -> shows(alice, "Closed"));
    }
  }

  private static boolean shows(Page page, String text) {
    page.reload();
    return page.locator("#main").textContent().contains(text);
  }

  @Test
  void provesAnotherAddressByALinkAndAsksForLater() {
    try (BrowserContext one = browser.visitor(true, DESK, false);
        BrowserContext other = browser.visitor(false, PHONE, false)) {
      Page alice = as(one, "alice", "sre");
      ask(alice, "virtualMachines/web-01", "10", "INC-7");
      alice.getByLabel("Beginning in how many minutes").fill("30");
      assertThat(alice.locator("#preview")).containsText("beginning in 30 min");
      picture(alice, "ask-later");
      button(alice, "Make a link to open there").click();
      assertThat(alice.locator("#now")).containsText("Waiting for it to be opened");
      picture(alice, "address-link");

      Page phone = other.newPage();
      phone.navigate(alice.locator("#now code").textContent());
      picture(phone, "address-opened-phone");
      button(phone, "This is where I am").click();
      assertThat(phone.locator("#main")).containsText("may now ask for access from 127.0.0.1");

      alice.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Ask from there")).click();
      assertThat(alice.getByLabel("From which address")).hasValue("127.0.0.1");
    }
  }

  @Test
  void saysWhyNotAndWhatIsWrong() {
    try (BrowserContext context = browser.visitor(true, DESK, false)) {
      Page page = as(context, "dave", "sre");
      ask(page, "virtualMachines/web-01", "45", "<b>INC</b> \" ' &");
      page.getByLabel("From which address").fill("203.0.113.300");
      button(page, "Ask").click();
      assertThat(page.locator(".error").first()).containsText("203.0.113.300");
      picture(page, "ask-wrong");
      page.getByLabel("From which address").fill("0.0.0.0/0");
      button(page, "Ask").click();
      assertThat(page.locator(".denied")).isVisible();
      assertThat(page.locator("#now")).containsText("“<b>INC</b> \" ' &”");
      picture(page, "request-denied");

      Page mallory = as(browser.visitor(true, DESK, false), "mallory", "sales");
      Response answer = mallory.navigate(page.url());
      assertThat(answer.status()).isEqualTo(404);
      assertThat(heading(mallory)).hasText("That did not work");
      mallory.navigate(system.clouds().web() + "/ask");
      assertThat(mallory.getByText("There is nothing that you may ask for")).isVisible();
      picture(mallory, "ask-nothing");
      mallory.context().close();
    }
  }

  @Test
  void showsThePlanBeforeAPolicyIsSaved() {
    try (BrowserContext context = browser.visitor(true, DESK, false)) {
      Page page = as(context, "root", "admins");
      page.navigate(system.clouds().web() + "/policies");
      picture(page, "policies");
      page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("New policy")).click();
      Locator text = page.getByLabel("The policy, YAML or JSON");
      text.fill("schemaVersion: 1\nname: more\nports: 3\n");
      button(page, "Show what it would write").click();
      assertThat(page.locator(".denied")).containsText("ports");
      String policy =
          "schemaVersion: 1\nname: more\nmachines: [{id: \"%s\"}]\nports:\n"
              + "  - {port: 3389, sources: [\"*\"], maxDuration: PT1H}\n"
              + "requestors: {groups: [sre]}\nexistingRules: override\n";
      text.fill(policy.formatted(VM));
      assertThat(button(page, "Save")).hasCount(0);
      button(page, "Show what it would write").click();
      assertThat(page.getByText("What saving would write")).isVisible();
      assertThat(page.locator("section .card")).containsText("3389");
      picture(page, "policy-plan");
      button(page, "Save").click();
      assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("more")))
          .isVisible();
      page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("more")).click();
      picture(page, "policy");
      page.getByText("Remove this policy").click();
      button(page, "Remove").click();
      assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("more")))
          .hasCount(0);

      page.navigate(system.clouds().web() + "/machines");
      assertThat(page.locator("tbody tr")).not().hasCount(0);
      picture(page, "machines");
      page.navigate(system.clouds().web() + "/machines?q=batch-01");
      String csv =
          page.locator("a", new Page.LocatorOptions().setHasText("Download as CSV"))
              .getAttribute("href");
      assertThat(page.request().get(system.clouds().web() + csv).text().strip().lines().count())
          .isEqualTo(2);
      page.navigate(system.clouds().web() + "/machines");
      page.getByLabel("Choose batch-01").check();
      button(page, "Draft a policy for those chosen").click();
      assertThat(page.getByLabel("The policy, YAML or JSON")).hasValue(Pattern.compile("port: 22"));
      button(page, "Show what it would write").click();
      assertThat(page.locator("section .card").first()).containsText("batch-0");
      picture(page, "policy-draft");
      page.navigate(system.clouds().web() + "/machines");
      page.locator("tbody tr a.machine").first().click();
      picture(page, "machine");
      page.navigate(system.clouds().web() + "/record");
      assertThat(page.locator(".story li")).not().hasCount(0);
      picture(page, "record");
    }
  }

  @Test
  void lendsItselfToNobodyElsesPages() {
    try (BrowserContext context = browser.visitor(true, DESK, false)) {
      Page page = as(context, "erin", "sre");
      Response answer = page.navigate(system.clouds().web() + "/");
      assertThat(answer.headerValue("content-security-policy")).contains("frame-ancestors 'none'");
      assertThat(answer.headerValue("x-content-type-options")).isEqualTo("nosniff");
      assertThat(answer.headerValue("cache-control")).contains("no-store");
      int forged = page.request().post(system.clouds().web() + "/ask").status();
      assertThat(forged).as("without the page's own token").isEqualTo(403);
      assertThat(page.navigate(system.clouds().web() + "/nothing").status()).isEqualTo(404);
      assertThat(heading(page)).hasText("There is no such page");
      page.navigate(system.clouds().web() + "/");
      // Signed out elsewhere: the page that is still open goes to the sign-in by itself.
      Page left = context.newPage();
      left.navigate(system.clouds().web() + "/");
      button(page, "Sign out").click();
      assertThat(left).hasURL(Pattern.compile(".*/sign-in$"));
      page.navigate(system.clouds().web() + "/requests");
      assertThat(page).hasURL(Pattern.compile(".*/sign-in$"));
      page.getByLabel("A token").fill("nonsense");
      button(page, "Sign in").click();
      assertThat(page.locator(".error")).isVisible();
    }
  }
}
