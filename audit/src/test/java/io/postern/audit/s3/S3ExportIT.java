package io.postern.audit.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.audit.S3Mock;
import io.postern.audit.files.ExportContract;
import io.postern.audit.files.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.services.s3.S3Client;

class S3ExportIT extends ExportContract {
  private final S3Client s3 = S3Mock.get().client();
  private final String bucket = S3Mock.get().newBucket();

  @AfterEach
  void close() {
    s3.close();
  }

  @Override
  protected Store store(String name) {
    return new S3Store(
        S3Mock.get().client(),
        Bucket.parse("s3://" + bucket + "/copies/" + name),
        Optional.empty(),
        InstantSource.system());
  }

  @Override
  protected void overwrite(String store, String name, byte[] content) {
    s3.putObject(
        r -> r.bucket(bucket).key("copies/" + store + "/" + name), RequestBody.fromBytes(content));
  }

  @Override
  protected void delete(String store, String name) {
    s3.deleteObject(r -> r.bucket(bucket).key("copies/" + store + "/" + name));
  }

  @Test
  void asksForALockThatNobodyCanTakeBack() throws IOException {
    List<SdkHttpRequest> sent = new ArrayList<>();
    S3Client watched =
        s3.serviceClientConfiguration().endpointOverride().isEmpty()
            ? s3
            : S3Client.builder()
                .httpClient(
                    software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient.create())
                .endpointOverride(s3.serviceClientConfiguration().endpointOverride().get())
                .forcePathStyle(true)
                .region(s3.serviceClientConfiguration().region())
                .overrideConfiguration(
                    c ->
                        c.addExecutionInterceptor(
                            new ExecutionInterceptor() {
                              @Override
                              public void beforeTransmission(
                                  Context.BeforeTransmission context, ExecutionAttributes of) {
                                sent.add(context.httpRequest());
                              }
                            }))
                .build();
    try (Store store =
            new S3Store(
                watched,
                new Bucket(bucket, ""),
                Optional.of(Duration.ofDays(365)),
                InstantSource.fixed(Instant.parse("2030-01-01T00:00:00Z")));
        Store.Draft draft = store.draft("x")) {
      draft.keep();
    }
    assertThat(sent)
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.firstMatchingHeader("If-None-Match")).contains("*");
              assertThat(r.firstMatchingHeader("x-amz-object-lock-mode")).contains("COMPLIANCE");
              assertThat(r.firstMatchingHeader("x-amz-object-lock-retain-until-date"))
                  .contains("2031-01-01T00:00:00Z");
              assertThat(r.headers().keySet())
                  .as("a locked object needs a checksum")
                  .anyMatch(
                      h ->
                          h.toLowerCase(java.util.Locale.ROOT).startsWith("x-amz-checksum-")
                              || h.equalsIgnoreCase("x-amz-trailer"));
            });
  }
}
