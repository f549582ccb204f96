#ifndef AHVAULT_CCURL_SHIM_H
#define AHVAULT_CCURL_SHIM_H

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

/* curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one typed function for each kind of
   argument. */

static inline CURLcode ccurl_set_long(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode ccurl_set_offset(CURL *curl, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode ccurl_set_string(CURL *curl, CURLoption option, const char *value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode ccurl_set_pointer(CURL *curl, CURLoption option, void *value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode ccurl_set_headers(CURL *curl, struct curl_slist *list) {
    return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
}

typedef size_t (*ccurl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ccurl_set_body_sink(CURL *curl, ccurl_sink sink, void *context) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, sink);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
}

static inline CURLcode ccurl_set_header_sink(CURL *curl, ccurl_sink sink, void *context) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, sink);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_HEADERDATA, context);
}

typedef int (*ccurl_progress)(void *context, curl_off_t download_total, curl_off_t downloaded, curl_off_t upload_total,
                              curl_off_t uploaded);

static inline CURLcode ccurl_set_progress(CURL *curl, ccurl_progress progress, void *context) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_XFERINFODATA, context);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static inline CURLcode ccurl_get_long(CURL *curl, CURLINFO info, long *value) {
    return curl_easy_getinfo(curl, info, value);
}

/* Trust by pinned certificate. The SHA-256 of the leaf's DER form must be one of `count` digests of 32 bytes each at
   `digests`; otherwise the handshake fails before a byte of the request is sent, and `seen` tells what was offered.
   The structure must outlive every transfer of the handle it is given to. */

#define CCURL_DIGEST_SIZE 32

struct ccurl_pins {
    const unsigned char *digests;
    size_t count;
    unsigned char seen[CCURL_DIGEST_SIZE];
    int has_seen;
    int is_refused;
};

static inline int ccurl_verify_pins(X509_STORE_CTX *store, void *context) {
    struct ccurl_pins *pins = (struct ccurl_pins *)context;
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    unsigned int size = 0;
    unsigned char digest[EVP_MAX_MD_SIZE];

    pins->has_seen = 0;
    pins->is_refused = 1;
    if (leaf != NULL && X509_digest(leaf, EVP_sha256(), digest, &size) == 1 && size == CCURL_DIGEST_SIZE) {
        memcpy(pins->seen, digest, CCURL_DIGEST_SIZE);
        pins->has_seen = 1;
        for (size_t index = 0; index < pins->count; index++) {
            if (memcmp(pins->digests + index * CCURL_DIGEST_SIZE, digest, CCURL_DIGEST_SIZE) == 0) {
                pins->is_refused = 0;
                X509_STORE_CTX_set_error(store, X509_V_OK);
                return 1;
            }
        }
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

static inline CURLcode ccurl_install_pins(CURL *curl, void *ssl_context, void *context) {
    (void)curl;
    SSL_CTX_set_cert_verify_callback((SSL_CTX *)ssl_context, ccurl_verify_pins, context);
    return CURLE_OK;
}

/* The chain and the host name are replaced by the pins; peer verification stays on, since it is what makes OpenSSL
   call the verification function and obey it. */
static inline CURLcode ccurl_set_pins(CURL *curl, struct ccurl_pins *pins) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, pins);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, ccurl_install_pins);
}

#endif
