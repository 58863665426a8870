package io.postern.policy.lookup;

import io.postern.model.MachineFacts;
import io.postern.policy.domain.Finding;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.ContextEntry;
import software.amazon.awssdk.services.iam.model.ContextKeyTypeEnum;
import software.amazon.awssdk.services.iam.model.EvaluationResult;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.iam.model.PolicyEvaluationDecisionType;
import software.amazon.awssdk.services.iam.model.SimulatePrincipalPolicyRequest;
import software.amazon.awssdk.services.iam.model.SimulatePrincipalPolicyResponse;

/**
 * Asks IAM with SimulatePrincipalPolicy. It looks up no tags, so those of the machine are supplied;
 * a decision that depends on something else that is not supplied is a no.
 */
public final class AwsPermissions implements AutoCloseable {
  private static final Pattern PRINCIPAL =
      Pattern.compile("arn:aws[a-z-]*:iam::[0-9]{12}:(user|role|group)/[\\w+=,.@/-]{1,512}");

  /**
   * What an operator sets.
   *
   * @param endpoint where IAM is; empty for AWS's own
   * @param actions what a requestor must be allowed to do with the machine
   * @param timeout longest time of one call
   */
  public record Settings(Optional<URI> endpoint, List<String> actions, Duration timeout) {
    public Settings {
      actions = List.copyOf(actions);
      if (actions.isEmpty()) {
        throw new IllegalArgumentException(
            "postern.permissions.aws.actions: must name at least one action");
      }
    }
  }

  private record Question(String principal, String machine, Map<String, String> tags) {}

  private final Settings settings;
  private final IamClient iam;
  private final BoundedLookup<Question> lookup;

  public AwsPermissions(Settings settings, AwsCredentialsProvider credentials) {
    this(settings, credentials, BoundedLookup.Limits.DEFAULT);
  }

  AwsPermissions(
      Settings settings, AwsCredentialsProvider credentials, BoundedLookup.Limits limits) {
    this.settings = settings;
    var builder =
        IamClient.builder()
            .region(Region.AWS_GLOBAL)
            .credentialsProvider(credentials)
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(limits.atOnce())
                    .connectionTimeout(settings.timeout())
                    .socketTimeout(settings.timeout()))
            // One layer tries again, and it is ours.
            .overrideConfiguration(
                o -> o.apiCallTimeout(settings.timeout()).retryStrategy(r -> r.maxAttempts(1)));
    settings.endpoint().ifPresent(builder::endpointOverride);
    this.iam = builder.build();
    this.lookup =
        new BoundedLookup<>(
            limits,
            this::ask,
            (q, why) -> finding(q, Finding.Result.UNAVAILABLE, "IAM could not be asked: " + why));
  }

  /**
   * Whether the principal may reach the machine.
   *
   * @param principal ARN of a user, group or role
   */
  public Finding find(String principal, MachineFacts machine) {
    Question question =
        new Question(principal, machine.id().value(), new TreeMap<>(machine.tags()));
    return PRINCIPAL.matcher(principal).matches()
        ? lookup.find(question)
        : finding(question, Finding.Result.FAILS, principal + " is no user, group or role of IAM");
  }

  private Finding ask(Question q) throws IOException {
    try {
      SimulatePrincipalPolicyResponse answer = iam.simulatePrincipalPolicy(request(q));
      if (Boolean.TRUE.equals(answer.isTruncated())
          || answer.evaluationResults().size() != settings.actions().size()) {
        throw new IOException("the answer is not whole");
      }
      return answer.evaluationResults().stream()
          .flatMap(r -> objection(r).stream())
          .findFirst()
          .map(why -> finding(q, Finding.Result.FAILS, q.principal() + " " + why))
          .orElseGet(
              () ->
                  finding(
                      q,
                      Finding.Result.HOLDS,
                      "IAM lets %s %s".formatted(q.principal(), settings.actions())));
    } catch (NoSuchEntityException e) {
      return finding(q, Finding.Result.FAILS, "IAM does not know " + q.principal());
    } catch (SdkException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private SimulatePrincipalPolicyRequest request(Question q) {
    var request =
        SimulatePrincipalPolicyRequest.builder()
            .policySourceArn(q.principal())
            .actionNames(settings.actions())
            .resourceArns(q.machine());
    if (!q.tags().isEmpty()) {
      request.contextEntries(q.tags().entrySet().stream().map(AwsPermissions::tag).toList());
    }
    return request.build();
  }

  private static ContextEntry tag(Map.Entry<String, String> tag) {
    return ContextEntry.builder()
        .contextKeyName("aws:ResourceTag/" + tag.getKey())
        .contextKeyType(ContextKeyTypeEnum.STRING)
        .contextKeyValues(tag.getValue())
        .build();
  }

  private static Optional<String> objection(EvaluationResult result) {
    if (result.evalDecision() != PolicyEvaluationDecisionType.ALLOWED) {
      return Optional.of(
          "may not " + result.evalActionName() + ": " + result.evalDecisionAsString());
    }
    return result.missingContextValues().isEmpty()
        ? Optional.empty()
        : Optional.of(
            "may %s only under conditions on %s"
                .formatted(result.evalActionName(), result.missingContextValues()));
  }

  private static Finding finding(Question q, Finding.Result result, String detail) {
    return new Finding(Finding.Kind.CLOUD_PERMISSION, q.principal(), result, detail);
  }

  @Override
  public void close() {
    lookup.close();
    iam.close();
  }
}
