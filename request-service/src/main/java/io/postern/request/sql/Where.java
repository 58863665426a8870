package io.postern.request.sql;

import io.postern.model.MachineId;
import io.postern.request.domain.ReadModel.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/** The conditions of a query, each with its parameters. */
final class Where {
  private final List<String> conditions = new ArrayList<>();
  private final MapSqlParameterSource parameters = new MapSqlParameterSource();

  Where and(String condition) {
    conditions.add(condition);
    return this;
  }

  Where and(String condition, String name, Object value) {
    parameters.addValue(name, value);
    return and(condition);
  }

  /** A parameter of a condition that is put together elsewhere. */
  Where with(String name, Object value) {
    parameters.addValue(name, value);
    return this;
  }

  /** The parameters of other conditions. */
  Where with(Where other) {
    parameters.addValues(other.parameters.getValues());
    return this;
  }

  /** A condition that holds only when there is a value. */
  Where and(String condition, String name, Optional<?> value) {
    value.ifPresent(v -> and(condition, name, v));
    return this;
  }

  Where machine(String condition, Optional<MachineId> machine) {
    return and(condition, "machine", machine.map(MachineId::value));
  }

  /**
   * Only what the reader may see: his own, and what he is or was asked to approve.
   *
   * @param request the alias of the table {@code request}
   */
  Where visibleTo(Reader reader, String request) {
    if (reader.everything()) {
      return this;
    }
    Set<String> groups = reader.person().groups();
    parameters.addValue("me", reader.person().subject());
    parameters.addValue("myIssuer", reader.person().issuer());
    parameters.addValue("meOfIssuer", Audience.identity(reader.person()));
    parameters.addValue("myGroups", groups.isEmpty() ? Set.of("") : groups);
    return and(
        """
        ((%1$s.requestor = :me and %1$s.issuer = :myIssuer)
          or (%1$s.requestor <> :me and exists (select 1 from request_audience a
                where a.request_id = %1$s.id
                  and ((a.kind = 'S' and a.name = :me)
                    or (a.kind = 'I' and a.name = :meOfIssuer)
                    or (a.kind = 'G' and a.name in (:myGroups))))))"""
            .formatted(request));
  }

  MapSqlParameterSource parameters() {
    return parameters;
  }

  @Override
  public String toString() {
    return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
  }
}
