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

    /** Removes the member with this id, or does nothing if there is none. */
    void remove(String topic, String memberId);

    /** {@return the members whose leases have not expired, at most {@code max}, each once} */
    List<Member> members(String topic, int max);

    /** {@return how many members have not expired} */
    long count(String topic);

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
