package dev.longwave.server.presence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of the members of a topic.
 *
 * @param members in the order of their connections' IDs
 * @param next after which connection the next page begins; null if there is none
 * @param counts how many there are on all pages
 */
public record MemberPage(List<Member> members, @Nullable String next, Counts counts) {
    public MemberPage {
        members = List.copyOf(members);
    }
}
