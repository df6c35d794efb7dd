package io.culvert.web;

import io.culvert.web.http.ProblemType;
import java.nio.charset.StandardCharsets;

/** The page that every problem's {@code type} leads to, made of the types themselves. Stateless, any thread. */
final class ProblemPage {
    private static final String HEAD = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Culvert: problems</title>
            <link rel="icon" href="/ui/culvert.svg">
            <link rel="stylesheet" href="/ui/culvert.css">
            <link rel="stylesheet" href="/docs/docs.css">
            </head>
            <body class="docs">
            <header>
              <h1><img src="/ui/culvert.svg" alt="" width="28" height="28"> Problems</h1>
              <p>What /api/v1 answers when it does not do what it was asked</p>
              <a href="/docs">API</a>
            </header>
            <main>
            """;

    private ProblemPage() {}

    static byte[] html() {
        StringBuilder page = new StringBuilder(HEAD);
        for (ProblemType type : ProblemType.values()) {
            page.append("<section class=\"card problem\" id=\"")
                    .append(type.anchor())
                    .append("\"><h2>")
                    .append(type.title())
                    .append("</h2>\n<p><code>")
                    .append(type.uri())
                    .append("</code> · ")
                    .append(type.status())
                    .append("</p>\n<p>")
                    .append(type.explanation())
                    .append("</p></section>\n");
        }
        return page.append("</main>\n</body>\n</html>\n").toString().getBytes(StandardCharsets.UTF_8);
    }
}
