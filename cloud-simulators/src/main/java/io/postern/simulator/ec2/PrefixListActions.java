package io.postern.simulator.ec2;

import io.postern.simulator.ec2.PrefixList.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Managed prefix lists. */
final class PrefixListActions {
  private static final Listing<PrefixList> LISTING =
      new Listing<>(
          "prefixListSet",
          "PrefixListId",
          "InvalidPrefixListID.NotFound",
          new FilterSet<PrefixList>()
              .add("prefix-list-id", (region, list) -> List.of(list.id()))
              .add("prefix-list-name", (region, list) -> List.of(list.name())));

  private record Line(String id, String owner, Entry entry) implements Resource {
    @Override
    public Map<String, String> tags() {
      return Map.of();
    }
  }

  private PrefixListActions() {}

  static void register(Map<String, Action> actions) {
    actions.put("CreateManagedPrefixList", PrefixListActions::create);
    actions.put("ModifyManagedPrefixList", PrefixListActions::modify);
    actions.put(
        "DescribeManagedPrefixLists",
        (call, out) ->
            LISTING.run(
                call,
                out,
                r -> r.prefixLists().values(),
                (region, list) -> list(out, region, list, "create-complete")));
    actions.put("GetManagedPrefixListEntries", PrefixListActions::entries);
  }

  private static void create(Call call, Xml out) {
    String name = call.in.required("PrefixListName");
    String family = call.in.required("AddressFamily");
    int maxEntries = call.in.number("MaxEntries", 0);
    boolean v6 = family.equals("IPv6");
    if (!v6 && !family.equals("IPv4")) {
      throw Ec2Error.invalid("AddressFamily is IPv4 or IPv6");
    }
    List<Entry> entries = new ArrayList<>(read(call.in, "Entry", v6).values());
    Map<String, String> tags = Tags.specified(call.in, "prefix-list");
    call.in.text("ClientToken");
    Region region = call.write();
    PrefixList list =
        new PrefixList(call.world.id("pl"), call.account(), name, v6, maxEntries, 1, entries, tags);
    checkSize(list);
    region.prefixLists().put(list.id(), list);
    answer(out, region, list, "create-in-progress");
  }

  private static Map<String, Entry> read(Parameters in, String name, boolean v6) {
    Map<String, Entry> entries = new TreeMap<>();
    for (Parameters entry : in.structures(name)) {
      String given = entry.required("Cidr");
      String cidr = (v6 ? Cidr.ipv6(given) : Cidr.ipv4(given)).toString();
      entries.put(cidr, new Entry(cidr, entry.text("Description", "")));
    }
    return entries;
  }

  private static void checkSize(PrefixList list) {
    if (list.maxEntries() < 1 || list.entries().size() > list.maxEntries()) {
      throw Ec2Error.of(
          "PrefixListMaxEntriesExceeded",
          "The prefix list has more entries than MaxEntries, " + list.maxEntries());
    }
  }

  private static void modify(Call call, Xml out) {
    String id = call.in.required("PrefixListId");
    Integer version = call.in.number("CurrentVersion");
    Integer maxEntries = call.in.number("MaxEntries");
    String name = call.in.text("PrefixListName");
    // The family is known only with the list, so the blocks are read by their own looks first.
    List<Entry> added = blocks(call.in, "AddEntry");
    List<Entry> removed = blocks(call.in, "RemoveEntry");
    Region region = call.write();
    PrefixList old = Finder.prefixList(call, region, id);
    if (!old.owner().equals(call.account())) {
      throw Ec2Error.unauthorized(call.action);
    }
    if (version != null && version != old.version()) {
      throw Ec2Error.of("PrefixListVersionMismatch", "The current version is " + old.version());
    }
    Map<String, Entry> entries = new TreeMap<>();
    old.entries().forEach(entry -> entries.put(entry.cidr(), entry));
    removed.forEach(entry -> entries.remove(entry.cidr()));
    for (Entry entry : added) {
      if (Cidr.block(entry.cidr()).v6() != old.v6()) {
        throw Ec2Error.invalid("CIDR " + entry.cidr() + " is not of the list's address family");
      }
      entries.put(entry.cidr(), entry);
    }
    boolean changed = !added.isEmpty() || !removed.isEmpty();
    PrefixList list =
        new PrefixList(
            id,
            old.owner(),
            name == null ? old.name() : name,
            old.v6(),
            maxEntries == null ? old.maxEntries() : maxEntries,
            old.version() + (changed ? 1 : 0),
            new ArrayList<>(entries.values()),
            old.tags());
    checkSize(list);
    region.prefixLists().put(id, list);
    answer(out, region, list, "modify-in-progress");
  }

  private static List<Entry> blocks(Parameters in, String name) {
    return in.structures(name).stream()
        .map(
            entry ->
                new Entry(
                    Cidr.block(entry.required("Cidr")).toString(), entry.text("Description", "")))
        .toList();
  }

  private static void entries(Call call, Xml out) {
    String id = call.in.required("PrefixListId");
    Integer version = call.in.number("TargetVersion");
    Listing.Page page = Listing.Page.of(call.in, false);
    Region region = call.read();
    PrefixList list = Finder.prefixList(call, region, id);
    if (version != null && version != list.version()) {
      throw Ec2Error.invalid("Only the current version, " + list.version() + ", is kept");
    }
    List<Line> lines =
        list.entries().stream().map(e -> new Line(e.cidr(), call.account(), e)).toList();
    new Listing<Line>("entrySet", "", "", new FilterSet<>())
        .run(
            call,
            out,
            region,
            lines,
            new java.util.TreeSet<>(),
            (r, line) -> true,
            page,
            (r, line) ->
                out.text("cidr", line.id()).text("description", line.entry().description()));
  }

  private static void answer(Xml out, Region region, PrefixList list, String state) {
    out.open("prefixList");
    list(out, region, list, state);
    out.close("prefixList");
  }

  private static void list(Xml out, Region region, PrefixList list, String state) {
    out.text("prefixListId", list.id()).text("addressFamily", list.v6() ? "IPv6" : "IPv4");
    out.text("state", state).text("prefixListName", list.name());
    out.text("maxEntries", list.maxEntries()).text("version", list.version());
    out.text("ownerId", list.owner());
    out.text(
        "prefixListArn",
        "arn:aws:ec2:" + region.name() + ":" + list.owner() + ":prefix-list/" + list.id());
    Tags.write(out, list.tags());
  }
}
