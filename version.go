package xiexus

// Version is the version of this package, as sent in the User-Agent header.
const Version = "0.1.0"
