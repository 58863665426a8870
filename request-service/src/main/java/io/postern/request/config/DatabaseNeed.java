package io.postern.request.config;

import io.postern.hosting.Need;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import org.springframework.core.env.Environment;

/** The read model's database, where it is a server that may start later than this service. */
public final class DatabaseNeed implements Need {
  private static final String PATIENCE_SECONDS = "3";

  private final String url;
  private final Properties connection = new Properties();

  private DatabaseNeed(String url, Environment environment) {
    this.url = url;
    put("user", environment.getProperty("spring.datasource.username"));
    put("password", environment.getProperty("spring.datasource.password"));
    connection.setProperty("connectTimeout", PATIENCE_SECONDS);
    connection.setProperty("loginTimeout", PATIENCE_SECONDS);
  }

  private void put(String name, @org.jspecify.annotations.Nullable String value) {
    if (value != null) {
      connection.setProperty(name, value);
    }
  }

  /** The server that {@code spring.datasource.url} names; empty when it is embedded. */
  public static Optional<Need> of(Environment environment) {
    String url = environment.getProperty("spring.datasource.url", "");
    return url.startsWith("jdbc:postgresql:")
        ? Optional.of(new DatabaseNeed(url, environment))
        : Optional.empty();
  }

  @Override
  public String name() {
    return "the database at " + url.replaceAll("\\?.*", "");
  }

  @Override
  public Optional<String> missing() {
    try (Connection there = DriverManager.getConnection(url, connection)) {
      return there.isValid(3) ? Optional.empty() : Optional.of("it does not answer");
    } catch (SQLException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
