package io.postern.request.web;

import io.postern.model.Cidr;
import io.postern.model.Requestor;
import io.postern.request.config.RequestServiceProperties;
import io.postern.request.domain.ClientAddress;
import io.postern.request.domain.ReadModel;
import io.postern.request.domain.RequestView;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.security.oauth2.core.ClaimAccessor;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.stereotype.Component;

/** Who calls, from the token, and from where. */
@Component
public class Caller {
  private final RequestServiceProperties properties;
  private final List<Cidr> proxies;

  Caller(RequestServiceProperties properties) {
    this.properties = properties;
    this.proxies = properties.proxies().stream().map(Cidr::parse).toList();
  }

  /** The person that the token names. */
  public Requestor of(ClaimAccessor token) {
    List<String> groups = token.getClaimAsStringList(properties.groupsClaim());
    Set<String> all = groups == null ? Set.of() : new HashSet<>(groups);
    String subject = token.getClaimAsString(JwtClaimNames.SUB);
    String issuer = token.getClaimAsString(JwtClaimNames.ISS);
    if (subject == null || subject.isBlank()) {
      throw Problem.forbidden("the token names no subject");
    }
    return new Requestor(subject, issuer == null ? "" : issuer, all);
  }

  /** Whether the person may change policies, and see and end everybody's grants. */
  public boolean isAdmin(Requestor person) {
    return person.groups().stream().anyMatch(properties.adminGroups()::contains);
  }

  /** The person as the read model asks for it: admins see everything. */
  public ReadModel.Reader reader(Requestor person) {
    return new ReadModel.Reader(person, isAdmin(person));
  }

  /**
   * Whether the person may see the request: his own, one for him to approve, or any as an admin.
   */
  public boolean maySee(Requestor person, RequestView request) {
    return request.owner().is(person) || isAdmin(person) || request.isForApprover(person);
  }

  /**
   * @throws Problem when the person is no admin
   */
  public void requireAdmin(Requestor person) {
    if (!isAdmin(person)) {
      throw Problem.forbidden(
          person.subject() + " is in none of the groups " + properties.adminGroups());
    }
  }

  /**
   * The caller's address: the connection's, or, behind proxies of ours, the one that they name.
   * Anybody else's forwarding headers are not believed.
   */
  public String address(HttpServletRequest request) {
    String connection = request.getRemoteAddr();
    int zone = connection.indexOf('%');
    return ClientAddress.of(
        zone < 0 ? connection : connection.substring(0, zone),
        Collections.list(request.getHeaders("X-Forwarded-For")),
        proxies);
  }
}
