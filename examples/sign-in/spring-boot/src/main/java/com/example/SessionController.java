package com.example;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Says whose a session is: to Longwave, and to the page. */
@RestController
class SessionController {

    /** What Longwave wants to know about a session. */
    record Session(String subject, int expiresIn, List<String> subscribe) {}

    private final String longwaveUrl;

    SessionController(@Value("${longwave.url}") String longwaveUrl) {
        this.longwaveUrl = longwaveUrl;
    }

    /**
     * For Longwave, which sends the cookie of the session. A browser could ask, too, and would
     * learn about its own session only.
     */
    @GetMapping("/longwave-session")
    ResponseEntity<Session> session(Principal user, HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (user == null || session == null) {
            return ResponseEntity.status(401).build();
        }
        // Being asked prolongs the session, like any request.
        return ResponseEntity.ok(
                new Session(
                        user.getName(),
                        session.getMaxInactiveInterval(),
                        List.of("users/{sub}/**", "news")));
    }

    /** For the page. */
    @GetMapping("/me")
    Map<String, String> me(Principal user) {
        return Map.of("name", user.getName(), "longwave", longwaveUrl);
    }
}
