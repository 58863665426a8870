package io.postern.request.defender;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a client of Azure's logs in, as Azure's own metadata tell it.
 *
 * @param endpoint of the issuer, without a tenant; one that ends in {@code /adfs} has Microsoft's
 *     clients ask Active Directory Federation Services
 * @param tenant the issuer's, or {@code adfs}
 */
record ArmLogin(String endpoint, String tenant) {
  /** Of the first version of Microsoft's tokens; its tokens are handed out elsewhere. */
  private static final String FIRST_VERSION = "https://sts.windows.net";

  private static final String HANDED_OUT_AT = "https://login.microsoftonline.com";
  private static final String ADFS = "adfs";
  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /**
   * Reads it off the name that tokens give their issuer. An issuer that is of none of Microsoft's
   * kinds is named as it is: its own clients know what to do with it.
   */
  static ArmLogin of(URI issuer) {
    List<String> path =
        List.of(Optional.ofNullable(issuer.getPath()).orElse("").split("/")).stream()
            .filter(p -> !p.isEmpty())
            .toList();
    String origin = issuer.getScheme() + "://" + issuer.getRawAuthority();
    if (!path.isEmpty() && UUID.matcher(path.getFirst()).matches()) {
      return new ArmLogin(origin.equals(FIRST_VERSION) ? HANDED_OUT_AT : origin, path.getFirst());
    }
    if (!path.isEmpty() && path.getFirst().equals(ADFS)) {
      return new ArmLogin(origin + "/" + ADFS, ADFS);
    }
    return new ArmLogin(issuer.toString(), "common");
  }

  /** What serves it: Microsoft's two kinds. */
  String identityProvider() {
    return tenant.equals(ADFS) ? "ADFS" : "AAD";
  }
}
