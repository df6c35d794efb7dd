package io.culvert.app;

import static io.culvert.app.process.HelpStyle.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What help says, apart from the options, which tell about themselves. Any thread. */
final class HelpTexts {
    private HelpTexts() {}

    static CommandSpec root() {
        CommandSpec spec = command(
                "culvert",
                "Reverse tunnels that an API leases: a port of a public server leads to a service behind NAT,"
                        + " for as long as somebody wants it.");
        spec.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Print the version.")
                .build());
        spec.usageMessage()
                .customSynopsis("culvert COMMAND [OPTIONS]", "       culvert COMMAND --help")
                .commandListHeading("%nCommands:%n")
                .footer(
                        "",
                        "Examples:",
                        "  culvert server                                  API on 127.0.0.1:8000, agents on port 7000",
                        "  culvert expose 8080 --key-file data/admin.key   a public port for a local one, until Ctrl-C",
                        "  culvert login --server http://127.0.0.1:8000    keep an API key for the next two",
                        "  culvert tunnel list                             what there is; see culvert tunnel --help",
                        "  culvert port list                               which ports are whose",
                        "",
                        "Exit codes: 0 done; 1 something did not work, or the server does not answer; 2 command line or",
                        "configuration at fault, nothing was done; 3 refused by the server, no such tunnel, or it has ended;",
                        "130 and 143 after Ctrl-C and SIGTERM.");
        return spec;
    }

    static CommandSpec server() {
        CommandSpec spec =
                command("server", "Run the server: the API, the public ports and the port that agents connect to.");
        spec.usageMessage()
                .footer(
                        "",
                        "Each option can also stand in the environment, under the name in brackets, or in the YAML file, by its",
                        "name without dashes ('http: 127.0.0.1:8000'). A flag beats the environment, which beats the file.",
                        "Port 0 asks the system for a free one. Two variables more: AUTHORIZE_KEYS (API keys, separated by",
                        "commas) and EXPOSE_PORT (a container's HTTP port: http 0.0.0.0:PORT unless http is set).",
                        "CULVERT_LOG is debug, info or warn.",
                        "",
                        "Clients of goproxy that are out already stay connected where --bridge-cert and --bridge-key are the pair they",
                        "have; without the two, certification/proxy.crt and .key are used where both exist, in the working directory",
                        "or beside DATA.",
                        "",
                        "Tunnels are kept in a SQLite file in DATA, or, with --db, in PostgreSQL, which one server has for itself. No",
                        "password stands in --db; where neither file nor variable has it, it is looked for in the file PGPASSFILE.",
                        "While the database is away, changes are refused; tunnels and leases go on.",
                        "",
                        "The first start writes an API key to DATA/admin.key and tells where it is. Logs go to standard error.",
                        "SIGTERM and Ctrl-C stop the server in order, within ten seconds.",
                        "",
                        "Examples:",
                        "  culvert server",
                        "  culvert server --data /var/lib/culvert --http [::1]:8000 --ports 20000-20999",
                        "  culvert server --http 127.0.0.1:0 --bridge 127.0.0.1:0 --ports 0 --print-ready",
                        "  culvert server --import permanent.json",
                        "  culvert server --db-password-file pw --db 'jdbc:postgresql://db.example/culvert?user=me&sslmode=verify-full'");
        return spec;
    }

    static CommandSpec agent() {
        CommandSpec spec = command(
                "agent",
                "Serve one tunnel from inside: connect to the server, and lead its visitors to their targets.");
        spec.usageMessage()
                .footer(
                        "",
                        "The join token is the answer's 'join' when a tunnel is created, or when a further token is; it serves that",
                        "tunnel and nothing else, and pins the server's identity. A further token is exchanged for a credential at",
                        "the first connection; --credential-file keeps that, readable by its owner alone, and renews it.",
                        "The agent reconnects for ever; it ends (exit code 3) when the tunnel or what it was let in by does.",
                        "In the environment and in the file: the names in brackets, and a section 'agent:'.",
                        "",
                        "Examples:",
                        "  culvert agent --server example.org:7000 --token-file ssh.token",
                        "  culvert agent --server example.org:7000 --token-file - --allow 127.0.0.1:22 < ssh.token");
        return spec;
    }

    static CommandSpec expose() {
        CommandSpec spec = command(
                "expose",
                "Give a local service a public port: create a tunnel, be its agent, renew its lease until Ctrl-C, remove it.");
        spec.usageMessage()
                .footer(
                        "",
                        "Prints the public address as soon as it works. When this process dies unseen, the tunnel ends by itself",
                        "after --ttl. A restart of the server is waited for.",
                        "In the environment and in the file: the names in brackets, and a section 'expose:'.",
                        "",
                        "Examples:",
                        "  culvert expose 8080 --key-file data/admin.key",
                        "  culvert expose 53 --udp --key-file data/admin.key",
                        "  culvert expose 192.168.1.7:22 --server https://tunnels.example.org --key-file key --port 22022");
        return spec;
    }

    static CommandSpec cert() {
        CommandSpec spec = command(
                "cert",
                "Show the server's pin, its CA and its certificate, with their dates. No key is read or shown.");
        spec.usageMessage().footer("", "Examples:", "  culvert cert", "  culvert cert --data /var/lib/culvert");
        return spec;
    }

    static CommandSpec completion() {
        CommandSpec spec = command(
                "completion", "Print a script by which a shell completes the commands and options of 'culvert'.");
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  source <(culvert completion bash)                                    for this shell",
                        "  culvert completion bash > ~/.local/share/bash-completion/completions/culvert",
                        "  culvert completion zsh > ~/.culvert.zsh && echo 'source ~/.culvert.zsh' >> ~/.zshrc");
        return spec;
    }

    static CommandSpec version() {
        return command("version", "Print the version of Culvert and of the Java that runs it.");
    }

    static CommandSpec demo() {
        CommandSpec spec = command("demo", "Show a tunnel's life on this machine, step by step.");
        spec.usageMessage().hidden(true);
        return spec;
    }
}
