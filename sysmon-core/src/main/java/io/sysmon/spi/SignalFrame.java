package io.sysmon.spi;

/**
 * What the kernel puts on the stack before it runs the handler of a signal, where the code by which
 * handlers return has no unwind information, and is known by its instructions. Immutable.
 *
 * @param returnCode the instructions of that code, eight bytes as a word
 * @param registers the offset from the stack pointer at which the registers of the interrupted
 *     function are saved: eight bytes each, in the order of their DWARF numbers ({@link
 *     DwarfRegisters#names()}), and the instruction pointer behind them
 */
public record SignalFrame(long returnCode, int registers) {}
