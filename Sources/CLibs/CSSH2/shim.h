#ifndef AHVAULT_CSSH2_SHIM_H
#define AHVAULT_CSSH2_SHIM_H

#include <libssh2.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

/* Names of what the headers of libssh2 have as macros only. */

static const int cssh2_again = LIBSSH2_ERROR_EAGAIN;
static const int cssh2_inbound = LIBSSH2_SESSION_BLOCK_INBOUND;
static const int cssh2_outbound = LIBSSH2_SESSION_BLOCK_OUTBOUND;

static inline int cssh2_init(void) { return libssh2_init(0); }

/* A session whose callbacks find `abstract`. */
static inline LIBSSH2_SESSION *cssh2_session(void *abstract) {
    return libssh2_session_init_ex(NULL, NULL, NULL, abstract);
}

static inline LIBSSH2_CHANNEL *cssh2_open_session_channel(LIBSSH2_SESSION *session, unsigned int window) {
    return libssh2_channel_open_ex(session, "session", 7, window, LIBSSH2_CHANNEL_PACKET_DEFAULT, NULL, 0);
}

static inline int cssh2_sftp_subsystem(LIBSSH2_CHANNEL *channel) {
    return libssh2_channel_process_startup(channel, "subsystem", 9, "sftp", 4);
}

static inline void cssh2_disconnect(LIBSSH2_SESSION *session) {
    libssh2_session_disconnect_ex(session, SSH_DISCONNECT_BY_APPLICATION, "done", "");
}

/* Answers every question of the server with the text that the session's abstract points to, as PAM asks for it. */
static void cssh2_answer(const char *name, int name_length, const char *instruction, int instruction_length, int count,
                         const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts, LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses,
                         void **abstract) {
    const char *password = abstract && *abstract ? (const char *)*abstract : "";
    (void)name, (void)name_length, (void)instruction, (void)instruction_length, (void)prompts;
    for (int index = 0; index < count; index++) {
        responses[index].text = strdup(password);
        responses[index].length = responses[index].text ? (unsigned int)strlen(password) : 0;
    }
}

static inline int cssh2_interactive(LIBSSH2_SESSION *session, const char *user, unsigned int length) {
    return libssh2_userauth_keyboard_interactive_ex(session, user, length, cssh2_answer);
}

static inline void cssh2_set_abstract(LIBSSH2_SESSION *session, void *value) {
    *libssh2_session_abstract(session) = value;
}

/* HMAC-SHA1 of 20 bytes, as known_hosts files hide names with it. */
static inline int cssh2_hmac_sha1(const void *key, int key_length, const void *text, size_t length, unsigned char *out) {
    unsigned int size = 0;
    return HMAC(EVP_sha1(), key, key_length, (const unsigned char *)text, length, out, &size) != NULL && size == 20;
}

#endif
