# One static binary in an empty image, run by a user without rights.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN make static VERSION=$VERSION && mkdir -p /out/data && cp bin/stafett /out/stafett

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/stafett /stafett
COPY --from=build --chown=65532:65532 --chmod=0700 /out/data /data
USER 65532:65532
VOLUME /data
ENV STAFETT_DATABASE=/data/stafett.db STAFETT_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/stafett", "health"]
ENTRYPOINT ["/stafett"]
CMD ["serve"]
