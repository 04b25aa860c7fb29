// Makes the Parquet fixtures with independent writers: parquet-wasm (the Rust crate parquet of Apache Arrow), @dsnp/parquetjs, hyparquet-writer.
import { mkdirSync, writeFileSync } from "node:fs";
import * as arrow from "apache-arrow";
import * as pq from "parquet-wasm/node";
import { parquetWriteBuffer } from "hyparquet-writer";
const out = process.argv[2];
mkdirSync(out, { recursive: true });
const { Field, Schema, Utf8, Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64, Float32, Float64, Bool, List, Struct, Map_, DateDay,
  TimestampMillisecond, TimestampMicrosecond, TimestampNanosecond, Decimal, Binary, FixedSizeBinary, Dictionary, TimeMillisecond, TimeMicrosecond, Float16 } = arrow;
const f = (name, type, nullable = true) => new Field(name, type, nullable);
const big = x => typeof x === "bigint" ? x : BigInt(x);
// JSON with whole numbers of any size and floats that keep their fraction: values are wrapped where JSON cannot say which they are.
class Raw { constructor(text) { this.text = text; } }
const raw = text => new Raw(text);
const float = x => x === null ? null : !Number.isFinite(x) ? null : raw(Number.isInteger(x) && Math.abs(x) < 1e15 ? (Object.is(x, -0) ? "-0.0" : x.toFixed(1)) : py(x));
const py = x => { const s = String(x); const m = /^(-?\d(?:\.\d+)?)e([+-])(\d+)$/.exec(s); return m ? `${m[1]}E${m[2]}${m[3].padStart(2, "0")}` : s; };
function json(v) {
  if (v instanceof Raw) return v.text;
  if (v === null || v === undefined) return "null";
  if (typeof v === "bigint") return String(v);
  if (Array.isArray(v)) return "[" + v.map(json).join(",") + "]";
  if (typeof v === "object") return "{" + Object.entries(v).map(([k, x]) => JSON.stringify(k) + ":" + json(x)).join(",") + "}";
  return JSON.stringify(v);
}
function expect(name, rows) { writeFileSync(`${out}/${name}.jsonl`, rows.map(json).join("\n") + "\n"); }
function table(fields, rows) {
  const schema = new Schema(fields);
  const data = arrow.vectorFromArray(rows, new Struct(fields));
  const batch = new arrow.RecordBatch(schema, data.data[0]);
  return new arrow.Table(schema, [batch]);
}
function write(name, t, configure) {
  const wasm = pq.Table.fromIPCStream(arrow.tableToIPC(t, "stream"));
  const bytes = pq.writeParquet(wasm, configure(new pq.WriterPropertiesBuilder()).build());
  writeFileSync(`${out}/${name}.parquet`, bytes);
  console.log(name, bytes.length);
}
let seed = 12345;
const random = n => { seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff; return (seed >>> 8) % n; };
const words = ["gemma", "opal", "jasper", "é", "", "lapis lazuli", "日本", "quartz \"q\"\n", "agate", "onyx \u{1F48E}"];
const pick = () => words[random(words.length)];

// flat: all kinds of values, with nulls.
const flatFields = [f("text", new Utf8()), f("label", new Dictionary(new Utf8(), new Int32())), f("i8", new Int8()), f("i16", new Int16()), f("i32", new Int32(), false), f("i64", new Int64()),
  f("u8", new Uint8()), f("u16", new Uint16()), f("u32", new Uint32()), f("u64", new Uint64()), f("f32", new Float32()), f("f64", new Float64()), f("flag", new Bool()),
  f("day", new DateDay()), f("ms", new TimestampMillisecond("UTC")), f("us", new TimestampMicrosecond()), f("bytes", new Binary()), f("fixed", new FixedSizeBinary(5))];
const flatRows = [], flatExpected = [];
const maybe = x => random(5) === 0 ? null : x;
for (let i = 0; i < 150; i++) {
  const day = random(60000) - 20000, ms = BigInt(random(1 << 22)) * 1234567n - 1000000000000n, us = BigInt(random(1 << 22)) * 987653n * 250n;
  const b = Uint8Array.from({ length: random(6) }, () => random(256)), x = Uint8Array.from({ length: 5 }, () => random(256));
  const r = { text: maybe(pick() + (i % 7 ? "" : " " + i)), label: maybe(words[random(4)]), i8: maybe(random(256) - 128), i16: maybe(random(65536) - 32768), i32: random(1 << 22) * (i % 2 ? 500 : -500),
    i64: maybe(BigInt(random(1 << 22)) * 2199023255551n * (i % 2 ? 1n : -1n)), u8: maybe(random(256)), u16: maybe(random(65536)), u32: maybe(4294967295 - random(1 << 22)), u64: maybe(18446744073709551615n - BigInt(random(1 << 22))),
    f32: maybe(Math.fround(random(1000) / 7)), f64: maybe(i % 50 === 0 ? NaN : i % 10 === 0 ? random(5) : (random(1 << 22) - (1 << 21)) / 3 * (i % 3 ? 1 : 1e-12)), flag: maybe(random(2) === 1),
    day: maybe(day), ms: maybe(ms), us: maybe(us), bytes: maybe(b), fixed: maybe(x) };
  flatRows.push({ ...r, day: r.day === null ? null : new Date(r.day * 86400000), ms: r.ms === null ? null : Number(r.ms), us: r.us === null ? null : Number(r.us) / 1000 });
  flatExpected.push({ ...r, f32: float(r.f32), f64: float(r.f64), day: r.day === null ? null : new Date(r.day * 86400000).toISOString().slice(0, 10),
    ms: r.ms === null ? null : new Date(Number(r.ms)).toISOString().replace(".000Z", "Z"),
    us: r.us === null ? null : new Date(Number(r.us / 1000n)).toISOString().slice(0, 19) + (r.us % 1000000n ? "." + String(r.us % 1000000n).padStart(6, "0") : ""),
    bytes: r.bytes === null ? null : Buffer.from(r.bytes).toString("base64"), fixed: r.fixed === null ? null : Buffer.from(r.fixed).toString("base64") });
}
expect("flat", flatExpected);
const codecs = { plain: pq.Compression.UNCOMPRESSED, snappy: pq.Compression.SNAPPY, gzip: pq.Compression.GZIP, brotli: pq.Compression.BROTLI, zstd: pq.Compression.ZSTD, lz4: pq.Compression.LZ4_RAW };
const flat = table(flatFields, flatRows);
const v1 = pq.WriterVersion.V1, v2 = pq.WriterVersion.V2;
for (const [name, codec] of Object.entries(codecs)) {
  write(`flat-${name}`, flat, b => b.setCompression(codec).setWriterVersion(name === "gzip" || name === "zstd" || name === "lz4" ? v2 : v1));
}
write("flat-pages", flat, b => b.setCompression(pq.Compression.SNAPPY).setMaxRowGroupSize(60).setDataPageSizeLimit(256).setWriteBatchSize(16).setDictionaryPageSizeLimit(64).setWriterVersion(v1));
write("flat-pages-v2", flat, b => b.setCompression(pq.Compression.SNAPPY).setMaxRowGroupSize(50).setDataPageSizeLimit(256).setWriteBatchSize(16).setDictionaryEnabled(false).setWriterVersion(v2));
const E = pq.Encoding;
const cols = { delta: [["i32", E.DELTA_BINARY_PACKED], ["i64", E.DELTA_BINARY_PACKED], ["i8", E.DELTA_BINARY_PACKED], ["text", E.DELTA_BYTE_ARRAY], ["bytes", E.DELTA_LENGTH_BYTE_ARRAY], ["flag", E.RLE], ["f32", E.BYTE_STREAM_SPLIT], ["f64", E.BYTE_STREAM_SPLIT], ["fixed", E.DELTA_BYTE_ARRAY]] };
for (const version of [v1, v2]) {
  write(version === v1 ? "flat-encodings" : "flat-encodings-v2", flat, b => { b = b.setCompression(pq.Compression.UNCOMPRESSED).setDictionaryEnabled(false).setWriterVersion(version);
    for (const [c, e] of cols.delta) { if (e !== undefined) b = b.setColumnEncoding(c, e); } return b; });
}

// nested: structs, lists, lists of structs, lists of lists, maps; null, empty and filled on every level.
const choice = new Struct([f("text", new List(f("item", new Utf8()))), f("label", new List(f("item", new Utf8())))]);
const deep = new List(f("item", new List(f("item", new Int32()))));
const people = new List(f("item", new Struct([f("name", new Utf8()), f("tags", new List(f("item", new Utf8()))), f("age", new Int32())])));
const map = new Map_(new Field("entries", new Struct([f("key", new Utf8(), false), f("value", new Int32())]), false));
const nestedFields = [f("id", new Int32(), false), f("choices", choice), f("deep", deep), f("people", people), f("counts", map), f("inner", new Struct([f("a", new Struct([f("b", new Int32())])), f("c", new Bool())]))];
const list = (n, make) => random(6) === 0 ? null : Array.from({ length: random(n) }, make);
const nestedRows = [], nestedExpected = [];
for (let i = 0; i < 80; i++) {
  const keys = random(4);
  const r = { id: i, choices: maybe({ text: list(5, () => maybe(pick())), label: list(5, () => words[random(4)]) }), deep: list(4, () => list(4, () => maybe(random(100)))),
    people: list(4, () => maybe({ name: maybe(pick()), tags: list(3, () => maybe(pick())), age: maybe(random(90)) })), counts: maybe(Array.from({ length: keys }, (_, k) => ["k" + k, maybe(random(10))])),
    inner: maybe({ a: maybe({ b: maybe(random(9)) }), c: maybe(random(2) === 0) }) };
  nestedRows.push({ ...r, counts: r.counts === null ? null : new Map(r.counts) });
  nestedExpected.push({ ...r, counts: r.counts === null ? null : r.counts.map(([key, value]) => ({ key, value })) });
}
expect("nested", nestedExpected);
const nested = table(nestedFields, nestedRows);
write("nested-v1", nested, b => b.setCompression(pq.Compression.SNAPPY).setWriterVersion(v1).setDataPageSizeLimit(200).setWriteBatchSize(8));
write("nested-v2", nested, b => b.setCompression(pq.Compression.ZSTD).setWriterVersion(v2).setMaxRowGroupSize(50));

// Types that the Arrow writer does not have, by hyparquet-writer.
const schema = (elements) => [{ name: "root", num_children: elements.length }, ...elements];
const uuid = i => `0f0e0d0c-0b0a-4908-8706-0504030201${(16 + i).toString(16)}`;
const n = 40, rows = Array.from({ length: n }, (_, i) => i);
writeFileSync(`${out}/types.parquet`, Buffer.from(parquetWriteBuffer({
  columnData: [
    { name: "uuid", data: rows.map(i => uuid(i)) },
    { name: "decimal", data: rows.map(i => (i - 20) / 8) },
    { name: "half", data: rows.map(i => i / 4 - 3) },
    { name: "json", data: rows.map(i => ({ a: i })) },
    { name: "time", data: rows.map(i => new Date(Date.UTC(1969, 11, 31, 23, 59, i, i * 7))) },
    { name: "double", data: rows.map(i => i / 3) },
  ],
  schema: schema([
    { name: "uuid", type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" }, repetition_type: "REQUIRED" },
    { name: "decimal", type: "FIXED_LEN_BYTE_ARRAY", type_length: 5, converted_type: "DECIMAL", scale: 3, precision: 9, repetition_type: "REQUIRED" },
    { name: "half", type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" }, repetition_type: "OPTIONAL" },
    { name: "json", type: "BYTE_ARRAY", converted_type: "JSON", repetition_type: "OPTIONAL" },
    { name: "time", type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "OPTIONAL" },
    { name: "double", type: "DOUBLE", repetition_type: "REQUIRED" },
  ]), rowGroupSize: 16,
})));
expect("types", rows.map(i => ({ uuid: uuid(i), decimal: raw(((i - 20) / 8).toFixed(3)), half: float(i / 4 - 3), json: JSON.stringify({ a: i }),
  time: new Date(Date.UTC(1969, 11, 31, 23, 59, i, i * 7)).toISOString().replace(".000Z", "Z"), double: float(i / 3) })));

// parquetjs: INT96 times, unannotated repeated groups, BROTLI, page V2 and V1.
import parquetjs from "@dsnp/parquetjs";
for (const v2 of [false, true]) {
  const s = new parquetjs.ParquetSchema({
    when2: { type: "TIMESTAMP_MICROS" },
    clock: { type: "TIME_MILLIS", optional: true },
    stock: { repeated: true, fields: { price: { type: "DOUBLE" }, quantity: { type: "INT64", optional: true, compression: "BROTLI" }, marks: { type: "UTF8", repeated: true, compression: "SNAPPY" } } },
  });
  const name = v2 ? "repeated-v2" : "repeated-v1";
  const w = await parquetjs.ParquetWriter.openFile(s, `${out}/${name}.parquet`, { useDataPageV2: v2 });
  w.setRowGroupSize(10);
  const expected = [];
  for (let i = 0; i < 25; i++) {
    const when = new Date(Date.UTC(2020, 1, 28, 23, 59, 30 + i, i * 11));
    const stock = Array.from({ length: i % 3 }, (_, k) => ({ price: i + k / 2, ...(k ? { quantity: i * k } : {}), marks: Array.from({ length: (i + k) % 3 }, (_, m) => `m${m}`) }));
    await w.appendRow({ when2: when, ...(i % 4 ? { clock: i * 1000003 } : {}), stock });
    const iso = when.toISOString().slice(0, -1), ms = when.getUTCMilliseconds(), t = i * 1000003;
    expected.push({ when2: iso.slice(0, 19) + (ms ? "." + String(ms).padStart(3, "0") + "000" : "") + "Z",
      clock: i % 4 ? new Date(t).toISOString().slice(11, 19) + (t % 1000 ? "." + String(t % 1000).padStart(3, "0") : "") : null,
      stock: stock.map(x => ({ price: float(x.price), quantity: x.quantity ?? null, marks: x.marks })) });
  }
  await w.close();
  if (!v2) expect("repeated", expected);
}

// Data to train on: conversations, Dolly's columns among nested ones, ready ids; some rows that cannot be used. The numbers start anew, so this part gives the same files by itself.
seed = 12345;
const message = new Struct([f("role", new Utf8()), f("content", new Utf8()), f("name", new Utf8())]);
const sayings = i => i === 4 ? null : i === 9 ? [] : i === 14 ? [{ role: "user", content: null, name: null }, { role: "assistant", content: "x", name: null }]
  : Array.from({ length: 2 + 2 * (i % 3) }, (_, k) => ({ role: k % 2 ? "assistant" : "user", content: `${pick()} ${i}.${k} ${pick()}`, name: i % 5 === 2 ? "n" : null }));
const messageRows = Array.from({ length: 40 }, (_, i) => ({ id: i, messages: sayings(i), about: i % 3 ? { topics: [pick(), null], score: float(i / 2) } : null }));
expect("messages", messageRows);
write("messages", table([f("id", new Int32(), false), f("messages", new List(f("item", message))), f("about", new Struct([f("topics", new List(f("item", new Utf8()))), f("score", new Float64())]))],
  messageRows.map((r, i) => ({ ...r, about: r.about && { ...r.about, score: i / 2 } }))), b => b.setCompression(pq.Compression.SNAPPY).setMaxRowGroupSize(16).setWriterVersion(v1));
const dollyRows = Array.from({ length: 40 }, (_, i) => ({ meta: i % 4 ? { tags: [pick()], source: { page: i } } : null, instruction: `Say ${pick()} ${i}`, context: i % 3 ? null : i % 2 ? "" : `About ${pick()}`,
  response: i === 7 ? null : i === 8 ? " " : `${pick()} it is ${i}`, category: words[i % 4] }));
expect("dolly", dollyRows);
write("dolly", table([f("meta", new Struct([f("tags", new List(f("item", new Utf8()))), f("source", new Struct([f("page", new Int32())]))])), f("instruction", new Utf8(), false), f("context", new Utf8()),
  f("response", new Utf8()), f("category", new Dictionary(new Utf8(), new Int32()))], dollyRows), b => b.setCompression(pq.Compression.ZSTD).setWriterVersion(v2));
const idRows = Array.from({ length: 40 }, (_, i) => { const ids = Array.from({ length: 3 + i % 5 }, () => random(900) + 1);
  return { input_ids: ids, attention_mask: ids.map((_, k) => k === 1 && i % 2 ? 0 : 1), labels: i === 3 ? null : ids.map((id, k) => k < 2 ? -100 : id) }; });
expect("ids", idRows);
write("ids", table([f("input_ids", new List(f("item", new Int32()))), f("attention_mask", new List(f("item", new Int8()))), f("labels", new List(f("item", new Int64())))],
  idRows.map(r => ({ ...r, labels: r.labels && r.labels.map(big) }))), b => b.setCompression(pq.Compression.UNCOMPRESSED).setWriterVersion(v1));
