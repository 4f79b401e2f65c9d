package xiexus

// Version is the version of this package, as the User-Agent header tells it.
const Version = "0.1.0"
