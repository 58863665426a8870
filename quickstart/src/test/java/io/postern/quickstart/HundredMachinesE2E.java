package io.postern.quickstart;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.postern.quickstart.SystemProcess.ARN;
import static io.postern.quickstart.SystemProcess.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.postern.platform.Issuer;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hundred machines that anybody reaches, in both clouds, put under just-in-time access by one
 * person with one confirmation, who was shown before what would be written and who else is behind
 * the same rules.
 */
class HundredMachinesE2E {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String ANYBODY = "192.0.2.66";
  private static final int GROUPS = 10;
  private static final int MACHINES = 100;
  private static final String BYSTANDER = "crowd-099";
  private static final String CROWD =
      "/subscriptions/" + ArmScene.SUBSCRIPTION + "/resourceGroups/crowd";
  private static final String NETWORK = CROWD + "/providers/Microsoft.Network/";

  @TempDir static Path home;

  private static String vm(int number) {
    return "%s/providers/Microsoft.Compute/virtualMachines/crowd-%03d".formatted(CROWD, number);
  }

  /** Ten groups that let anybody reach port 22, each with ten machines. */
  private static void scene(Path state) {
    try (ArmSimulator simulator =
        ArmSimulator.start(ArmSimulator.Options.defaults().withStateFile(state))) {
      ArmScene.small(simulator);
      ArmScene scene = ArmScene.on(simulator);
      scene.put(CROWD, "{\"location\": \"westeurope\"}");
      scene.put(
          NETWORK + "virtualNetworks/net",
          """
          {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
           "subnets": [{"name": "all", "properties": {"addressPrefix": "10.9.0.0/16"}}]}}""");
      for (int g = 0; g < GROUPS; g++) {
        scene.put(
            NETWORK + "networkSecurityGroups/crowd-nsg-" + g,
            """
            {"location": "westeurope", "properties": {"securityRules": [{"name": "ssh", "properties":
             {"protocol": "Tcp", "access": "Allow", "direction": "Inbound", "priority": 300,
              "sourceAddressPrefix": "*", "sourcePortRange": "*",
              "destinationAddressPrefix": "*", "destinationPortRange": "22"}}]}}""");
      }
      IntStream.range(0, MACHINES).forEach(i -> machine(scene, i));
    }
  }

  private static void machine(ArmScene scene, int number) {
    String nic = NETWORK + "networkInterfaces/crowd-" + number;
    String address = NETWORK + "publicIPAddresses/crowd-" + number;
    scene.put(
        address,
        """
        {"location": "westeurope", "sku": {"name": "Standard"}, "properties":
         {"publicIPAllocationMethod": "Static", "ipAddress": "20.60.0.%d"}}"""
            .formatted(number + 4));
    scene.put(
        nic,
        """
        {"location": "westeurope", "properties": {"networkSecurityGroup": {"id": "%snetworkSecurityGroups/crowd-nsg-%d"},
         "ipConfigurations": [{"name": "ip", "properties": {"primary": true, "privateIPAddress": "10.9.0.%d",
          "privateIPAllocationMethod": "Static", "publicIPAddress": {"id": "%s"},
          "subnet": {"id": "%svirtualNetworks/net/subnets/all"}}}]}}"""
            .formatted(NETWORK, number % GROUPS, number + 4, address, NETWORK));
    scene.put(
        vm(number),
        """
        {"location": "westeurope", "properties": {"networkProfile": {"networkInterfaces":
         [{"id": "%s", "properties": {"primary": true}}]}}}"""
            .formatted(nic));
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** Which of the crowd's machines a packet to port 22 reaches. */
  private static List<Integer> reached(Api arm) throws IOException, InterruptedException {
    List<Integer> reached = new ArrayList<>();
    for (int i = 0; i < MACHINES; i++) {
      if (new SimulatedMachine("azure", vm(i), arm).packet(ANYBODY, 22).reachable()) {
        reached.add(i);
      }
    }
    return reached;
  }

  @Test
  void comeUnderJustInTimeAccessWithOneConfirmation() throws Exception {
    Path data = home.resolve("data");
    scene(Data.at(data).resolve("arm.json"));
    Issuer issuer = Issuer.in(home);
    Ports ports = FreePorts.take();
    try (Browser browser = Browser.open();
        Quickstart system =
            Quickstart.start(ports, Data.at(data), issuer, Console.standard(false));
        BrowserContext context = browser.visitor(true, 1200, false)) {
      Api arm = new Api(system.clouds().arm());
      assertThat(reached(arm)).as("before").hasSize(MACHINES);
      Page page = context.newPage();
      page.navigate(system.clouds().web() + "/sign-in");
      page.getByLabel("A token").fill(issuer.token("root", List.of("admins")));
      button(page, "Sign in").click();
      // All of the crowd, and web-01 of either cloud.
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                page.navigate(system.clouds().web() + "/machines?assessment=UNHEALTHY");
                assertThat(page.locator("tbody input[type=checkbox]").count())
                    .isGreaterThanOrEqualTo(MACHINES + 2);
              });

      page.getByLabel("Choose all").check();
      page.getByLabel("Choose " + BYSTANDER).uncheck();
      int chosen = page.locator("tbody input:checked").count();
      button(page, "Draft a policy for those chosen").click();
      String draft = page.getByLabel("The policy, YAML or JSON").inputValue();
      assertThat(draft).contains(VM, ARN, vm(0), vm(98)).doesNotContain(BYSTANDER);
      assertThat(button(page, "Save")).hasCount(0);
      button(page, "Show what it would write").click();

      Locator plan = page.locator("section");
      assertThat(plan.locator(".card:not(.shared)")).hasCount(chosen);
      assertThat(plan.locator(".shared li", new Locator.LocatorOptions().setHasText(BYSTANDER)))
          .containsText("crowd-nsg-9");
      assertThat(plan).containsText(chosen + " machines");
      assertThat(plan).not().containsText("Nobody has answered");
      assertThat(reached(arm)).as("nothing is written before it is confirmed").hasSize(MACHINES);
      page.getByText("What saving would write").scrollIntoViewIfNeeded();
      Optional.ofNullable(System.getProperty("postern.screenshots"))
          .map(Path::of)
          .ifPresent(
              to ->
                  page.screenshot(
                      new Page.ScreenshotOptions().setPath(to.resolve("hundred-plan.png"))));

      button(page, "Save").click();
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(reached(arm)).as("still reached").containsExactly(99));
      assertThat(SystemProcess.passes(ANYBODY, system.clouds().arm(), system.clouds().ec2()))
          .containsExactly(false, false);
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                page.navigate(system.clouds().web() + "/machines?assessment=HEALTHY&q=crowd");
                assertThat(page.locator("tbody tr").count()).isEqualTo(MACHINES - 1);
              });
    }
  }
}
