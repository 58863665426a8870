package io.postern.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.jspecify.annotations.Nullable;

/**
 * A thin client of the Confluent Schema Registry's REST API, for any registry that speaks it.
 * Answers are cached for the life of the client, since an id never changes its schema. It retries
 * on 5xx, 429 and I/O errors, going round the base URLs, and never on another 4xx. Safe for use by
 * many threads.
 */
public final class SchemaRegistry {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int ROUNDS = 5;

  private record Key(String subject, Schema schema) {}

  private final List<String> urls;
  private final Optional<String> authorization;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final Map<Integer, Schema> byId = new ConcurrentHashMap<>();
  private final Map<Key, Integer> ids = new ConcurrentHashMap<>();

  /**
   * @param urls base URLs, tried in turn
   * @param authorization value of the Authorization header, if the registry wants one
   */
  public SchemaRegistry(List<String> urls, Optional<String> authorization) {
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("schema.registry.url names no registry");
    }
    this.urls =
        urls.stream().map(u -> u.endsWith("/") ? u.substring(0, u.length() - 1) : u).toList();
    this.authorization = authorization;
  }

  private SchemaRegistry(Map<Integer, Schema> known) {
    this.urls = List.of();
    this.authorization = Optional.empty();
    byId.putAll(known);
  }

  /** Schemas by id that were kept, for a reader who has no registry; every other id is unknown. */
  public static SchemaRegistry kept(Map<Integer, Schema> known) {
    return new SchemaRegistry(known);
  }

  /**
   * Reads Confluent's own property names: {@code schema.registry.url} (comma-separated), {@code
   * basic.auth.user.info} (user:password), {@code bearer.auth.token}.
   */
  public static SchemaRegistry fromConfig(Map<String, ?> config) {
    Object url = config.get("schema.registry.url");
    if (url == null || url.toString().isBlank()) {
      throw new IllegalArgumentException("schema.registry.url is not set");
    }
    Object basic = config.get("basic.auth.user.info");
    Object bearer = config.get("bearer.auth.token");
    Optional<String> authorization =
        basic != null
            ? Optional.of(
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString(basic.toString().getBytes(StandardCharsets.UTF_8)))
            : Optional.ofNullable(bearer).map(b -> "Bearer " + b);
    return new SchemaRegistry(List.of(url.toString().split("\\s*,\\s*")), authorization);
  }

  /**
   * Registers a schema, or finds the id that it already has.
   *
   * @throws RegistryException with status 409 when it is not compatible with the subject's earlier
   *     ones
   */
  public int register(String subject, Schema schema) {
    return idBy(subject, schema, "/subjects/" + encode(subject) + "/versions");
  }

  /**
   * The id of a schema that is registered under the subject.
   *
   * @throws RegistryException with status 404 when it is not
   */
  public int lookUp(String subject, Schema schema) {
    return idBy(subject, schema, "/subjects/" + encode(subject));
  }

  private int idBy(String subject, Schema schema, String path) {
    Key key = new Key(subject, schema);
    Integer known = ids.get(key);
    if (known != null) {
      return known;
    }
    String body = JSON.createObjectNode().put("schema", portable(schema)).toString();
    int id = call("POST", path, body).path("id").asInt();
    ids.put(key, id);
    return id;
  }

  /**
   * The schema of an id.
   *
   * @throws RegistryException with status 404 when the registry does not know it
   */
  public Schema byId(int id) {
    Schema known = byId.get(id);
    if (known != null) {
      return known;
    }
    String text = call("GET", "/schemas/ids/" + id, null).path("schema").asText();
    Schema schema = new SchemaParser().parse(text).mainSchema();
    byId.put(id, schema);
    return schema;
  }

  /** The newest schema of a subject, or empty when the subject is unknown. */
  public Optional<Schema> latest(String subject) {
    try {
      JsonNode answer = call("GET", "/subjects/" + encode(subject) + "/versions/latest", null);
      return Optional.of(new SchemaParser().parse(answer.path("schema").asText()).mainSchema());
    } catch (RegistryException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Sets a subject's rule, for example {@code FULL_TRANSITIVE}. */
  public void setCompatibility(String subject, String level) {
    call(
        "PUT",
        "/config/" + encode(subject),
        JSON.createObjectNode().put("compatibility", level).toString());
  }

  /** The schema as text without the properties that only Java's code generator means. */
  static String portable(Schema schema) {
    try {
      return stripped(JSON.readTree(schema.toString())).toString();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  // {"type": "string", "avro.java.string": "String"} becomes "string", as in the .avsc.
  private static JsonNode stripped(JsonNode node) {
    if (node instanceof ArrayNode array) {
      ArrayNode copy = JSON.createArrayNode();
      array.forEach(e -> copy.add(stripped(e)));
      return copy;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    boolean marked = object.remove("avro.java.string") != null;
    if (marked && object.size() == 1 && object.has("type")) {
      return object.get("type");
    }
    ObjectNode copy = JSON.createObjectNode();
    object.fields().forEachRemaining(f -> copy.set(f.getKey(), stripped(f.getValue())));
    return copy;
  }

  private JsonNode call(String method, String path, @Nullable String body) {
    if (urls.isEmpty()) {
      throw new RegistryException(404, path + " is not among the schemas that were kept");
    }
    String last = "";
    int status = 0;
    for (int attempt = 0; attempt < ROUNDS * urls.size(); attempt++) {
      String url = urls.get(attempt % urls.size());
      try {
        HttpResponse<String> answer = http.send(request(method, url + path, body), bodyAsText());
        if (answer.statusCode() < 300) {
          return JSON.readTree(answer.body());
        }
        status = answer.statusCode();
        last = "HTTP " + status + " from " + url + path + ": " + answer.body();
        if (status < 500 && status != 429) {
          throw new RegistryException(status, last);
        }
      } catch (IOException e) {
        status = 0;
        last = url + path + ": " + e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RegistryException(0, "interrupted while calling " + url + path);
      }
      pause(attempt / urls.size());
    }
    throw new RegistryException(status, "the schema registry does not answer: " + last);
  }

  private static void pause(int round) {
    try {
      TimeUnit.MILLISECONDS.sleep(50L << round);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(0, "interrupted while waiting for the schema registry");
    }
  }

  private HttpRequest request(String method, String uri, @Nullable String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(uri))
            .timeout(TIMEOUT)
            .header("Accept", "application/vnd.schemaregistry.v1+json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/vnd.schemaregistry.v1+json");
    }
    authorization.ifPresent(a -> request.header("Authorization", a));
    return request.build();
  }

  private static HttpResponse.BodyHandler<String> bodyAsText() {
    return HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8);
  }

  private static String encode(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8);
  }
}
