/**
 * Services under load that tracers attach to and detach from: no request fails, and the services
 * are as they were. A few rounds are among the ordinary tests, a hundred of each service are run by
 * {@code mvn -Pservices test}.
 */
package io.sysmon.tests.services;
