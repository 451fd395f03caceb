package io.sysmon.decode;

/**
 * {@code struct new_utsname}, uname(2): six fields of 65 bytes.
 *
 * @param system {@code Linux}
 * @param node the host's name
 * @param release the kernel's, such as {@code 6.1.0-18-amd64}
 * @param version which build of that release it is
 * @param machine the CPU, such as {@code x86_64}
 * @param domain the host's NIS domain
 */
public record UtsName(
    Bytes system, Bytes node, Bytes release, Bytes version, Bytes machine, Bytes domain) {
  private static final int FIELD = 65;

  static final int SIZE = 6 * FIELD;

  static UtsName of(StructBytes names) {
    return new UtsName(
        field(names, 0),
        field(names, 1),
        field(names, 2),
        field(names, 3),
        field(names, 4),
        field(names, 5));
  }

  private static Bytes field(StructBytes names, int index) {
    return names.string(index * FIELD, FIELD - 1);
  }
}
