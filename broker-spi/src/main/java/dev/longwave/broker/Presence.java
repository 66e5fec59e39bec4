package dev.longwave.broker;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The members of each topic, as leases that expire unless renewed. Safe for many threads; every
 * method may block, and throws {@link BrokerUnavailableException} when no answer came in time,
 * after which trying again is harmless.
 */
public interface Presence {

    /**
     * Adds or renews a member.
     *
     * @param member the member; it replaces one with the same id
     * @param ttl how long it is a member unless renewed, more than zero
     */
    void put(String topic, Member member, Duration ttl);

    /**
     * Adds or renews many members. It is no transaction: after an exception, some may have been.
     *
     * <p>The default does so one by one.
     *
     * @param ttl how long each is a member unless renewed, more than zero
     */
    default void putAll(List<Lease> leases, Duration ttl) {
        for (Lease lease : leases) {
            put(lease.topic(), lease.member(), ttl);
        }
    }

    /** Removes the member with this id, or does nothing if there is none. */
    void remove(String topic, String memberId);

    /** {@return the members whose leases have not expired, at most {@code max}, each once} */
    List<Member> members(String topic, int max);

    /**
     * {@return a page of the members whose leases have not expired, in the order of their ids}
     *
     * <p>The order is that of the ids' code points, which is that of their UTF-8 bytes. A member
     * that is present all the time is in exactly one of the pages that a reader takes one after
     * another, whoever joins and leaves meanwhile.
     *
     * <p>The default reads all members for each page.
     *
     * @param after the id of the last member of the page before; empty for the first page
     * @param max how many members there may be, 1 or more
     */
    default List<Member> members(String topic, String after, int max) {
        return members(topic, Integer.MAX_VALUE).stream()
                .filter(member -> Member.compareIds(member.id(), after) > 0)
                .sorted((a, b) -> Member.compareIds(a.id(), b.id()))
                .limit(max)
                .toList();
    }

    /** {@return how many members have not expired} */
    long count(String topic);

    /** A member, and the topic of which it is one. Immutable. */
    final class Lease {

        private final String topic;
        private final Member member;

        private Lease(String topic, Member member) {
            this.topic = topic;
            this.member = member;
        }

        /** {@return a lease of {@code member} in {@code topic}} */
        public static Lease of(String topic, Member member) {
            return new Lease(topic, member);
        }

        /** {@return the topic} */
        public String topic() {
            return topic;
        }

        /** {@return the member} */
        public Member member() {
            return member;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Lease that
                    && topic.equals(that.topic)
                    && member.equals(that.member);
        }

        @Override
        public int hashCode() {
            return Objects.hash(topic, member);
        }

        @Override
        public String toString() {
            return "Lease[topic=" + topic + ", member=" + member + "]";
        }
    }

    /** A member of a topic. Immutable. */
    final class Member {

        /** How many characters an id may have. */
        public static final int MAX_ID_LENGTH = 128;

        private final String id;
        private final String info;

        private Member(String id, String info) {
            this.id = id;
            this.info = info;
        }

        /**
         * {@return a member}
         *
         * @param id its id, unique in the topic, 1 to {@value #MAX_ID_LENGTH} characters
         * @param info what to tell others about it; small, opaque
         * @throws IllegalArgumentException if the id is too short or too long
         */
        public static Member of(String id, String info) {
            if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
                throw new IllegalArgumentException(
                        "member id has a bad length length=%d min=1 max=%d"
                                .formatted(id.length(), MAX_ID_LENGTH));
            }
            return new Member(id, info);
        }

        /**
         * {@return less than, equal to, or more than zero, as the first id comes before, is, or
         * comes after the second one in the order of {@link Presence#members(String, String, int)}}
         */
        public static int compareIds(String a, String b) {
            int length = Math.min(a.length(), b.length());
            for (int i = 0; i < length; i++) {
                char left = a.charAt(i);
                char right = b.charAt(i);
                if (left != right) {
                    // Surrogates stand for code points beyond all that are one char.
                    boolean sameKind = Character.isSurrogate(left) == Character.isSurrogate(right);
                    return sameKind
                            ? Character.compare(left, right)
                            : Boolean.compare(
                                    Character.isSurrogate(left), Character.isSurrogate(right));
                }
            }
            return Integer.compare(a.length(), b.length());
        }

        /** {@return its id, unique in the topic} */
        public String id() {
            return id;
        }

        /** {@return what to tell others about it} */
        public String info() {
            return info;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Member that && id.equals(that.id) && info.equals(that.info);
        }

        @Override
        public int hashCode() {
            return Objects.hash(id, info);
        }

        @Override
        public String toString() {
            return "Member[id=" + id + "]"; // the info may be personal
        }
    }
}
