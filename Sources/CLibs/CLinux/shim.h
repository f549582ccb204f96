// Linux calls that Swift's Glibc module leaves out: sparse files and copies on write.
#pragma once
// Defines no feature macro: with one, these headers would disagree with Swift's own view of them.
#include <linux/falloc.h>
#include <linux/fs.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// Makes a range of a file a hole that reads as zero. Returns 0, or -1 with errno.
static inline int linux_punch_hole(int descriptor, off_t offset, off_t count) {
    return (int)syscall(SYS_fallocate, descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count);
}

// Copies bytes between two files inside the kernel. Returns the number copied, or -1 with errno.
static inline ssize_t linux_copy_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t count) {
    return (ssize_t)syscall(SYS_copy_file_range, from, from_offset, to, to_offset, count, 0u);
}

// Makes `to` share all blocks of `from` until one of them is written. Returns 0, or -1 with errno.
static inline int linux_clone_file(int to, int from) { return ioctl(to, FICLONE, from); }

// The first data, or the first hole, at or after `offset`. Returns -1 with errno ENXIO when there is none.
static inline off_t linux_seek_data(int descriptor, off_t offset) { return lseek(descriptor, offset, 3 /* SEEK_DATA */); }
static inline off_t linux_seek_hole(int descriptor, off_t offset) { return lseek(descriptor, offset, 4 /* SEEK_HOLE */); }

// The C library shows this one only to programs that ask for GNU extensions.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

// Lets a spawned program start without our descriptors from `first` on. Returns 0 or an error number.
static inline int linux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
