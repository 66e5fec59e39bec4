package dev.longwave.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Presence.Lease;
import dev.longwave.broker.Presence.Member;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What brokers from before pages and batches inherit. */
final class PresenceTest {

    @Test
    void ordersIdsAsTheirUtf8Bytes() {
        var ids = List.of("", "a", "ab", "b", "é", "\uD7FF", "\uE000", "\uFF5E", "😀", "😀a", "😁");
        for (String a : ids) {
            for (String b : ids) {
                assertThat(Integer.signum(Member.compareIds(a, b)))
                        .isEqualTo(
                                Integer.signum(
                                        Arrays.compareUnsigned(
                                                a.getBytes(StandardCharsets.UTF_8),
                                                b.getBytes(StandardCharsets.UTF_8))));
            }
        }
    }

    @Test
    void pagesWhatABrokerListsAndPutsOneByOne() {
        var presence = new Listing();

        presence.putAll(
                List.of(
                        Lease.of("t", Member.of("c", "")),
                        Lease.of("t", Member.of("a", "")),
                        Lease.of("t", Member.of("b", ""))),
                Duration.ofSeconds(1));

        assertThat(presence.members("t", "", 2)).extracting(Member::id).containsExactly("a", "b");
        assertThat(presence.members("t", "b", 2)).extracting(Member::id).containsExactly("c");
    }

    private static final class Listing implements Presence {

        private final List<Member> members = new ArrayList<>();

        @Override
        public void put(String topic, Member member, Duration ttl) {
            members.add(member);
        }

        @Override
        public void remove(String topic, String memberId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Member> members(String topic, int max) {
            return members.subList(0, Math.min(max, members.size()));
        }

        @Override
        public long count(String topic) {
            return members.size();
        }
    }
}
