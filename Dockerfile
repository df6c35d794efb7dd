# Culvert in a container, started as its ancestor was:
#
#   ./dev build && docker build -t culvert .
#   docker run -it --net host -e EXPOSE_PORT=8080 -e AUTHORIZE_KEYS=... -v culvert-data:/app/data -v CERTS:/app/certification culvert
#
# BASE is any Debian or Ubuntu; where it has no Java 17 yet, it is given one.
ARG BASE=debian:bookworm-slim
FROM ${BASE}

RUN if ! command -v java > /dev/null; then \
        apt-get update \
        && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
        && rm -rf /var/lib/apt/lists/*; \
    fi \
    && useradd --uid 10001 --user-group --home-dir /app --no-create-home culvert \
    && install -d /app \
    && install -d -o culvert -g culvert -m 0700 /app/data

COPY app/target/culvert.jar app/src/main/launcher/culvert app/src/main/launcher/culvert-archive app/src/main/docker/entrypoint /app/
RUN /app/culvert-archive

WORKDIR /app
ENV CULVERT_DATA=/app/data
# API and page (EXPOSE_PORT moves them), and the port for agents. Exposes are 20000-29999 of the host: hence --net host.
EXPOSE 8000 7000
VOLUME /app/data
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/entrypoint"]
CMD ["server"]
