/**
 * What the tests share: C guests, a child JVM, outcomes of traced and untraced runs, a recording
 * listener, and the check that a test leaves nothing behind.
 */
package io.sysmon.tests.support;
