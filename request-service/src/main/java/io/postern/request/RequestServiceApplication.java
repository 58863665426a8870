package io.postern.request;

import io.postern.request.config.RequestServiceConfiguration;
import org.springframework.boot.SpringApplication;

/** Starts request-service. */
public final class RequestServiceApplication {
  private RequestServiceApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", "request-service");
    SpringApplication.run(RequestServiceConfiguration.class, args);
  }
}
