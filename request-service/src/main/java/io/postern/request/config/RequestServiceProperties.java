package io.postern.request.config;

import io.postern.log.LogConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of request-service.
 *
 * @param adminGroups groups whose members may change policies and see and end everybody's grants
 * @param groupsClaim the token's claim that lists groups
 * @param issuerKeys file of the JWK set with which the issuer signs, for an issuer without
 *     discovery; otherwise Spring's own {@code spring.security.oauth2.resourceserver.jwt.*} says
 *     who the issuer is
 * @param issuer the issuer that tokens must name when {@code issuerKeys} is used
 * @param proxies addresses and networks of the proxies in front whose {@code X-Forwarded-For} is
 *     believed; nobody's when empty
 */
@ConfigurationProperties("postern")
public record RequestServiceProperties(
    LogConnection log,
    @DefaultValue("admins") Set<String> adminGroups,
    @DefaultValue("groups") String groupsClaim,
    @Nullable Path issuerKeys,
    @Nullable String issuer,
    @DefaultValue List<String> proxies,
    @DefaultValue Bounds bounds,
    @DefaultValue Defender defender,
    @DefaultValue ReadModel readModel,
    @DefaultValue Rate rate) {

  /**
   * The Defender-compatible door.
   *
   * @param requestorGroups who may ask under a policy that is put through it: Azure's document does
   *     not say
   * @param loginEndpoint where Microsoft's clients are sent to log in; a path is one of this
   *     server; left out, it follows from the issuer
   * @param audience for whom those clients ask a token; left out, this server as they call it
   */
  public record Defender(
      @DefaultValue("admins") Set<String> requestorGroups,
      @Nullable String loginEndpoint,
      @Nullable String audience) {}

  /**
   * The read model, which is kept in the database that Spring's {@code spring.datasource.*} names;
   * without, in an embedded one that is built anew at each start.
   *
   * @param rebuild whether it is thrown away and built anew at this start
   */
  public record ReadModel(@DefaultValue("false") boolean rebuild) {}

  /**
   * How often one caller may call the API.
   *
   * @param perSecond calls a second, over a longer time
   * @param burst calls at once
   */
  public record Rate(@DefaultValue("100") int perSecond, @DefaultValue("1000") int burst) {}

  /** The operator's bounds of grants, the same as policy-service's. */
  public record Bounds(
      @DefaultValue("PT5M") Duration shortest, @DefaultValue("PT24H") Duration longest) {}
}
