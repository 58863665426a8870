package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The network interfaces by id, with an index by instance that is made when somebody asks. */
final class InterfaceTable extends TreeMap<String, NetworkInterface> {
  private static final long serialVersionUID = 1L;

  private transient @Nullable Map<String, List<NetworkInterface>> byInstance;

  InterfaceTable() {}

  InterfaceTable(InterfaceTable other) {
    super(other);
  }

  @Override
  public @Nullable NetworkInterface put(String id, NetworkInterface eni) {
    byInstance = null;
    return super.put(id, eni);
  }

  @Override
  public @Nullable NetworkInterface remove(Object id) {
    byInstance = null;
    return super.remove(id);
  }

  /** The interfaces of an instance, by device index. */
  List<NetworkInterface> of(String instanceId) {
    Map<String, List<NetworkInterface>> index = byInstance;
    if (index == null) {
      index = new HashMap<>();
      for (NetworkInterface eni : values()) {
        if (eni.attachment() != null) {
          index.computeIfAbsent(eni.attachment().instanceId(), id -> new ArrayList<>()).add(eni);
        }
      }
      index.values().forEach(list -> list.sort(Comparator.comparingInt(InterfaceTable::device)));
      byInstance = index;
    }
    return List.copyOf(index.getOrDefault(instanceId, List.of()));
  }

  private static int device(NetworkInterface eni) {
    return eni.attachment() == null ? 0 : eni.attachment().deviceIndex();
  }
}
