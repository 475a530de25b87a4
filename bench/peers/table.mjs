// Reads a whole file into columns with the engine that is named, on one thread,
// and looks at every value: table.mjs duckdb|polars chat|flat|csv|text FILE
import { createRequire } from 'node:module'

const [engine, kind, path] = process.argv.slice(2)
const json = kind === 'chat' || kind === 'flat'

async function duckdb() {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const db = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  const file = `'${path.replaceAll("'", "''")}'`
  const source = json ? `read_json(${file}, format = 'newline_delimited')`
    : kind === 'csv' ? `read_csv(${file}, header = true)`
    : `read_csv(${file}, columns = {'line': 'VARCHAR'}, header = false, delim = '\x01', quote = '', escape = '')`
  // a hash of each column needs each value, those in lists and structs too
  const result = await db.runAndReadAll(`SELECT count(*) AS records, bit_xor(hash(COLUMNS(*))) FROM ${source}`)
  return result.getRowsJson()[0][0]
}

async function polars() {
  process.env.POLARS_MAX_THREADS = '1'
  const pl = createRequire(import.meta.url)('nodejs-polars')
  // every value is in a column when the frame is there
  return (json ? pl.scanJson(path).collectSync() : pl.readCSV(path)).height
}

console.log(await { duckdb, polars }[engine](), 'records')
