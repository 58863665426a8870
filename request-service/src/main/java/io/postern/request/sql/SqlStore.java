package io.postern.request.sql;

import io.postern.request.domain.AddressProofs;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.ReadModelWriter;
import javax.sql.DataSource;

/**
 * The read model in a database: H2, or PostgreSQL from 15.
 *
 * @param reader its questions
 * @param writer its one side that is written
 * @param proofs which of the links that prove an address were opened
 */
public record SqlStore(ReadModel reader, ReadModelWriter writer, AddressProofs proofs) {
  /**
   * A store in a database; nothing is asked of it before {@link ReadModelWriter#prepare}.
   *
   * @param rebuild whether whatever is there is thrown away first
   */
  public static SqlStore in(DataSource source, boolean rebuild) {
    Live live = new Live();
    return new SqlStore(
        new SqlReadModel(source, live),
        new SqlWriter(source, live, rebuild),
        new SqlAddressProofs(source));
  }
}
