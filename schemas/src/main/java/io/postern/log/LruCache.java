package io.postern.log;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that were used last, by text, up to a number of them. Safe for many threads. */
final class LruCache<V> {
  private final Map<String, V> values;

  LruCache(int most) {
    this.values =
        new LinkedHashMap<>(64, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > most;
          }
        };
  }

  synchronized @Nullable V get(String key) {
    return values.get(key);
  }

  synchronized void put(String key, V value) {
    values.put(key, value);
  }

  synchronized int size() {
    return values.size();
  }
}
