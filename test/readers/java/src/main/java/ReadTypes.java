import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.Version;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Prints what parquet-java's record reader makes of each column of a Parquet file, read alone.
 *
 * <p>usage: ReadTypes FILE. One JSON object in the form of test/support/read_types.py, its values in the normal form of
 * test/support/readers.ts; a float is {"f": the hex of the double's bits}.
 */
public final class ReadTypes {
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    List<String> columns = new ArrayList<>();
    try (ParquetFileReader file = ParquetFileReader.open(new LocalInputFile(Path.of(args[0])))) {
      MessageType schema = file.getFooter().getFileMetaData().getSchema();
      for (Type field : schema.getFields()) {
        columns.add(quoted(field.getName()) + ": " + reading(Path.of(args[0]), new MessageType(schema.getName(), field)));
      }
    }
    out.println("{\"version\": " + quoted(Version.VERSION_NUMBER) + ", \"columns\": {" + String.join(", ", columns) + "}}");
    out.flush();
  }

  private static String reading(Path path, MessageType wanted) {
    try {
      return "{\"type\": " + quoted(typeName(wanted.getType(0))) + ", \"values\": [" + String.join(", ", values(path, wanted)) + "]}";
    } catch (Exception error) { // whatever the reader throws is what it makes of the column
      return "{\"error\": " + quoted(error.toString().lines().findFirst().orElse("")) + "}";
    }
  }

  private static List<String> values(Path path, MessageType wanted) throws Exception {
    List<String> values = new ArrayList<>();
    try (ParquetFileReader file = ParquetFileReader.open(new LocalInputFile(path))) {
      file.setRequestedSchema(wanted);
      for (PageReadStore pages = file.readNextRowGroup(); pages != null; pages = file.readNextRowGroup()) {
        RecordReader<Group> records = new ColumnIOFactory().getColumnIO(wanted).getRecordReader(pages, new GroupRecordConverter(wanted));
        for (long row = 0; row < pages.getRowCount(); row++) values.add(field(records.read(), 0));
      }
    }
    return values;
  }

  private static String typeName(Type type) {
    if (!type.isPrimitive()) {
      LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
      return logical == null ? "group" : logical.toString();
    }
    String physical = type.asPrimitiveType().getPrimitiveTypeName().name();
    return type.getLogicalTypeAnnotation() == null ? physical : type.getLogicalTypeAnnotation().toString();
  }

  /** A field that occurs at most once. */
  private static String field(Group group, int index) {
    if (group.getFieldRepetitionCount(index) == 0) return "null";
    Type type = group.getType().getType(index);
    if (type.isPrimitive()) return primitive(group, index, type);
    Group inner = group.getGroup(index, 0);
    String kind = type.getLogicalTypeAnnotation() == null ? "" : type.getLogicalTypeAnnotation().toString();
    if (kind.equals("LIST")) return list(inner);
    if (kind.equals("MAP")) return map(inner);
    GroupType members = type.asGroupType();
    if (members.getFieldCount() == 3 && members.containsField("months") && members.containsField("microseconds")) {
      return quoted(inner.getInteger(0, 0) + " mons " + inner.getInteger(1, 0) + " days " + inner.getLong(2, 0) + " us");
    }
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < members.getFieldCount(); i++) entries.add(quoted(members.getFieldName(i)) + ": " + field(inner, i));
    return "{" + String.join(", ", entries) + "}";
  }

  private static String list(Group list) {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) items.add(field(list.getGroup(0, i), 0));
    return "[" + String.join(", ", items) + "]";
  }

  private static String map(Group map) {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < map.getFieldRepetitionCount(0); i++) {
      Group entry = map.getGroup(0, i);
      entries.add(field(entry, 0) + ": " + field(entry, 1));
    }
    return "{" + String.join(", ", entries) + "}";
  }

  private static String primitive(Group group, int index, Type type) {
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> quoted(String.valueOf(group.getBoolean(index, 0)));
      case INT32 -> quoted(integer(group.getInteger(index, 0), logical, 32));
      case INT64 -> quoted(integer(group.getLong(index, 0), logical, 64));
      case FLOAT -> bits(group.getFloat(index, 0));
      case DOUBLE -> bits(group.getDouble(index, 0));
      default -> quoted(binary(group.getBinary(index, 0).getBytes(), logical));
    };
  }

  private static String integer(long value, LogicalTypeAnnotation logical, int width) {
    if (logical instanceof DecimalLogicalTypeAnnotation decimal) return decimal(BigInteger.valueOf(value), decimal);
    if (logical instanceof IntLogicalTypeAnnotation integer && !integer.isSigned()) {
      return width == 32 ? String.valueOf(value & 0xffffffffL) : Long.toUnsignedString(value);
    }
    if (logical instanceof TimeLogicalTypeAnnotation) return time(value);
    if (logical instanceof TimestampLogicalTypeAnnotation stamp) {
      long micros = Math.floorMod(value, 86_400_000_000L);
      return date(Math.floorDiv(value, 86_400_000_000L), " " + time(micros) + (stamp.isAdjustedToUTC() ? "+00" : ""));
    }
    if (logical instanceof LogicalTypeAnnotation.DateLogicalTypeAnnotation) return date(value, "");
    return String.valueOf(value);
  }

  private static String binary(byte[] bytes, LogicalTypeAnnotation logical) {
    String kind = logical == null ? "" : logical.toString();
    if (logical instanceof DecimalLogicalTypeAnnotation decimal) return decimal(new BigInteger(bytes), decimal);
    if (kind.equals("STRING") || kind.equals("JSON")) return new String(bytes, StandardCharsets.UTF_8);
    String hex = new BigInteger(1, bytes).toString(16);
    String digits = bytes.length == 0 ? "" : "0".repeat(bytes.length * 2 - hex.length()) + hex;
    return kind.equals("UUID") ? digits.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5") : "\\x" + digits;
  }

  private static String decimal(BigInteger unscaled, DecimalLogicalTypeAnnotation type) {
    return new BigDecimal(unscaled, type.getScale()).toPlainString();
  }

  private static String time(long micros) {
    long seconds = micros / 1_000_000;
    return String.format("%02d:%02d:%02d.%06d", seconds / 3600, seconds / 60 % 60, seconds % 60, micros % 1_000_000);
  }

  private static String date(long days, String time) {
    java.time.LocalDate date = java.time.LocalDate.ofEpochDay(days);
    int year = date.getYear();
    String text = String.format("%04d-%02d-%02d", year > 0 ? year : 1 - year, date.getMonthValue(), date.getDayOfMonth());
    return text + time + (year > 0 ? "" : " BC");
  }

  private static String bits(double value) {
    if (Double.isNaN(value)) return quoted("NaN");
    if (Double.isInfinite(value)) return quoted(value > 0 ? "Infinity" : "-Infinity");
    return String.format("{\"f\": \"%016x\"}", Double.doubleToRawLongBits(value));
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') json.append('\\').append(c);
      else if (c < 0x20) json.append(String.format("\\u%04x", (int) c));
      else json.append(c);
    }
    return json.append('"').toString();
  }
}
