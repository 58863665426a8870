package io.postern.audit.cli;

import io.postern.audit.s3.Bucket;
import io.postern.audit.s3.S3Store;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a bucket is reached, for commands that can write to one or read one. */
final class S3Options {
  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description =
          "the server of the bucket when it is not AWS's; else AWS_ENDPOINT_URL_S3. Credentials and"
              + " region are found as AWS's tools find them")
  @Nullable String endpoint;

  S3Store open(Session session, String bucket, Optional<Duration> retain) {
    return new S3Store(
        Bucket.client(endpoint, session.environment()),
        Bucket.parse(bucket),
        retain,
        InstantSource.system());
  }
}
