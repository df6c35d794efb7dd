package io.culvert.app.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing that a person can set. Flag, environment variable, key in the file, help text and reading all follow from this one
 * declaration: {@code expose-host} of the server is {@code --expose-host}, {@code CULVERT_EXPOSE_HOST} and {@code expose-host};
 * {@code token-file} of the agent is {@code --token-file}, {@code CULVERT_AGENT_TOKEN_FILE} and {@code agent.token-file}.
 * Immutable, any thread.
 *
 * @param section the command whose setting it is; {@link Section#SERVER} needs no prefix
 * @param name lower case with dashes
 * @param type how its text is read
 * @param fallback the text that counts where nobody set it; empty where there is none
 * @param many true where it may be given several times
 * @param help one sentence, without the default
 */
public record Setting<T>(
        Section section, String name, ValueType<T> type, Optional<String> fallback, boolean many, String help) {

    /** A setting with a default. */
    static <T> Setting<T> of(Section section, String name, ValueType<T> type, String fallback, String help) {
        return new Setting<>(section, name, type, Optional.of(fallback), false, help);
    }

    /** A setting without a default. */
    static <T> Setting<T> of(Section section, String name, ValueType<T> type, String help) {
        return new Setting<>(section, name, type, Optional.empty(), false, help);
    }

    /** A setting without a default that may be given several times. */
    static <T> Setting<T> many(Section section, String name, ValueType<T> type, String help) {
        return new Setting<>(section, name, type, Optional.empty(), true, help);
    }

    /** {@code --expose-host}. */
    public String flag() {
        return "--" + name;
    }

    /** {@code CULVERT_EXPOSE_HOST}, {@code CULVERT_AGENT_TOKEN_FILE}. */
    public String variable() {
        return (Environment.PREFIX + section.prefix("_") + name)
                .replace('-', '_')
                .toUpperCase(Locale.ROOT);
    }

    /** {@code expose-host}, {@code agent.token-file}. */
    public String key() {
        return section.prefix(".") + name;
    }

    /** True where the flag needs no value. */
    public boolean isSwitch() {
        return type.isSwitch();
    }

    /** The command that a setting belongs to. */
    public enum Section {
        SERVER,
        AGENT,
        EXPOSE,
        /** The commands that ask a server by its API: {@code tunnel}, {@code port}, {@code login} and so on. */
        CLIENT;

        /** Every setting of this command, in the order in which help texts show them. */
        public List<Setting<?>> settings() {
            return switch (this) {
                case SERVER -> ServerConfig.SETTINGS;
                case AGENT -> AgentConfig.SETTINGS;
                case EXPOSE -> ExposeConfig.SETTINGS;
                case CLIENT -> ClientConfig.SETTINGS;
            };
        }

        String prefix(String separator) {
            return this == SERVER ? "" : name().toLowerCase(Locale.ROOT) + separator;
        }
    }
}
