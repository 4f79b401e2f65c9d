# An image with the command only:
#
#	docker build -t xiexus .
#	docker run --rm -e XIEXUS_API_KEY -u "$(id -u):$(id -g)" -v "$PWD:/videos" xiexus download task_abc
#
# Videos are saved in /videos. Where the default module proxy cannot be reached, add
# --build-arg GOPROXY=URL.

FROM golang:1.26 AS build
ARG GOPROXY
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags='-s -w' -o /image/xiexus ./cmd/xiexus
RUN mkdir -m 1777 /image/tmp /image/videos

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /image /
USER 65532:65532
WORKDIR /videos
ENTRYPOINT ["/xiexus"]
