#ifndef AHVAULT_CISCSI_SHIM_H
#define AHVAULT_CISCSI_SHIM_H

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <sys/eventfd.h>

/* libiscsi's own enums come to Swift as distinct types; statuses also travel as plain int. These names join the two. */

static const int ciscsi_status_good = SCSI_STATUS_GOOD;
static const int ciscsi_status_check_condition = SCSI_STATUS_CHECK_CONDITION;
static const int ciscsi_status_condition_met = SCSI_STATUS_CONDITION_MET;
static const int ciscsi_status_busy = SCSI_STATUS_BUSY;
static const int ciscsi_status_task_set_full = SCSI_STATUS_TASK_SET_FULL;
static const int ciscsi_status_task_aborted = SCSI_STATUS_TASK_ABORTED;
static const int ciscsi_status_redirect = SCSI_STATUS_REDIRECT;
static const int ciscsi_status_timeout = SCSI_STATUS_TIMEOUT;

static inline int ciscsi_sense_key(const struct scsi_task *task) { return (int)task->sense.key; }

static inline int ciscsi_sense_code(const struct scsi_task *task) { return task->sense.ascq; }

/* Bytes that the target said it did not send or take, 0 if it moved exactly what was asked. */
static inline size_t ciscsi_missing(const struct scsi_task *task) {
    return task->residual_status == SCSI_RESIDUAL_UNDERFLOW ? task->residual : 0;
}

/* A descriptor that one thread makes readable to wake another, -1 if there is none left. */
static inline int ciscsi_bell(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

#endif
