package io.postern.audit.s3;

import java.net.URI;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Where in S3, or in what speaks as it does, a copy is.
 *
 * @param prefix of all keys; empty, or ends in a slash
 */
public record Bucket(String name, String prefix) {
  private static final String SCHEME = "s3://";
  private static final Pattern FORM =
      Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?");

  /** Whether a text is meant to be a bucket and not a directory. */
  public static boolean isMeant(String text) {
    return text.startsWith(SCHEME);
  }

  /**
   * Reads {@code s3://BUCKET/PREFIX}.
   *
   * @throws IllegalArgumentException when it is not that
   */
  public static Bucket parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not s3://BUCKET or s3://BUCKET/PREFIX: " + text);
    }
    String prefix = matcher.group(2) == null ? "" : matcher.group(2);
    if (prefix.startsWith("/") || prefix.contains("//")) {
      throw new IllegalArgumentException("a prefix with an empty part: " + text);
    }
    return new Bucket(
        matcher.group(1), prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/");
  }

  /**
   * A client with the credentials that AWS's tools would find.
   *
   * @param endpoint of another server than AWS's, which is then asked with the bucket in the path;
   *     else {@code AWS_ENDPOINT_URL_S3} or {@code AWS_ENDPOINT_URL}
   * @throws IllegalArgumentException when the endpoint is no URL, or no region is known
   */
  public static S3Client client(@Nullable String endpoint, Map<String, String> environment) {
    String where =
        endpoint != null
            ? endpoint
            : environment.getOrDefault(
                "AWS_ENDPOINT_URL_S3", environment.getOrDefault("AWS_ENDPOINT_URL", ""));
    var builder = S3Client.builder().httpClient(UrlConnectionHttpClient.create());
    if (where.isEmpty()) {
      return builder.region(region()).build();
    }
    URI uri = URI.create(where);
    if (uri.getHost() == null || !where.matches("https?://.*")) {
      throw new IllegalArgumentException("not the http or https URL of a server: " + where);
    }
    // Servers elsewhere take any region, but sign with one.
    String region = environment.getOrDefault("AWS_REGION", Region.US_EAST_1.id());
    return builder.endpointOverride(uri).forcePathStyle(true).region(Region.of(region)).build();
  }

  private static Region region() {
    try {
      return new DefaultAwsRegionProviderChain().getRegion();
    } catch (SdkClientException e) {
      throw new IllegalArgumentException("in which region is the bucket? set AWS_REGION", e);
    }
  }
}
