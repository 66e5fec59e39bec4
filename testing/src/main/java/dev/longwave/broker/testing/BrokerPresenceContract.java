package dev.longwave.broker.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Presence.Lease;
import dev.longwave.broker.Presence.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The part of {@link BrokerContractTest} that is about many members, for brokers that declare
 * {@link Capability#PRESENCE}.
 */
abstract class BrokerPresenceContract extends BrokerEphemeralContract {

    private static final Duration HOUR = Duration.ofHours(1);

    @Test
    void readsMembersInPagesInTheOrderOfTheirIds() {
        Presence presence = presence();
        var ids =
                new ArrayList<>(
                        List.of(
                                "Z", "a", "a b", "a.b", "a/b", "a*", ">", "é", "e\u0301", "ß", "日本",
                                "\uFF5E", "😀", "~", "0", "00", "'; --", "\"", "[a", "(a"));
        IntStream.range(0, 600).forEach(i -> ids.add("user-" + i));
        presence.putAll(
                ids.reversed().stream().map(id -> lease(topic, id, "info of " + id)).toList(),
                HOUR);

        var read = new ArrayList<Member>();
        List<Member> page = presence.members(topic, "", 100);
        while (!page.isEmpty()) {
            read.addAll(page);
            page = presence.members(topic, page.getLast().id(), 100);
        }

        ids.sort(Member::compareIds);
        assertThat(read)
                .as("members in the order of their IDs")
                .extracting(Member::id)
                .isEqualTo(ids);
        assertThat(read)
                .as("info of all members")
                .allMatch(member -> member.info().equals("info of " + member.id()));
        assertThat(presence.count(topic)).as("count of members").isEqualTo(ids.size());
        assertThat(presence.members(topic, "user-599", 1))
                .as("members after one that is not the last")
                .extracting(Member::id)
                .hasSize(1);
        assertThat(presence.members(topic, "\uDBFF\uDFFF", 1))
                .as("members after the greatest ID")
                .isEmpty();
    }

    @Test
    void keepsThePlaceOfAPageWhenItsLastMemberLeaves() {
        Presence presence = presence();
        presence.putAll(
                List.of(lease(topic, "a", ""), lease(topic, "b", ""), lease(topic, "c", "")), HOUR);

        assertThat(presence.members(topic, "", 2))
                .as("the first page")
                .extracting(Member::id)
                .containsExactly("a", "b");
        presence.remove(topic, "b");
        presence.put(topic, Member.of("aa", ""), HOUR);

        assertThat(presence.members(topic, "b", 2))
                .as("the page after a member that has left")
                .extracting(Member::id)
                .containsExactly("c");
    }

    @Test
    void renewsManyLeasesOfManyTopicsTogether() {
        Presence presence = presence();
        int topics = 20;
        int each = 60;
        presence.putAll(leases(topics, each, "old"), Duration.ofSeconds(2));
        presence.putAll(
                List.of(lease(topic + "/0", "gone", ""), lease(topic + "/1", "gone", "")),
                Duration.ofSeconds(2));

        presence.putAll(leases(topics, each, "new"), HOUR);
        passTime(Duration.ofSeconds(4));

        awaitThat("the expiry", () -> presence.count(topic + "/0") == each);
        awaitThat("the expiry", () -> presence.count(topic + "/1") == each);
        for (int i = 0; i < topics; i++) {
            assertThat(presence.members(topic + '/' + i, "", 1000))
                    .as("members with renewed leases")
                    .hasSize(each)
                    .allMatch(member -> member.info().equals("new"));
        }
    }

    @Test
    void keepsTheLastOfTwoLeasesOfOneMember() {
        Presence presence = presence();

        presence.putAll(
                List.of(
                        lease(topic, "ann", "first"),
                        lease(topic, "ben", ""),
                        lease(topic, "ann", "second")),
                HOUR);
        presence.putAll(List.of(), HOUR);

        assertThat(presence.members(topic, "", 10))
                .as("members")
                .containsExactly(Member.of("ann", "second"), Member.of("ben", ""));
    }

    @Test
    void refusesALeaseThatLastsNoTime() {
        Presence presence = presence();

        assertThatThrownBy(() -> presence.put(topic, Member.of("ann", ""), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        presence.putAll(List.of(lease(topic, "ann", "")), Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(presence.count(topic)).as("count of members after refused leases").isZero();
    }

    @Test
    void showsOneNodesMembersToAnother() {
        needs(Capability.PRESENCE);
        needs(Capability.SHARED);
        Broker node = createNode();
        Presence here = node.presence().orElseThrow();
        Presence there = createNode().presence().orElseThrow();

        here.put(topic, Member.of("ann", "Ann"), HOUR);

        assertThat(there.members(topic, "", 10))
                .as("members that another node sees")
                .containsExactly(Member.of("ann", "Ann"));
        there.remove(topic, "ann");
        assertThat(here.count(topic))
                .as("count of members after another node removed the only one")
                .isZero();
    }

    private Presence presence() {
        needs(Capability.PRESENCE);
        Broker node = createNode();
        return node.presence().orElseThrow();
    }

    private List<Lease> leases(int topics, int each, String info) {
        var leases = new ArrayList<Lease>();
        for (int i = 0; i < topics * each; i++) {
            leases.add(lease(topic + '/' + i % topics, "member-" + i / topics, info));
        }
        return leases;
    }

    private static Lease lease(String topic, String id, String info) {
        return Lease.of(topic, Member.of(id, info));
    }
}
