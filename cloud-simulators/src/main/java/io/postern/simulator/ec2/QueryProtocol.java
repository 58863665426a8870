package io.postern.simulator.ec2;

import io.postern.simulator.kernel.Request;
import io.postern.simulator.kernel.Response;
import io.postern.simulator.kernel.SimulatorServer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The query protocol on the wire: a form in, XML out, in the shapes of EC2 and of STS and IAM. */
final class QueryProtocol {
  private static final String XML = "text/xml;charset=UTF-8";

  private QueryProtocol() {}

  /** The fields of body and query; empty when they cannot be decoded. */
  static Map<String, String> form(Request request) {
    Map<String, String> flat = new HashMap<>();
    try {
      request.query().forEach((name, values) -> flat.put(name, values.getFirst()));
      String body = new String(request.body(), StandardCharsets.UTF_8);
      for (Map.Entry<String, List<String>> field : SimulatorServer.parseForm(body).entrySet()) {
        flat.put(field.getKey(), field.getValue().getFirst());
      }
      return flat;
    } catch (IllegalArgumentException e) {
      return Map.of();
    }
  }

  static Response success(Action.Service service, String action, Consumer<Xml> inner) {
    Xml out = new Xml();
    out.raw("<" + action + "Response xmlns=\"" + service.namespace + "\">");
    if (service == Action.Service.EC2) {
      out.text("requestId", UUID.randomUUID());
      inner.accept(out);
    } else {
      out.open(action + "Result");
      inner.accept(out);
      out.close(action + "Result").open("ResponseMetadata");
      out.text("RequestId", UUID.randomUUID()).close("ResponseMetadata");
    }
    return Response.text(200, XML, out.close(action + "Response").toString());
  }

  static Response failure(Action.Service service, Ec2Error e) {
    Xml out = new Xml();
    if (service == Action.Service.EC2) {
      out.open("Response").open("Errors").open("Error");
      out.text("Code", e.code).text("Message", e.text());
      out.close("Error").close("Errors").text("RequestID", UUID.randomUUID()).close("Response");
    } else {
      out.raw("<ErrorResponse xmlns=\"" + service.namespace + "\">").open("Error");
      out.text("Type", e.status < 500 ? "Sender" : "Receiver");
      out.text("Code", e.code).text("Message", e.text()).close("Error");
      out.text("RequestId", UUID.randomUUID()).close("ErrorResponse");
    }
    return Response.text(e.status, XML, out.toString());
  }

  /** What the Authorization header of Signature Version 4 says; the signature is not checked. */
  record Credential(String accessKey, String region) {
    static @Nullable Credential of(@Nullable String authorization) {
      int start = authorization == null ? -1 : authorization.indexOf("Credential=");
      if (authorization == null || start < 0) {
        return null;
      }
      String[] scope =
          authorization
              .substring(start + "Credential=".length())
              .split("[,\\s]", 2)[0]
              .split("/", -1);
      return scope.length < 5 ? null : new Credential(scope[0], scope[2]);
    }
  }
}
