package io.postern.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** What kustomize renders, read as the classes that Kubernetes' own API description comes to. */
class ManifestsTest {
  private static final Path HOME = Path.of("..", "deploy", "kustomize");
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "v1/ConfigMap", ConfigMap.class,
          "v1/Service", Service.class,
          "v1/ServiceAccount", ServiceAccount.class,
          "apps/v1/Deployment", Deployment.class,
          "apps/v1/StatefulSet", StatefulSet.class,
          "batch/v1/Job", Job.class,
          "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
          "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(strings = {"base", "overlays/three-replicas", "overlays/example"})
  void everyFieldIsOneThatKubernetesKnows(String directory) throws Exception {
    TreeSet<String> kinds = new TreeSet<>();
    for (Object document : new Yaml().loadAll(rendered(directory))) {
      Map<?, ?> fields = (Map<?, ?>) document;
      String kind = fields.get("apiVersion") + "/" + fields.get("kind");
      Class<? extends HasMetadata> type = KINDS.get(kind);
      assertThat(type).as(kind).isNotNull();
      HasMetadata read = JSON.convertValue(fields, type);
      List<String> unknown = new ArrayList<>();
      collectUnknown(
          read, read.getFullResourceName() + "/" + read.getMetadata().getName(), unknown);
      assertThat(unknown).isEmpty();
      kinds.add(kind);
    }
    assertThat(kinds).isEqualTo(new TreeSet<>(KINDS.keySet()));
  }

  private static String rendered(String directory) throws IOException, InterruptedException {
    Process kubectl;
    try {
      kubectl =
          new ProcessBuilder("kubectl", "kustomize", HOME.resolve(directory).toString()).start();
    } catch (IOException e) {
      assumeTrue(false, "no kubectl: " + e.getMessage());
      throw e;
    }
    try (InputStream out = kubectl.getInputStream()) {
      String text = new String(out.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(kubectl.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(kubectl.exitValue())
          .as(() -> String.join("\n", kubectl.errorReader().lines().toList()))
          .isZero();
      return text;
    }
  }

  // What a class does not know it keeps aside instead of refusing it.
  private static void collectUnknown(Object value, String path, List<String> unknown)
      throws ReflectiveOperationException {
    if (value instanceof Collection<?> many) {
      for (Object one : many) {
        collectUnknown(one, path + "[]", unknown);
      }
      return;
    }
    if (value == null
        || !value.getClass().getName().startsWith("io.fabric8.kubernetes.api.model")) {
      return;
    }
    for (Method getter : value.getClass().getMethods()) {
      if (getter.getParameterCount() > 0 || !getter.getName().startsWith("get")) {
        continue;
      }
      if (getter.getName().equals("getAdditionalProperties")) {
        ((Map<?, ?>) getter.invoke(value)).keySet().forEach(k -> unknown.add(path + "." + k));
      } else if (!getter.getName().equals("getClass")) {
        collectUnknown(getter.invoke(value), path + "." + getter.getName().substring(3), unknown);
      }
    }
  }
}
