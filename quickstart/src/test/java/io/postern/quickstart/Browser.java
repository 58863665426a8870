package io.postern.quickstart;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Debian's Chromium without a window. Where there is none it is installed, if this may be done;
 * otherwise tests that need it are skipped, saying so.
 */
final class Browser implements AutoCloseable {
  private static final List<Path> PLACES =
      List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"));

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;

  private Browser(Playwright playwright, com.microsoft.playwright.Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  static Browser open() throws IOException, InterruptedException {
    Optional<Path> chromium = find();
    if (chromium.isEmpty() && install()) {
      chromium = find();
    }
    Assumptions.assumeTrue(
        chromium.isPresent(),
        "SKIPPED: no Chromium at " + PLACES + ", and it cannot be installed here");
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    return new Browser(
        playwright,
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium.orElseThrow())
                    // The sandbox wants another user than root; only our own pages are loaded.
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage"))));
  }

  private static Optional<Path> find() {
    return PLACES.stream().filter(Files::isExecutable).findFirst();
  }

  private static boolean install() throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of("/usr/bin/apt-get"))
        || !"root".equals(System.getProperty("user.name"))) {
      return false;
    }
    return run("apt-get", "update", "-q")
        && run(
            "apt-get",
            "install",
            "-y",
            "-q",
            "--no-install-recommends",
            "chromium",
            "fonts-dejavu-core");
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    Process process = builder.start();
    return process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0;
  }

  /** Somebody with a browser of his own, cookies and all. */
  BrowserContext visitor(boolean script, int width, boolean dark) {
    return browser.newContext(
        new com.microsoft.playwright.Browser.NewContextOptions()
            .setJavaScriptEnabled(script)
            .setViewportSize(width, 900)
            .setColorScheme(
                dark
                    ? com.microsoft.playwright.options.ColorScheme.DARK
                    : com.microsoft.playwright.options.ColorScheme.LIGHT));
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
