package io.postern.simulator.kernel;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The calls that arrived, oldest first; bounded, the oldest go. */
public final class Journal {
  /** How many calls are kept. */
  public static final int CAPACITY = 100_000;

  private static final JsonMapper JSON = JsonMapper.shared();

  /** One call and its answer; status 0 means that the connection was cut without an answer. */
  public record Entry(Instant t, String action, Request request, Response response) {}

  private final Deque<Entry> entries = new ArrayDeque<>();

  public synchronized void add(Entry entry) {
    if (entries.size() == CAPACITY) {
      entries.removeFirst();
    }
    entries.addLast(entry);
  }

  public synchronized void clear() {
    entries.clear();
  }

  public synchronized List<Entry> entries() {
    return new ArrayList<>(entries);
  }

  /** JSON lines: t, method, path, query, reqHeaders, reqBody, status, respHeaders, respBody. */
  public String asJsonLines() {
    StringBuilder lines = new StringBuilder();
    for (Entry e : entries()) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("t", e.t().toString());
      line.put("action", e.action());
      line.put("method", e.request().method());
      line.put("path", e.request().path());
      line.put("query", e.request().rawQuery());
      line.put("reqHeaders", withoutSecrets(e.request().headers()));
      line.put("reqBody", e.request().text());
      line.put("status", e.response().status());
      line.put("respHeaders", e.response().headers());
      line.put("respBody", e.response().text());
      lines.append(JSON.writeValueAsString(line)).append('\n');
    }
    return lines.toString();
  }

  private static Map<String, List<String>> withoutSecrets(Map<String, List<String>> headers) {
    if (!headers.containsKey("authorization")) {
      return headers;
    }
    Map<String, List<String>> shown = new LinkedHashMap<>(headers);
    shown.put("authorization", List.of("(removed)"));
    return shown;
  }
}
