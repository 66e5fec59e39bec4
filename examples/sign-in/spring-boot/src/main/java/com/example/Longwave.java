package com.example;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.MediaType;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/** The Longwave server beside this application. */
@Component
class Longwave {

    private final RestClient admin;

    Longwave(@Value("${longwave.admin-url}") String adminUrl) {
        this.admin = RestClient.create(adminUrl);
    }

    /**
     * Ends the user's open streams at sign-out. Those of the same user's other sessions
     * reconnect.
     */
    void endStreams(
            HttpServletRequest request, HttpServletResponse response, Authentication user)
            throws IOException {
        if (user != null) {
            admin.post()
                    .uri("/admin/disconnect")
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(Map.of("subject", user.getName()))
                    .retrieve()
                    .toBodilessEntity();
        }
        response.sendRedirect("/");
    }
}
