package io.postern.audit.s3;

import io.postern.audit.files.Store;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A copy in a bucket. Objects are put on the condition that none is there under the key ({@code
 * If-None-Match: *}), and optionally locked against everybody for a time (S3 Object Lock in
 * compliance mode). Until it is whole, a draft is a temporary file of this machine, readable by its
 * owner only; an object may have 5 GB.
 */
public final class S3Store implements Store {
  private final S3Client s3;
  private final Bucket bucket;
  private final Optional<Duration> retain;
  private final InstantSource clock;

  /**
   * @param s3 is closed with the store
   * @param retain how long nobody can take away or change an object, from when it was put; the
   *     bucket must have Object Lock
   */
  public S3Store(S3Client s3, Bucket bucket, Optional<Duration> retain, InstantSource clock) {
    this.s3 = s3;
    this.bucket = bucket;
    this.retain = retain;
    this.clock = clock;
  }

  @Override
  public List<String> list(String prefix) throws IOException {
    String all = bucket.prefix() + prefix;
    try {
      return s3.listObjectsV2Paginator(r -> r.bucket(bucket.name()).prefix(all)).contents().stream()
          .map(S3Object::key)
          .map(k -> k.substring(bucket.prefix().length()))
          .sorted()
          .toList();
    } catch (SdkException e) {
      throw explained(e);
    }
  }

  @Override
  public InputStream open(String name) throws IOException {
    try {
      return s3.getObject(r -> r.bucket(bucket.name()).key(bucket.prefix() + name));
    } catch (NoSuchKeyException e) {
      throw new NoSuchFileException(where(name));
    } catch (SdkException e) {
      throw explained(e);
    }
  }

  @Override
  public Draft draft(String name) throws IOException {
    return new SpooledDraft(name, Files.createTempFile("postern-export-", ""));
  }

  @Override
  public String where(String name) {
    return "s3://" + bucket.name() + "/" + bucket.prefix() + name;
  }

  @Override
  public void close() {
    s3.close();
  }

  private void put(String name, Path from) throws IOException {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(bucket.name())
            .key(bucket.prefix() + name)
            .ifNoneMatch("*");
    retain.ifPresent(
        time ->
            request
                .objectLockMode(ObjectLockMode.COMPLIANCE)
                .objectLockRetainUntilDate(clock.instant().plus(time)));
    try {
      s3.putObject(request.build(), RequestBody.fromFile(from));
    } catch (S3Exception e) {
      // 409: another is putting it at this moment.
      if (e.statusCode() == 412 || e.statusCode() == 409) {
        throw new FileAlreadyExistsException(where(name));
      }
      throw explained(e);
    } catch (SdkException e) {
      throw explained(e);
    }
  }

  private static IOException explained(SdkException e) {
    if (e instanceof S3Exception answer) {
      var details = answer.awsErrorDetails();
      String said =
          details == null || details.errorMessage() == null
              ? String.valueOf(answer.getMessage())
              : details.errorCode() + ", " + details.errorMessage();
      return new IOException("S3 answers %d: %s".formatted(answer.statusCode(), said), e);
    }
    return new UnreachableBucketException(String.valueOf(e.getMessage()), e);
  }

  private final class SpooledDraft implements Draft {
    private final String name;
    private final Path spool;
    private final OutputStream out;

    SpooledDraft(String name, Path spool) throws IOException {
      this.name = name;
      this.spool = spool;
      this.out = new BufferedOutputStream(Files.newOutputStream(spool), 1 << 16);
    }

    @Override
    public OutputStream out() {
      return out;
    }

    @Override
    public void keep() throws IOException {
      out.close();
      put(name, spool);
    }

    @Override
    public void close() throws IOException {
      try (out) {
        Files.deleteIfExists(spool);
      }
    }
  }
}
