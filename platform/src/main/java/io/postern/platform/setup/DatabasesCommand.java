package io.postern.platform.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code postern-setup databases}: a role and a database for each of the two that need one. */
@Command(
    name = "databases",
    mixinStandardHelpOptions = true,
    description =
        "Create on a PostgreSQL server the databases of the read model (postern) and of the registry"
            + " (registry), each with a role that owns nothing else.")
final class DatabasesCommand implements Callable<Integer> {
  @Option(
      names = "--server",
      required = true,
      paramLabel = "HOST:PORT",
      description = "the server, as its superuser postgres")
  String server = "";

  @Option(
      names = "--passwords",
      required = true,
      paramLabel = "DIR",
      description = "the directory postgres of `keys`")
  Path passwords = Path.of("");

  @Option(
      names = "--wait",
      description = "seconds to wait for the server (unless told otherwise ${DEFAULT-VALUE})")
  int wait = 120;

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    try (Connection connection = connect()) {
      ensure(connection, "postern", password("read-model-password"));
      ensure(connection, "registry", password("registry-password"));
    }
    System.out.println("the databases are there");
    return 0;
  }

  private String password(String file) throws IOException {
    return Files.readString(passwords.resolve(file)).strip();
  }

  private Connection connect() throws IOException, SQLException, InterruptedException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", password("password"));
    properties.setProperty("connectTimeout", "5");
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(wait);
    while (true) {
      try {
        return DriverManager.getConnection("jdbc:postgresql://" + server + "/postgres", properties);
      } catch (SQLException e) {
        if (System.nanoTime() > limit) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(250);
      }
    }
  }

  // Names are ours and passwords hexadecimal, so that neither can end its quotes.
  private static void ensure(Connection connection, String name, String password)
      throws SQLException {
    if (!password.matches("[0-9a-zA-Z_-]+")) {
      throw new IllegalArgumentException(
          "the password of " + name + " must be letters, digits, _ and -");
    }
    try (Statement statement = connection.createStatement()) {
      String verb = exists(connection, "pg_roles", "rolname", name) ? "ALTER" : "CREATE";
      statement.execute(verb + " ROLE " + name + " LOGIN PASSWORD '" + password + "'");
      if (!exists(connection, "pg_database", "datname", name)) {
        statement.execute("CREATE DATABASE " + name + " OWNER " + name);
      }
      statement.execute("REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
    }
  }

  private static boolean exists(Connection connection, String table, String column, String name)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT 1 FROM " + table + " WHERE " + column + " = ?")) {
      query.setString(1, name);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next();
      }
    }
  }
}
