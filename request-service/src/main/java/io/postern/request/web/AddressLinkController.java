package io.postern.request.web;

import io.postern.request.domain.AddressProof;
import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Links that prove an address by being opened from it. */
@RestController
@RequestMapping("/api/v1/address-links")
public class AddressLinkController {
  private final AddressLinks links;
  private final Caller caller;

  AddressLinkController(AddressLinks links, Caller caller) {
    this.links = links;
    this.caller = caller;
  }

  /** What a link has come to. */
  enum State {
    WAITING,
    PROVEN,
    EXPIRED
  }

  /**
   * A link.
   *
   * @param open where it is to be opened, below this service's own address
   * @param expiresAt until when it may be opened
   * @param address from which it was opened; null while nobody has
   */
  record LinkView(
      String id,
      State state,
      String open,
      Instant expiresAt,
      @Nullable String address,
      @Nullable Instant provenAt) {}

  /** 201: a link that may be opened once. */
  @PostMapping
  ResponseEntity<LinkView> create(@AuthenticationPrincipal Jwt token) {
    LinkView link = view(links.create(caller.of(token)));
    return ResponseEntity.created(URI.create("/api/v1/address-links/" + link.id())).body(link);
  }

  /** One's own link, and from where it was opened. */
  @GetMapping("/{id}")
  LinkView get(@PathVariable String id, @AuthenticationPrincipal Jwt token) {
    return view(links.read(id, caller.of(token)));
  }

  private LinkView view(AddressLinks.Link link) {
    AddressProof proof = links.proof(link).orElse(null);
    State state =
        proof != null ? State.PROVEN : links.isExpired(link) ? State.EXPIRED : State.WAITING;
    return new LinkView(
        link.token(),
        state,
        link.path(),
        link.expiresAt(),
        proof == null ? null : proof.address(),
        proof == null ? null : proof.at());
  }
}
