package dev.longwave.broker;

import java.util.Objects;

/** The broker's answer to a publish. Immutable. */
public final class Published {

    private final Position position;
    private final Durability durability;
    private final boolean duplicate;

    private Published(Position position, Durability durability, boolean duplicate) {
        this.position = position;
        this.durability = durability;
        this.duplicate = duplicate;
    }

    /** {@return the answer for a message that is now in the log at {@code position}} */
    public static Published of(Position position, Durability durability) {
        return new Published(position, durability, false);
    }

    /**
     * {@return the answer for a message whose id was published before}
     *
     * @param position of the first message with this id
     */
    public static Published duplicate(Position position, Durability durability) {
        return new Published(position, durability, true);
    }

    /** {@return where the message stands, or the first one with its id} */
    public Position position() {
        return position;
    }

    /** {@return what the message survives from now on} */
    public Durability durability() {
        return durability;
    }

    /** {@return whether a message with this id had been published before} */
    public boolean duplicate() {
        return duplicate;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Published that
                && duplicate == that.duplicate
                && durability == that.durability
                && position.equals(that.position);
    }

    @Override
    public int hashCode() {
        return Objects.hash(position, durability, duplicate);
    }

    @Override
    public String toString() {
        return "Published[position=%s, durability=%s, duplicate=%s]"
                .formatted(position, durability, duplicate);
    }
}
