package io.sysmon.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Printers of what bpf(2) is given: {@code union bpf_attr} of linux/bpf.h, the same on every ABI,
 * of which a call passes as much as it knows of.
 */
final class BpfPrinters {
  private static final int MOST_BYTES = 128;

  /** The kernel takes no more than a page. */
  private static final int PAGE = 4096;

  private static final int NAME_SIZE = 16;

  /**
   * By commands. A field is {@code name:kind:offset}; those behind a bar are told when the size
   * that the call gives goes beyond where the first of them begins. A name with a colon at the end
   * is that of a structure of all fields. Kinds: u and U are numbers of 32 and 64 bits, x and X the
   * same in hexadecimal, d a descriptor, a an address, s the address of a string, n a name in
   * place, v a kernel's version, e=SET and f=SET constants, F=SET one of 64 bits.
   */
  private static final String[] SHAPES = {
    "0 map_type:e=bpf_map_type:0 key_size:u:4 value_size:u:8 max_entries:u:12"
        + " | map_flags:f=bpf_map_flags:16 | inner_map_fd:d:20 | map_name:n:28"
        + " | map_ifindex:u:44 | btf_fd:d:48 btf_key_type_id:u:52 btf_value_type_id:u:56"
        + " | btf_vmlinux_value_type_id:u:60 | map_extra:X:64",
    "1 map_fd:d:0 key:a:8 value:a:16 | flags:F=bpf_elem_flags:24",
    "2 map_fd:d:0 key:a:8 value:a:16 flags:F=bpf_elem_flags:24",
    "3 map_fd:d:0 key:a:8",
    "4 map_fd:d:0 key:a:8 next_key:a:16",
    "5 prog_type:e=bpf_prog_type:0 insn_cnt:u:4 insns:a:8 license:s:16"
        + " | log_level:u:24 log_size:u:28 log_buf:a:32 kern_version:v:40"
        + " prog_flags:f=bpf_prog_flags:44 | prog_name:n:48 | prog_ifindex:u:64"
        + " | expected_attach_type:e=bpf_attach_type:68 | prog_btf_fd:d:72 func_info_rec_size:u:76"
        + " func_info:a:80 func_info_cnt:u:88 line_info_rec_size:u:92 line_info:a:96"
        + " line_info_cnt:u:104 | attach_btf_id:u:108 | attach_prog_fd:d:112 | fd_array:a:120",
    "6,7 pathname:s:0 bpf_fd:d:8 | file_flags:f=bpf_file_flags:12",
    "8 target_fd:d:0 attach_bpf_fd:d:4 attach_type:e=bpf_attach_type:8"
        + " attach_flags:f=bpf_attach_flags:12 | replace_bpf_fd:d:16",
    "9 target_fd:d:0 attach_type:e=bpf_attach_type:8",
    "10 test: prog_fd:d:0 retval:u:4 data_size_in:u:8 data_size_out:u:12 data_in:a:16"
        + " data_out:a:24 repeat:u:32 duration:u:36",
    "13 prog_id:u:0 next_id:u:4 open_flags:f=bpf_file_flags:8",
    "14 map_id:u:0 next_id:u:4 open_flags:f=bpf_file_flags:8",
    "15 info: bpf_fd:d:0 info_len:u:4 info:a:8",
    "16 query: target_fd:d:0 attach_type:e=bpf_attach_type:4 query_flags:f=bpf_query_flags:8"
        + " attach_flags:f=bpf_attach_flags:12 prog_ids:a:16 prog_cnt:u:24",
    "17 raw_tracepoint: name:s:0 prog_fd:d:8",
    "18 btf:a:0 btf_log_buf:a:8 btf_size:u:16 btf_log_size:u:20 btf_log_level:u:24",
    "19 btf_id:u:0",
    "21 map_fd:d:0 key:a:8 value:a:16",
    "22 map_fd:d:0",
    "28 link_create: prog_fd:d:0 target_fd:d:4 attach_type:e=bpf_attach_type:8 flags:x:12",
    "29 link_update: link_fd:d:0 new_prog_fd:d:4 flags:x:8",
    "30 link_id:u:0",
  };

  private static final Map<Integer, Shape> BY_COMMAND = shapes();

  private record Field(String name, char kind, String set, int offset, int from) {}

  private record Shape(String structure, List<Field> fields) {}

  private BpfPrinters() {}

  /**
   * The commands that make a descriptor: MAP_CREATE, PROG_LOAD, OBJ_GET, …_GET_FD_BY_ID,
   * RAW_TRACEPOINT_OPEN, BTF_LOAD, LINK_CREATE, ENABLE_STATS and ITER_CREATE, linux/bpf.h.
   */
  private static final Set<Integer> OPENING = Set.of(0, 5, 7, 13, 14, 17, 18, 19, 28, 30, 32, 33);

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("bpf_attr", BpfPrinters::print);
  }

  private static Map<Integer, Shape> shapes() {
    Map<Integer, Shape> shapes = new HashMap<>();
    for (String text : SHAPES) {
      String[] words = text.split(" ", -1);
      String structure = words[1].endsWith(":") ? words[1].substring(0, words[1].length() - 1) : "";
      List<Field> fields = new ArrayList<>();
      int from = -1;
      boolean begins = false;
      for (String word : List.of(words).subList(structure.isEmpty() ? 1 : 2, words.length)) {
        if (word.equals("|")) {
          begins = true;
          continue;
        }
        String[] parts = word.split(":", -1);
        int offset = Integer.parseInt(parts[2]);
        from = begins ? offset : from;
        begins = false;
        String set = parts[1].substring(Math.min(2, parts[1].length()));
        fields.add(new Field(parts[0], parts[1].charAt(0), set, offset, from));
      }
      for (String command : words[0].split(",", -1)) {
        shapes.put(Integer.valueOf(command), new Shape(structure, List.copyOf(fields)));
      }
    }
    return shapes;
  }

  /** Appends the result, by the command. */
  static void result(PrintContext context) {
    if (OPENING.contains((int) context.call.register(0))) {
      context.descriptor((int) context.result());
    } else {
      context.out.append((int) context.result());
    }
  }

  private static void print(PrintContext context, Argument argument) {
    long address = context.register(argument);
    long size = context.reference(argument.kind(), "len", 0) & 0xffff_ffffL;
    Shape shape = BY_COMMAND.get((int) context.reference(argument.kind(), "by", 0));
    byte[] given = size > PAGE ? null : context.bytes(address, (int) Math.min(MOST_BYTES, size));
    if (shape == null || given == null || size == 0) {
      context.address(address);
      return;
    }
    StructBytes attributes = new StructBytes(Arrays.copyOf(given, MOST_BYTES), 0, context.abi);
    if (shape.structure.isEmpty()) {
      fields(context, shape, attributes, size);
    } else {
      new FieldText(context).value(shape.structure, c -> fields(c, shape, attributes, size)).end();
    }
  }

  private static void fields(PrintContext context, Shape shape, StructBytes attributes, long size) {
    FieldText fields = new FieldText(context);
    for (Field field : shape.fields) {
      if (size > field.from) {
        field(fields, field, attributes);
      }
    }
    fields.end();
  }

  private static void field(FieldText fields, Field field, StructBytes attributes) {
    String name = field.name;
    int offset = field.offset;
    switch (field.kind) {
      case 'u' -> fields.unsigned(name, attributes.u32(offset));
      case 'x' -> fields.hex(name, attributes.u32(offset));
      case 'X' -> fields.hex(name, attributes.i64(offset));
      case 'd' -> fields.descriptor(name, attributes.i32(offset));
      case 'a' -> fields.address(name, attributes.i64(offset));
      case 'e' -> fields.constant(name, field.set, attributes.u32(offset));
      case 'f' -> fields.flags(name, field.set, attributes.u32(offset));
      case 'F' -> fields.constant(name, field.set, attributes.i64(offset));
      case 'n' -> fields.value(name, c -> nameInPlace(c, attributes, offset));
      case 'v' -> fields.value(name, c -> version(c, attributes.i32(offset)));
      default ->
          fields.value(
              name, c -> StringPrinters.string(c, attributes.i64(offset), c.options.stringLimit()));
    }
  }

  private static void nameInPlace(PrintContext context, StructBytes attributes, int offset) {
    byte[] name = new byte[NAME_SIZE];
    int length = 0;
    while (length < NAME_SIZE && attributes.u8(offset + length) != 0) {
      name[length] = (byte) attributes.u8(offset + length);
      length++;
    }
    context.quote(name, 0, length);
  }

  private static void version(PrintContext context, int version) {
    context
        .out
        .append("KERNEL_VERSION(")
        .append(version >>> 16)
        .append(", ")
        .append(version >>> 8 & 0xff)
        .append(", ")
        .append(version & 0xff)
        .append(')');
  }
}
