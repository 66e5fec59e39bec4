package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PostgresFailureTest {

    @ParameterizedTest
    @CsvSource({
        "53100, FULL",
        "25006, READ_ONLY",
        "42501, DENIED",
        "28P01, DENIED",
        "3F000, MISCONFIGURED",
        "42P01, MISCONFIGURED",
        "42883, MISCONFIGURED",
        "55P03, BUSY",
        "40P01, BUSY",
        "53300, BUSY",
        "58030, OTHER",
        "XX001, OTHER"
    })
    void isARefusalWhereTheServerAnswers(String state, Reason reason) {
        assertThat(PostgresFailure.of("publish", error(state)))
                .isInstanceOfSatisfying(
                        BrokerRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "08001", "57P01", "57P02", "57P03"})
    void isUnknownWhereTheConnectionEnds(String state) {
        assertThat(PostgresFailure.of("publish", error(state)))
                .isInstanceOfSatisfying(
                        BrokerUnavailableException.class,
                        unavailable -> assertThat(unavailable.isNotSent()).isFalse())
                .hasMessageContaining(state);
    }

    @Test
    void isUnknownWithoutAState() {
        assertThat(PostgresFailure.of("publish", new SQLException("?")))
                .isInstanceOf(BrokerUnavailableException.class);
    }

    @Test
    void blamesTheMessageForItsValues() {
        assertThat(PostgresFailure.of("publish", error("22021")))
                .isInstanceOf(MessageRefusedException.class);
    }

    @Test
    void findsTheStateOfWhatCausedAnError() {
        var error = new SQLException("no connection", null, error("28P01"));

        BrokerException failure = PostgresFailure.ofConnecting("publish", error);

        assertThat(failure).isInstanceOf(BrokerRefusedException.class);
        assertThat(PostgresFailure.summary((BrokerRefusedException) failure))
                .isEqualTo("the server refuses the login sqlstate=28P01");
    }

    @Test
    void hasSentNothingWithoutAConnection() {
        assertThat(PostgresFailure.ofConnecting("publish", error("08001")))
                .isInstanceOfSatisfying(
                        BrokerUnavailableException.class,
                        unavailable -> assertThat(unavailable.isNotSent()).isTrue());
    }

    private static SQLException error(String state) {
        return new SQLException("words", state);
    }
}
