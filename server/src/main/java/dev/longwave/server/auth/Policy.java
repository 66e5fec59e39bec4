package dev.longwave.server.auth;

/**
 * What clients may do, as far as that can change while the server runs. Requests and open streams
 * ask for the one in force each time. Immutable.
 *
 * @param rules what clients may do beside what their credentials say
 * @param cors which pages of other origins may use the server
 * @param quotas how much each client may do
 */
public record Policy(AccessRules rules, CorsSettings cors, QuotaSettings quotas) {}
