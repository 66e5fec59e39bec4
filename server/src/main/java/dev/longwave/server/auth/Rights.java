package dev.longwave.server.auth;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client may do now: the rules may have changed since it signed in. Safe for many threads.
 */
final class Rights {
    /*
     * Each event of a publisher asks, so what follows from a grant and the rules is kept as long as these are the same.
     * Two threads that work it out at the same time come to the same result.
     */
    private final Supplier<Grant> grant;
    private final Supplier<AccessRules> rules;
    private volatile @Nullable Known known;

    private record Known(Grant grant, AccessRules rules, Permissions permissions) {}

    /**
     * @param grant what the client was given, which may change too
     * @param rules those in force
     */
    Rights(Supplier<Grant> grant, Supplier<AccessRules> rules) {
        this.grant = grant;
        this.rules = rules;
    }

    /** {@return the rights of a client to whom no rule applies} */
    static Rights of(Permissions permissions) {
        var fixed = new Grant(permissions, Grantee.NOBODY);
        return new Rights(() -> fixed, AccessRules::none);
    }

    Grant grant() {
        return grant.get();
    }

    Permissions permissions() {
        Grant presentGrant = grant.get();
        AccessRules presentRules = rules.get();
        Known last = known;
        if (last != null
                && last.rules().equals(presentRules)
                && last.grant().equals(presentGrant)) {
            return last.permissions();
        }
        Permissions permissions = presentGrant.permissions(presentRules);
        known = new Known(presentGrant, presentRules, permissions);
        return permissions;
    }
}
