#ifndef AHVAULT_CISAL_SHIM_H
#define AHVAULT_CISAL_SHIM_H

#include <isa-l/crc.h>
#include <isa-l/erasure_code.h>
#include <isa-l/igzip_lib.h>
#include <stddef.h>
#include <stdlib.h>

/* The states of deflate and inflate hold arrays that are too long for Swift to import: it sees pointers only. */

typedef struct {
    struct isal_zstream stream;
    uint8_t level_buffer[ISAL_DEF_LVL3_DEFAULT];
} cisal_deflater;

/* Memory for one deflater, or NULL. */
static inline void *cisal_deflater_make(void) { return calloc(1, sizeof(cisal_deflater)); }

/* Writes one whole stream; returns its bytes, or -1 when there was no room. Level 1 to 3; hist_bits 0 stands for 15. */
static inline ptrdiff_t cisal_deflate(
    void *memory, uint32_t level, int is_zlib, uint16_t hist_bits, const void *input, uint32_t input_count,
    void *output, uint32_t output_count) {
    cisal_deflater *deflater = (cisal_deflater *)memory;
    struct isal_zstream *stream = &deflater->stream;
    isal_deflate_stateless_init(stream);
    stream->level = level;
    stream->level_buf = deflater->level_buffer;
    stream->level_buf_size = sizeof deflater->level_buffer;
    stream->gzip_flag = is_zlib ? IGZIP_ZLIB : IGZIP_DEFLATE;
    stream->hist_bits = hist_bits;
    stream->end_of_stream = 1;
    stream->flush = NO_FLUSH;
    stream->next_in = (uint8_t *)input;
    stream->avail_in = input_count;
    stream->next_out = (uint8_t *)output;
    stream->avail_out = output_count;
    return isal_deflate_stateless(stream) == COMP_OK ? (ptrdiff_t)stream->total_out : -1;
}

/* Memory for one inflater, or NULL. */
static inline void *cisal_inflater_make(void) { return calloc(1, sizeof(struct inflate_state)); }

/* Reads one whole stream; returns the bytes that it became, or -1. What stands behind its end is not looked at. */
static inline ptrdiff_t cisal_inflate(
    void *memory, int is_zlib, const void *input, uint32_t input_count, void *output, uint32_t output_count) {
    struct inflate_state *state = (struct inflate_state *)memory;
    isal_inflate_init(state);
    state->crc_flag = is_zlib ? ISAL_ZLIB : ISAL_DEFLATE;
    state->next_in = (uint8_t *)input;
    state->avail_in = input_count;
    state->next_out = (uint8_t *)output;
    state->avail_out = output_count;
    if (isal_inflate_stateless(state) != ISAL_DECOMP_OK || state->block_state != ISAL_BLOCK_FINISH) return -1;
    return (ptrdiff_t)state->total_out;
}

#endif
