package io.postern.simulator.ec2;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One action of the API: reads its parameters from the call, takes {@link Call#read} or {@link
 * Call#write} once it has read them all, and writes the inner part of the answer. It checks
 * everything before it changes anything.
 */
@FunctionalInterface
interface Action {
  void run(Call call, Xml out);

  /** The services whose actions are answered here, with the namespace of their answers. */
  enum Service {
    EC2("http://ec2.amazonaws.com/doc/2016-11-15/"),
    STS("https://sts.amazonaws.com/doc/2011-06-15/"),
    IAM("https://iam.amazonaws.com/doc/2010-05-08/");

    final String namespace;

    Service(String namespace) {
      this.namespace = namespace;
    }
  }

  /** All actions by name. */
  final class Catalogue {
    private final Map<String, Action> actions = new HashMap<>();
    private final Map<String, Service> others = new HashMap<>();

    Catalogue() {
      GroupActions.register(actions);
      RuleActions.register(actions);
      RuleQueries.register(actions);
      InterfaceActions.register(actions);
      InstanceActions.register(actions);
      NetworkActions.register(actions);
      PrefixListActions.register(actions);
      TagActions.register(actions);
      StsActions.register(actions, others);
      IamActions.register(actions, others);
    }

    @Nullable Action find(String name) {
      return actions.get(name);
    }

    Service serviceOf(String name) {
      return others.getOrDefault(name, Service.EC2);
    }
  }
}
