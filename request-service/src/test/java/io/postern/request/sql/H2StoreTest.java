package io.postern.request.sql;

import com.zaxxer.hikari.HikariDataSource;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The embedded database. */
class H2StoreTest extends StoreContract {
  private static HikariDataSource source;

  @BeforeAll
  static void open() {
    source = new HikariDataSource();
    source.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  }

  @AfterAll
  static void close() {
    source.close();
  }

  @Override
  DataSource source() {
    return source;
  }
}
