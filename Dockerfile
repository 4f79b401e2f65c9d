# An image with the command only:
#
#	docker build -t xiexus .
#	docker run --rm -e XIEXUS_API_KEY -u "$(id -u):$(id -g)" -v "$PWD:/videos" xiexus download task_abc
#
# Videos are saved in /videos. No history is kept, because it would end with the container;
# for "xiexus list", mount a directory and name it in XIEXUS_HISTORY. Where the default module
# proxy cannot be reached, add --build-arg GOPROXY=URL.

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG GOPROXY
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
# With .git, from which go build derives the version.
COPY . .
ARG TARGETOS
ARG TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
	CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
	go build -trimpath -tags timetzdata -ldflags='-s -w' -o /image/xiexus ./cmd/xiexus
RUN mkdir -m 1777 /image/tmp /image/videos

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /image /
ENV XIEXUS_HISTORY=off
USER 65532:65532
WORKDIR /videos
ENTRYPOINT ["/xiexus"]
