package io.postern.request.pages;

import io.postern.request.web.AddressLinks;
import io.postern.request.web.Caller;
import io.postern.request.web.MachineController;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Proving an address by opening a link from it. Whoever opens it presses a button, too: chats look
 * into links by themselves, from addresses of their own.
 */
@Controller
public class AddressPages {
  private final AddressLinks links;
  private final Caller caller;
  private final Visitor visitor;

  AddressPages(AddressLinks links, Caller caller, Visitor visitor) {
    this.links = links;
    this.caller = caller;
    this.visitor = visitor;
  }

  /** A new link, for asking for a machine. */
  @PostMapping("/address-links")
  String create(@RequestParam String machine, Authentication signedIn) {
    AddressLinks.Link link = links.create(visitor.of(signedIn));
    return "redirect:"
        + UriComponentsBuilder.fromPath("/address-links/{token}")
            .queryParam("machine", "{machine}")
            .encode()
            .buildAndExpand(link.token(), MachineController.parse(machine).value());
  }

  /** Waits until the link was opened. */
  @GetMapping("/address-links/{token}")
  String wait(
      @PathVariable String token,
      @RequestParam String machine,
      Authentication signedIn,
      HttpServletRequest http,
      Model page) {
    fill(token, machine, signedIn, http, page);
    return "address-link";
  }

  /** The part of the page that changes, for its script. */
  @GetMapping("/address-links/{token}/now")
  String now(
      @PathVariable String token,
      @RequestParam String machine,
      Authentication signedIn,
      HttpServletRequest http,
      Model page) {
    fill(token, machine, signedIn, http, page);
    return "address-link :: now";
  }

  private void fill(
      String token, String machine, Authentication signedIn, HttpServletRequest http, Model page) {
    AddressLinks.Link link = links.read(token, visitor.of(signedIn));
    page.addAttribute("machine", MachineController.parse(machine).value());
    page.addAttribute("token", token);
    page.addAttribute(
        "url", URI.create(http.getRequestURL().toString()).resolve(link.path()).toString());
    page.addAttribute("until", visitor.look(signedIn).moment(link.expiresAt()));
    page.addAttribute("expired", links.isExpired(link));
    page.addAttribute("proof", links.proof(link).orElse(null));
  }

  /** What whoever opens the link sees; nothing has happened yet. */
  @GetMapping("/from/{token}")
  String opened(@PathVariable String token, HttpServletRequest http, Model page) {
    AddressLinks.Link link = links.read(token);
    page.addAttribute("subject", link.owner().subject());
    page.addAttribute("address", caller.address(http));
    page.addAttribute("token", token);
    page.addAttribute("over", links.isExpired(link) || links.proof(link).isPresent());
    page.addAttribute("done", false);
    return "from";
  }

  /** The address is the one that this comes from. */
  @PostMapping("/from/{token}")
  String confirmed(@PathVariable String token, HttpServletRequest http, Model page) {
    AddressLinks.Link link = links.read(token);
    String address = caller.address(http);
    links.open(link, address);
    page.addAttribute("subject", link.owner().subject());
    page.addAttribute("address", address);
    page.addAttribute("over", false);
    page.addAttribute("done", true);
    return "from";
  }
}
