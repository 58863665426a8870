package io.postern.simulator.ec2;

/** Who calls. */
record Principal(String account, String arn, String accessKey) {
  static final String DEFAULT_ACCOUNT = "123456789012";

  static Principal ofKey(String accessKey) {
    return new Principal(
        DEFAULT_ACCOUNT, "arn:aws:iam::" + DEFAULT_ACCOUNT + ":user/" + accessKey, accessKey);
  }

  static Principal foreign(String account) {
    return new Principal(account, "arn:aws:iam::" + account + ":user/foreign-hand", "FOREIGN");
  }

  boolean isForeign() {
    return accessKey.equals("FOREIGN");
  }
}
