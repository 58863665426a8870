package io.postern.quickstart;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;

/** Puts the login of the quickstart's own issuer beside the pages and the API. */
@Configuration(proxyBeanMethods = false)
@Import(LoginController.class)
class LoginConfiguration {
  /** Open: who asks there has nothing yet. */
  @Bean
  @Order(0)
  SecurityFilterChain login(HttpSecurity http) {
    return http.securityMatcher(
            LoginController.ADFS + "/**",
            LoginController.ENTRA + "/**",
            LoginController.INSTANCE_DISCOVERY)
        .csrf(c -> c.disable())
        .sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .authorizeHttpRequests(a -> a.anyRequest().permitAll())
        .build();
  }
}
