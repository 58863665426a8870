package io.postern.request;

import io.postern.request.config.RequestServiceConfiguration;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;

/** Starts request-service; {@code --rebuild} throws its read model away and builds it anew. */
public final class RequestServiceApplication {
  private RequestServiceApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", "request-service");
    String[] properties =
        Arrays.stream(args)
            .map(a -> a.equals("--rebuild") ? "--postern.read-model.rebuild=true" : a)
            .toArray(String[]::new);
    SpringApplication.run(RequestServiceConfiguration.class, properties);
  }
}
