package io.postern.audit;

import io.postern.audit.s3.Bucket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/** Adobe's S3Mock as a process of its own, one for the JVM, which ends with it. */
public final class S3Mock {
  private static @Nullable S3Mock shared;

  private final AtomicInteger buckets = new AtomicInteger();
  private final String url;

  private S3Mock(String url) {
    this.url = url;
  }

  public static synchronized S3Mock get() {
    S3Mock running = shared;
    if (running == null) {
      running = start();
      shared = running;
    }
    return running;
  }

  private static S3Mock start() {
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    try {
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-jar",
                  Path.of("target", "s3mock", "s3mock.jar").toString(),
                  "--server.ssl.enabled=false",
                  "--server.address=127.0.0.1",
                  "--server.port=" + port,
                  // Its second door cannot be shut; any free port.
                  "--com.adobe.testing.s3mock.http-port=0")
              .redirectErrorStream(true)
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      awaitStart(process);
      return new S3Mock("http://127.0.0.1:" + port);
    } catch (IOException e) {
      throw new IllegalStateException("S3Mock does not start", e);
    }
  }

  private static void awaitStart(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.append(line).append('\n');
      if (line.contains("Started S3MockApplication")) {
        Thread drain = new Thread(() -> out.lines().forEach(l -> {}), "s3mock-output");
        drain.setDaemon(true);
        drain.start();
        return;
      }
    }
    throw new IOException("S3Mock ended: " + said);
  }

  public String url() {
    return url;
  }

  public S3Client client() {
    return Bucket.client(url, Map.of());
  }

  /** The name of a bucket that is empty. */
  public String newBucket() {
    String name = "bucket-" + buckets.incrementAndGet();
    try (S3Client s3 = client()) {
      s3.createBucket(r -> r.bucket(name));
    }
    return name;
  }
}
