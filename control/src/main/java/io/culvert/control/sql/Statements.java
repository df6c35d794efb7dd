package io.culvert.control.sql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.ParsedSql;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.TemplateEngine;

/** How the statements of this package are written: nothing in them is defined later, and parameters are {@code ?} or {@code :name}. Any thread. */
final class Statements implements SqlParser {
    /** A text, in which nothing is a parameter; or a parameter. PostgreSQL's {@code ::} is not used with Jdbi. */
    private static final Pattern PART = Pattern.compile("'[^']*'|\\?|:([A-Za-z]\\w*)");

    private Statements() {}

    /**
     * Jdbi for this database. Its own parsers are grammars, which each start would make ready for statements of two forms.
     */
    static Jdbi on(ConnectionFactory source) {
        Jdbi jdbi = Jdbi.create(source);
        jdbi.getConfig(SqlStatements.class)
                .setTemplateEngine(TemplateEngine.NOP)
                .setSqlParser(new Statements());
        return jdbi;
    }

    @Override
    public ParsedSql parse(String sql, StatementContext context) {
        ParsedSql.Builder parsed = ParsedSql.builder();
        Matcher part = PART.matcher(sql);
        int from = 0;
        while (part.find()) {
            parsed.append(sql.substring(from, part.start()));
            String name = part.group(1);
            if (name != null) {
                parsed.appendNamedParameter(name);
            } else if (part.group().equals("?")) {
                parsed.appendPositionalParameter();
            } else {
                parsed.append(part.group());
            }
            from = part.end();
        }
        return parsed.append(sql.substring(from)).build();
    }

    @Override
    public String nameParameter(String rawName, StatementContext context) {
        return ":" + rawName;
    }
}
