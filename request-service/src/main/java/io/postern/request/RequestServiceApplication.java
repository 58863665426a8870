package io.postern.request;

import io.postern.hosting.Need;
import io.postern.hosting.ServiceProcess;
import io.postern.log.Topics;
import io.postern.request.config.DatabaseNeed;
import io.postern.request.config.ReadinessCheck;
import io.postern.request.config.RequestServiceConfiguration;
import java.util.Arrays;
import java.util.List;

/** Starts request-service; {@code --rebuild} throws its read model away and builds it anew. */
public final class RequestServiceApplication {
  private RequestServiceApplication() {}

  public static void main(String[] args) {
    String[] properties =
        Arrays.stream(args)
            .map(a -> a.equals("--rebuild") ? "--postern.read-model.rebuild=true" : a)
            .toArray(String[]::new);
    new ServiceProcess(
            Topics.REQUEST_SERVICE,
            RequestServiceConfiguration.class,
            context ->
                () ->
                    context.getBeansOfType(ReadinessCheck.class).values().stream()
                        .allMatch(check -> check.isReady().getAsBoolean()),
            environment -> DatabaseNeed.of(environment).map(List::<Need>of).orElseGet(List::of))
        .run(properties);
  }
}
