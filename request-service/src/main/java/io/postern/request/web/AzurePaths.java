package io.postern.request.web;

/** The paths that are Azure's, where every answer has Azure's shape. */
public final class AzurePaths {
  private AzurePaths() {}

  /** Whether a path is one of them. */
  public static boolean isOne(String path) {
    return path.equals("/tenants")
        || path.equals("/subscriptions")
        || path.startsWith("/subscriptions/")
        || path.startsWith("/metadata/");
  }
}
