package io.sysmon.monitor;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/** The users of this machine. */
final class Users {
  private Users() {}

  /**
   * Refuses the name of a user that there is not: whoever wrote it waits for what never happens.
   *
   * @throws BadPolicyException when there is no such user
   */
  static void require(String name) {
    try {
      var unused =
          FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
    } catch (UserPrincipalNotFoundException e) {
      throw new BadPolicyException("there is no user '" + name + "'");
    } catch (IOException e) {
      throw new BadPolicyException("user '" + name + "' cannot be looked up: " + e.getMessage());
    }
  }
}
