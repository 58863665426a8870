package io.postern.request.config;

import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.HandlerMethod;

/**
 * The OpenAPI document at {@code /v3/api-docs}, made from the controllers. What they read and
 * answer beyond their signatures is said here.
 */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
  private static final String JSON = "application/json";

  /**
   * What a signature does not say.
   *
   * @param summary a sentence
   * @param status of success
   * @param body the schema of what is sent; empty for none
   * @param answer the schema of what is answered; empty for what the signature says
   */
  private record Said(
      String summary, String status, Optional<String> body, Optional<String> answer) {
    static Said of(String summary) {
      return new Said(summary, "200", Optional.empty(), Optional.empty());
    }

    Said status(String other) {
      return new Said(summary, other, body, answer);
    }

    Said body(String schema) {
      return new Said(summary, status, Optional.of(schema), answer);
    }

    Said answer(String schema) {
      return new Said(summary, status, body, Optional.of(schema));
    }
  }

  private static final Map<String, Said> SAID =
      Map.ofEntries(
          Map.entry(
              "AddressLinkController.create",
              Said.of("A link that proves an address by being opened from it, once").status("201")),
          Map.entry(
              "AddressLinkController.get", Said.of("One's own link, and from where it was opened")),
          Map.entry(
              "RequestController.submit",
              Said.of("Ask for access; 202 means that it is on the log")
                  .status("202")
                  .body("AccessRequest")
                  .answer("Accepted")),
          Map.entry("RequestController.get", Said.of("A request, its decision, its grants")),
          Map.entry(
              "RequestController.list",
              Said.of("Requests, the newest first: one's own, and those to approve")),
          Map.entry(
              "RequestController.answer",
              Said.of("Approve or refuse").status("202").body("Answer")),
          Map.entry("RequestController.withdraw", Said.of("Take a request back").status("202")),
          Map.entry("GrantController.list", Said.of("Grants, the newest first")),
          Map.entry("GrantController.close", Said.of("Close early").status("202")),
          Map.entry(
              "GrantController.extend",
              Said.of("Ask for a later end").status("202").body("Extension")),
          Map.entry(
              "BreakGlassController.list", Said.of("Uses of break-glass that one may review")),
          Map.entry(
              "BreakGlassController.review",
              Said.of("Say that a use of break-glass was looked into")
                  .status("202")
                  .body("Review")),
          Map.entry(
              "PolicyController.put",
              Said.of("Put a policy; with dryRun=true only its plan is answered")
                  .body("Policy")
                  .answer("Policy")),
          Map.entry(
              "PolicyController.rehearse",
              Said.of("What a policy would write; nothing is put").body("Policy")),
          Map.entry("PolicyController.get", Said.of("A policy").answer("Policy")),
          Map.entry("PolicyController.list", Said.of("All policies").answer("Policies")),
          Map.entry("PolicyController.delete", Said.of("Remove a policy").status("204")),
          Map.entry("EventController.list", Said.of("The record, the newest first")),
          Map.entry("EventController.stream", Said.of("The record as it happens")),
          Map.entry("WhoamiController.whoami", Said.of("Who one is, and may ask for")));

  @Bean
  OpenAPI openApi() throws IOException {
    return new OpenAPI()
        .info(
            new Info()
                .title("Postern")
                .version("1")
                .description("Just-in-time access to the management ports of virtual machines."))
        .servers(List.of(new Server().url("/")))
        .components(
            documents()
                .addSecuritySchemes(
                    "bearer", new SecurityScheme().type(SecurityScheme.Type.HTTP).scheme("bearer")))
        .addSecurityItem(new SecurityRequirement().addList("bearer"));
  }

  private static Components documents() throws IOException {
    try (InputStream in =
        OpenApiConfiguration.class.getResourceAsStream("/openapi-documents.yaml")) {
      return Yaml31.mapper().readValue(Objects.requireNonNull(in), Components.class);
    }
  }

  @Bean
  OperationCustomizer operations() {
    return OpenApiConfiguration::say;
  }

  private static Operation say(Operation operation, HandlerMethod method) {
    String controller = method.getBeanType().getSimpleName();
    String subject = controller.replace("Controller", "");
    String name = method.getMethod().getName();
    operation.setOperationId(name + subject);
    operation.setTags(List.of(subject));
    Said said = SAID.getOrDefault(controller + "." + name, Said.of(subject));
    operation.setSummary(said.summary());
    said.body()
        .ifPresent(
            b -> {
              if (operation.getRequestBody() != null) {
                operation.getRequestBody().setContent(content(JSON, b));
              }
            });
    ApiResponses responses = operation.getResponses();
    ApiResponse success = responses.remove("200");
    if (success != null) {
      said.answer().ifPresent(a -> success.setContent(content(JSON, a)));
      success.setDescription("done");
      responses.addApiResponse(said.status(), success);
    }
    responses.addApiResponse(
        "default",
        new ApiResponse()
            .description("what is wrong")
            .content(content("application/problem+json", "Problem")));
    return operation;
  }

  private static Content content(String type, String schema) {
    return new Content()
        .addMediaType(
            type, new MediaType().schema(new Schema<>().$ref("#/components/schemas/" + schema)));
  }
}
