package io.postern.aws.domain;

/** The tags by which Postern knows what it wrote. */
public final class OwnTags {
  public static final String MANAGED = "postern:managed";

  /** Value of {@link #MANAGED} on the access group of a machine. */
  public static final String GROUP = "group";

  /** Value of {@link #MANAGED} on a group that the owner lends a machine's grants. */
  public static final String STANDING = "standing";

  /** Value of {@link #MANAGED} on a rule that stands in for the rest of a displaced one. */
  public static final String REMAINDER = "remainder";

  /** Value of {@link #MANAGED} on a rule that opens ports for grants. */
  public static final String GRANT = "grant";

  public static final String INSTALLATION = "postern:installation";

  /** The instance that an access group belongs to. */
  public static final String VM = "postern:vm";

  /** When everything in an access group is over, as far as was known when this was written. */
  public static final String UNTIL = "postern:until";

  /** On a rule, followed by a grant's id: the grant that it is open for; the value is its end. */
  public static final String GRANT_PREFIX = "postern:grant:";

  private OwnTags() {}
}
