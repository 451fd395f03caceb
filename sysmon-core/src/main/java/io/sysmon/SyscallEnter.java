package io.sysmon;

/** A task that is about to make a system call. */
public interface SyscallEnter extends SyscallStop {}
