package com.example;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/** Two users who can sign in, and the end of their streams at sign-out. */
@Configuration
class Security {

    @Bean
    SecurityFilterChain chain(HttpSecurity http, Longwave longwave) {
        return http.authorizeHttpRequests(
                        requests ->
                                requests.requestMatchers("/longwave-session")
                                        .permitAll() // it answers 401 itself, not with the login page
                                        .anyRequest()
                                        .authenticated())
                .formLogin(form -> form.defaultSuccessUrl("/", true))
                .logout(logout -> logout.logoutSuccessHandler(longwave::endStreams))
                .csrf(csrf -> csrf.spa()) // the page's script sends the token from a cookie
                .build();
    }

    /** Yours: a database of users. */
    @Bean
    UserDetailsService users() {
        return new InMemoryUserDetailsManager(
                User.withUsername("alice").password("{noop}wonderland").build(),
                User.withUsername("bob").password("{noop}builder").build());
    }
}
