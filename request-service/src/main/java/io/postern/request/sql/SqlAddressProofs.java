package io.postern.request.sql;

import io.postern.request.domain.AddressProof;
import io.postern.request.domain.AddressProofs;
import io.postern.request.domain.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;

/** The proofs beside the read model, and thrown away with it: a link lives for minutes. */
final class SqlAddressProofs implements AddressProofs {
  private static final Duration KEPT = Duration.ofDays(1);

  private final JdbcTemplate jdbc;

  SqlAddressProofs(DataSource source) {
    this.jdbc = new JdbcTemplate(source);
  }

  @Override
  public boolean add(AddressProof proof) {
    jdbc.update("delete from address_proof where at < ?", proof.at().minus(KEPT).toEpochMilli());
    try {
      jdbc.update(
          "insert into address_proof (link, subject, issuer, address, at) values (?, ?, ?, ?, ?)",
          proof.link(),
          proof.owner().subject(),
          proof.owner().issuer(),
          proof.address(),
          proof.at().toEpochMilli());
      return true;
    } catch (DuplicateKeyException e) {
      return false;
    }
  }

  @Override
  public Optional<AddressProof> of(UUID link) {
    return jdbc
        .query(
            "select subject, issuer, address, at from address_proof where link = ?",
            (row, n) ->
                new AddressProof(
                    link,
                    new Owner(row.getString(1), row.getString(2)),
                    row.getString(3),
                    Instant.ofEpochMilli(row.getLong(4))),
            link)
        .stream()
        .findFirst();
  }
}
