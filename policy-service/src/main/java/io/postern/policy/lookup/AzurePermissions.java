package io.postern.policy.lookup;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.postern.model.MachineId;
import io.postern.policy.domain.AzureAccess;
import io.postern.policy.domain.Finding;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Asks Azure's roles. ARM resolves nested groups; what it then names is evaluated by {@link
 * AzureAccess}.
 */
public final class AzurePermissions implements AutoCloseable {
  private static final String AUTHORIZATION = "/providers/Microsoft.Authorization/";
  private static final String VERSION = "api-version=2022-04-01";
  private static final Duration ROLES_KEPT_FOR = Duration.ofMinutes(10);
  private static final int MOST_PAGES = 50;
  // What stands in a filter must not end its quotes.
  private static final Pattern PRINCIPAL = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /**
   * What an operator sets.
   *
   * @param endpoint ARM
   * @param actions what a requestor must be allowed to do at the machine
   * @param timeout longest time of one call
   */
  public record Settings(URI endpoint, List<String> actions, Duration timeout) {
    public Settings {
      actions = List.copyOf(actions);
      if (actions.isEmpty()) {
        throw new IllegalArgumentException(
            "postern.permissions.azure.actions: must name at least one action");
      }
    }
  }

  /** Makes the headers by which a call says who we are. */
  public interface Credential {
    /**
     * The headers.
     *
     * @throws IOException when there is no token to be had
     */
    Map<String, String> headers() throws IOException;
  }

  private record Question(String principal, MachineId machine) {}

  private final Settings settings;
  private final Credential credential;
  private final HttpCalls http;
  private final BoundedLookup<Question> lookup;
  private final Cache<String, List<AzureAccess.Permission>> roles =
      Caffeine.newBuilder().maximumSize(1_000).expireAfterWrite(ROLES_KEPT_FOR).build();

  public AzurePermissions(Settings settings, Credential credential) {
    this(settings, credential, BoundedLookup.Limits.DEFAULT);
  }

  AzurePermissions(Settings settings, Credential credential, BoundedLookup.Limits limits) {
    this.settings = settings;
    this.credential = credential;
    this.http = new HttpCalls(settings.timeout());
    this.lookup =
        new BoundedLookup<>(
            limits,
            this::ask,
            (q, why) -> finding(q, Finding.Result.UNAVAILABLE, "Azure could not be asked: " + why));
  }

  /**
   * Whether the principal may reach the machine.
   *
   * @param principal its object id
   */
  public Finding find(String principal, MachineId machine) {
    Question question = new Question(principal, machine);
    return PRINCIPAL.matcher(principal).matches()
        ? lookup.find(question)
        : finding(question, Finding.Result.FAILS, principal + " is no object id of Azure");
  }

  private Finding ask(Question q) throws IOException, InterruptedException {
    List<AzureAccess.Assignment> assignments = new ArrayList<>();
    for (JsonNode each : list(q, "roleAssignments")) {
      JsonNode p = each.path("properties");
      assignments.add(
          new AzureAccess.Assignment(
              scope(each),
              !p.path("condition").asText("").isEmpty(),
              role(p.path("roleDefinitionId").asText(""))));
    }
    List<AzureAccess.Denial> denials = new ArrayList<>();
    for (JsonNode each : list(q, "denyAssignments")) {
      JsonNode p = each.path("properties");
      denials.add(
          new AzureAccess.Denial(
              scope(each),
              p.path("doNotApplyToChildScopes").asBoolean(false),
              texts(p.path("excludePrincipals"), "id"),
              permissions(p)));
    }
    return AzureAccess.firstRefused(
            q.principal(), q.machine().value(), settings.actions(), assignments, denials)
        .map(a -> finding(q, Finding.Result.FAILS, q.principal() + " may not " + a))
        .orElseGet(
            () ->
                finding(
                    q,
                    Finding.Result.HOLDS,
                    "Azure's roles let %s %s".formatted(q.principal(), settings.actions())));
  }

  // Azure's own SDK does not encode this filter, and ARM takes it so.
  private List<JsonNode> list(Question q, String collection)
      throws IOException, InterruptedException {
    List<JsonNode> found = new ArrayList<>();
    Optional<URI> page =
        Optional.of(
            URI.create(
                settings.endpoint().toString().replaceAll("/+$", "")
                    + q.machine().value()
                    + AUTHORIZATION
                    + collection
                    + "?"
                    + VERSION
                    + "&$filter=atScope()+and+assignedTo('"
                    + q.principal()
                    + "')"));
    for (int n = 0; page.isPresent(); n++) {
      if (n == MOST_PAGES) {
        throw new IOException("there are more than " + MOST_PAGES + " pages of " + collection);
      }
      HttpCalls.Answer answer = get(page.get());
      answer.body().path("value").forEach(found::add);
      page = next(answer.body().path("nextLink").asText(""));
    }
    return found;
  }

  private Optional<URI> next(String link) throws IOException {
    if (link.isEmpty()) {
      return Optional.empty();
    }
    URI uri = URI.create(link);
    if (!String.valueOf(uri.getHost()).equalsIgnoreCase(settings.endpoint().getHost())
        || !String.valueOf(uri.getScheme()).equalsIgnoreCase(settings.endpoint().getScheme())) {
      // No token goes to another host, nor in the clear, and half a list must not be taken for the
      // whole.
      throw new IOException(
          "the list goes on elsewhere, at %s://%s".formatted(uri.getScheme(), uri.getHost()));
    }
    return Optional.of(uri);
  }

  private HttpCalls.Answer get(URI uri) throws IOException, InterruptedException {
    HttpCalls.Answer answer = http.get(uri, credential.headers());
    if (!answer.isSuccess() || answer.body().isMissingNode()) {
      throw new IOException("status " + answer.status() + " from " + uri.getPath());
    }
    return answer;
  }

  private List<AzureAccess.Permission> role(String id) throws IOException, InterruptedException {
    List<AzureAccess.Permission> known = roles.getIfPresent(id);
    if (known != null) {
      return known;
    }
    URI uri = URI.create(settings.endpoint().toString().replaceAll("/+$", "") + id + "?" + VERSION);
    List<AzureAccess.Permission> read = permissions(get(uri).body().path("properties"));
    roles.put(id, read);
    return read;
  }

  private static List<AzureAccess.Permission> permissions(JsonNode properties) {
    List<AzureAccess.Permission> all = new ArrayList<>();
    properties
        .path("permissions")
        .forEach(
            p ->
                all.add(
                    new AzureAccess.Permission(
                        texts(p.path("actions"), ""), texts(p.path("notActions"), ""))));
    return all;
  }

  private static List<String> texts(JsonNode array, String field) {
    List<String> all = new ArrayList<>();
    array.forEach(e -> all.add(field.isEmpty() ? e.asText() : e.path(field).asText()));
    return all;
  }

  /** Where it was assigned: its id without what follows the last provider. */
  private static String scope(JsonNode resource) {
    String id = resource.path("id").asText("");
    int end = id.toLowerCase(Locale.ROOT).lastIndexOf(AUTHORIZATION.toLowerCase(Locale.ROOT));
    return end < 0 ? id : id.substring(0, end);
  }

  private static Finding finding(Question q, Finding.Result result, String detail) {
    return new Finding(Finding.Kind.CLOUD_PERMISSION, q.principal(), result, detail);
  }

  @Override
  public void close() {
    lookup.close();
  }
}
