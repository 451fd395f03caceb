package io.sysmon.decode;

/**
 * One argument of a system call. Where a 64-bit value takes two registers of a 32-bit ABI, they are
 * one argument.
 *
 * @param name as manual pages call it
 * @param kind what its register holds
 * @param register the index of its (first) register, 0 to 5
 */
public record Argument(String name, Kind kind, int register) {}
