package faults_test

import "slices"

// group is a part of docs/faults.md: some calls meet some faults.
type group struct {
	title  string
	calls  []call
	faults []fault
}

// groups are the faults, in the order of docs/faults.md.
var groups = []group{
	{"Connections", calls, connectionFaults},
	{"Connections that are kept", slices.Concat(reads, creates[:1], downloads), idleFaults},
	{"Cut, slow and silent responses", calls, cutFaults},
	{"Lengths, chunks and encodings", calls, framingFaults},
	{"Not HTTP, or too much of it", calls, protocolFaults},
	{"Redirects", calls, redirectFaults},
	{"Responses of gateways, and none", calls, pageFaults},
	{"429 and 503 with every form of Retry-After", calls, pauseFaults},
	{"The API key", slices.Concat(reads, creates[:1]), keyFaults},
	{"Tasks that contradict themselves", reads, contradictions},
	{"Clocks and times", reads, clockFaults},
	{"Batches", []call{reads[1], reads[3]}, batchFaults},
	{"Videos", downloads, videoFaults},
	{"TLS", calls, tlsFaults},
	{"HTTP/2", calls, http2Faults},
}
