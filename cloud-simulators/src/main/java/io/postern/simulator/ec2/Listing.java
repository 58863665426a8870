package io.postern.simulator.ec2;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What all Describe actions share: ids, filters, pages in the order of ids. A token names the last
 * id of its page, so resources that come and go between pages neither repeat nor hide others.
 *
 * @param notFound the error code for an id that is not there
 */
record Listing<T extends Resource>(
    String set, String idParameter, String notFound, FilterSet<T> filters) {
  private static final int LARGEST_PAGE = 1000;

  /** Writes one item of the answer. */
  interface Item<T> {
    void write(Region region, T item);
  }

  void run(Call call, Xml out, Function<Region, Collection<T>> table, Item<T> item) {
    TreeSet<String> ids = new TreeSet<>(call.in.list(idParameter));
    Filters<T> wanted = filters.parse(call.in);
    Page page = Page.of(call.in, !ids.isEmpty());
    Region region = call.read();
    run(call, out, region, table.apply(region), ids, wanted::matches, page, item);
  }

  void run(
      Call call,
      Xml out,
      Region region,
      Collection<T> table,
      TreeSet<String> ids,
      java.util.function.BiPredicate<Region, T> wanted,
      Page page,
      Item<T> item) {
    List<T> found = new ArrayList<>();
    TreeSet<String> missing = new TreeSet<>(ids);
    for (T each : table) {
      if (!ids.isEmpty() && !ids.contains(each.id())) {
        continue;
      }
      if (region.visible(call.account(), each) && call.isThere(each)) {
        missing.remove(each.id());
        if (page.includes(each.id()) && wanted.test(region, each)) {
          found.add(each);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw Ec2Error.of(notFound, "The ID '" + missing.first() + "' does not exist");
    }
    found.sort(Comparator.comparing(Resource::id));
    List<T> shown = found.subList(0, Math.min(page.size(), found.size()));
    out.list(set, shown, each -> item.write(region, each));
    if (shown.size() < found.size()) {
      out.text("nextToken", Page.token(shown.getLast().id()));
    }
  }

  /** Which part of a list is asked for. */
  record Page(int size, @Nullable String after) {
    private static final String MARK = "after:";

    static Page of(Parameters in, boolean byId) {
      Integer size = in.number("MaxResults");
      String token = in.text("NextToken");
      if (size != null && byId) {
        throw Ec2Error.of(
            "InvalidParameterCombination", "Ids cannot be used with the parameter MaxResults");
      }
      if (size != null && (size < 5 || size > LARGEST_PAGE)) {
        throw Ec2Error.invalid(
            "Value (" + size + ") for parameter maxResults is invalid. Expecting 5 to 1000.");
      }
      return new Page(
          size == null ? LARGEST_PAGE : size,
          token == null || token.isEmpty() ? null : afterOf(token));
    }

    private static String afterOf(String token) {
      try {
        String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        if (text.startsWith(MARK)) {
          return text.substring(MARK.length());
        }
      } catch (IllegalArgumentException e) {
        // falls through to the same refusal as a token that decodes to something else
      }
      throw Ec2Error.of("InvalidNextToken", "The token '" + token + "' is invalid");
    }

    static String token(String lastId) {
      return Base64.getUrlEncoder()
          .encodeToString((MARK + lastId).getBytes(StandardCharsets.UTF_8));
    }

    boolean includes(String id) {
      return after == null || id.compareTo(after) > 0;
    }
  }
}
